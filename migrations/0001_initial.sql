-- What the service remembers: patients, their calls, and all that hangs on a call.
-- Written in the common subset of SQLite and PostgreSQL. Times are milliseconds since 1970-01-01T00:00:00Z, dates are
-- YYYY-MM-DD, flags are 0 or 1, columns marked JSON hold JSON as text. NULL means "not known".

CREATE TABLE patients (
    patient_id        TEXT PRIMARY KEY NOT NULL,
    first_name        TEXT NOT NULL,
    last_name         TEXT NOT NULL,
    date_of_birth     TEXT NOT NULL,
    phone             TEXT NOT NULL,
    procedure         TEXT NOT NULL,
    procedure_family  TEXT NOT NULL,
    surgery_date      TEXT,
    time_zone         TEXT NOT NULL,
    language          TEXT NOT NULL,
    medications       TEXT NOT NULL,  -- JSON
    lives_alone       SMALLINT NOT NULL,
    consent_calls     SMALLINT NOT NULL,
    consent_recording SMALLINT NOT NULL,
    consent_voicemail SMALLINT NOT NULL,
    caregiver         TEXT,           -- JSON
    care_team         TEXT,           -- JSON
    opted_out         SMALLINT NOT NULL
);

CREATE TABLE calls (
    call_session_id   TEXT PRIMARY KEY NOT NULL,
    call_sid          TEXT UNIQUE,
    patient_id        TEXT NOT NULL REFERENCES patients (patient_id) ON DELETE CASCADE,
    call_type         TEXT NOT NULL,
    mode              TEXT NOT NULL,
    status            TEXT NOT NULL,
    answered_by       TEXT,
    outcome           TEXT NOT NULL,
    request_body      TEXT NOT NULL,  -- JSON, compared byte for byte
    prior_pain_scores TEXT NOT NULL,  -- JSON
    stream_token      TEXT NOT NULL,
    dialogue_state    TEXT NOT NULL,  -- JSON
    current_topic     TEXT NOT NULL,
    topics            TEXT NOT NULL,  -- JSON
    summary           TEXT NOT NULL,
    failure           TEXT NOT NULL,
    created_at        BIGINT NOT NULL,
    scheduled_at      BIGINT,
    answered_at       BIGINT,
    ended_at          BIGINT,
    cost_usd          DOUBLE PRECISION
);

CREATE INDEX calls_by_age ON calls (created_at, call_session_id);
CREATE INDEX calls_by_patient ON calls (patient_id, created_at, call_session_id);
CREATE INDEX calls_by_status ON calls (status, created_at, call_session_id);

-- Signals as they came. The key makes a repeat harmless; the sequence keeps the order of arrival.
CREATE TABLE call_events (
    call_session_id   TEXT NOT NULL REFERENCES calls (call_session_id) ON DELETE CASCADE,
    event_key         TEXT NOT NULL,
    sequence          BIGINT NOT NULL,
    kind              TEXT NOT NULL,
    detail            TEXT NOT NULL,  -- JSON
    received_at       BIGINT NOT NULL,
    PRIMARY KEY (call_session_id, event_key),
    UNIQUE (call_session_id, sequence)
);

CREATE TABLE turns (
    call_session_id   TEXT NOT NULL REFERENCES calls (call_session_id) ON DELETE CASCADE,
    sequence          BIGINT NOT NULL CHECK (sequence > 0),
    speaker           TEXT NOT NULL,
    topic             TEXT NOT NULL,
    words             TEXT NOT NULL,
    started_at        BIGINT NOT NULL,
    ended_at          BIGINT NOT NULL,
    confidence        DOUBLE PRECISION,
    audio_ms          BIGINT,
    interrupted       SMALLINT NOT NULL,
    PRIMARY KEY (call_session_id, sequence)
);

-- The latest value of each fact; turn_sequence is the turn that taught it, 0 when no turn had been stored.
CREATE TABLE facts (
    call_session_id   TEXT NOT NULL REFERENCES calls (call_session_id) ON DELETE CASCADE,
    name              TEXT NOT NULL,
    fact_value        TEXT NOT NULL,  -- JSON
    turn_sequence     BIGINT NOT NULL,
    learned_at        BIGINT NOT NULL,
    PRIMARY KEY (call_session_id, name)
);

-- Every fact as it was learned, before it was merged with what was known.
CREATE TABLE fact_history (
    call_session_id   TEXT NOT NULL REFERENCES calls (call_session_id) ON DELETE CASCADE,
    sequence          BIGINT NOT NULL,
    name              TEXT NOT NULL,
    fact_value        TEXT NOT NULL,  -- JSON
    turn_sequence     BIGINT NOT NULL,
    learned_at        BIGINT NOT NULL,
    PRIMARY KEY (call_session_id, sequence)
);

-- One alert per call and type. severity: 0 low, 1 moderate, 2 high, 3 urgent, 4 critical, so that it can be compared.
CREATE TABLE alerts (
    alert_id          TEXT PRIMARY KEY NOT NULL,
    call_session_id   TEXT NOT NULL REFERENCES calls (call_session_id) ON DELETE CASCADE,
    patient_id        TEXT NOT NULL REFERENCES patients (patient_id) ON DELETE CASCADE,
    alert_type        TEXT NOT NULL,
    severity          SMALLINT NOT NULL,
    status            TEXT NOT NULL,
    raised_at         BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    UNIQUE (call_session_id, alert_type)
);

CREATE INDEX alerts_by_age ON alerts (raised_at, alert_id);
CREATE INDEX alerts_by_status ON alerts (status, raised_at, alert_id);
CREATE INDEX alerts_by_patient ON alerts (patient_id);

CREATE TABLE alert_evidence (
    alert_id          TEXT NOT NULL REFERENCES alerts (alert_id) ON DELETE CASCADE,
    position          BIGINT NOT NULL,
    words             TEXT NOT NULL,
    audio_ms          BIGINT,
    rule              TEXT NOT NULL,
    rule_version      BIGINT NOT NULL,
    PRIMARY KEY (alert_id, position)
);
