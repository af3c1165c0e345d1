-- Recordings of calls: at most one a call, made only with consent. A row outlives its call and its patient until the
-- audio is gone here and at Twilio, so it refers to neither. next_attempt_at is when a worker may take the row: of a
-- leased one, when its lease ends. store_id is the folder that keeps the audio.
CREATE TABLE recordings (
    call_session_id   TEXT PRIMARY KEY NOT NULL,
    patient_id        TEXT NOT NULL,
    call_sid          TEXT NOT NULL,
    recording_sid     TEXT NOT NULL,
    state             TEXT NOT NULL,
    store_id          TEXT NOT NULL,
    duration_seconds  BIGINT,
    words             BIGINT NOT NULL,
    word_agreement    DOUBLE PRECISION,
    asked_at          BIGINT NOT NULL,
    settled_at        BIGINT,
    attempts          BIGINT NOT NULL,
    next_attempt_at   BIGINT NOT NULL,
    leased_by         TEXT NOT NULL,
    last_error        TEXT NOT NULL
);

CREATE INDEX recordings_due ON recordings (state, next_attempt_at);
CREATE INDEX recordings_by_patient ON recordings (patient_id);

-- Where the words behind an alert were heard: "call", or "recording" afterwards.
ALTER TABLE alert_evidence ADD COLUMN source TEXT NOT NULL DEFAULT 'call';
