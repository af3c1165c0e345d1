-- The records of turns that are stored already, so that one whose answer was lost on the way can be sent again.

CREATE TABLE turn_records (
    call_session_id   TEXT NOT NULL REFERENCES calls (call_session_id) ON DELETE CASCADE,
    record_key        TEXT NOT NULL,
    sequences         TEXT NOT NULL,  -- JSON: the numbers its turns were given
    PRIMARY KEY (call_session_id, record_key)
);
