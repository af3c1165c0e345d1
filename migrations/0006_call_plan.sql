-- The call plan: each attempt to reach a patient is a call of its own, linked to the first one. dialled_at is when
-- Twilio was asked; plan_open is 1 until it is decided what follows the call's end.

ALTER TABLE calls ADD COLUMN retry_of TEXT;
ALTER TABLE calls ADD COLUMN attempt BIGINT NOT NULL DEFAULT 1;
ALTER TABLE calls ADD COLUMN dialled_at BIGINT;
ALTER TABLE calls ADD COLUMN plan_open SMALLINT NOT NULL DEFAULT 0;

-- An attempt is planned once, however many instances decide about it.
CREATE UNIQUE INDEX calls_by_attempt ON calls (retry_of, attempt);
CREATE INDEX calls_due ON calls (scheduled_at) WHERE status = 'scheduled';
CREATE INDEX calls_to_settle ON calls (ended_at) WHERE plan_open = 1;
CREATE INDEX calls_by_dial ON calls (dialled_at);
