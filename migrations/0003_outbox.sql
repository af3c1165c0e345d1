-- Who has to be told of an alert, and what became of it; and how far an alert that nobody acknowledges has climbed.

ALTER TABLE alerts ADD COLUMN acknowledged_at BIGINT;
ALTER TABLE alerts ADD COLUMN acknowledged_by TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN escalation_level BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN escalate_at BIGINT;

CREATE INDEX alerts_to_escalate ON alerts (escalate_at) WHERE escalate_at IS NOT NULL;

-- notification_id is also the idempotency key. next_attempt_at is when a worker may take the row: of a leased one, when
-- its lease ends. severity as in alerts.
CREATE TABLE outbox (
    notification_id   TEXT PRIMARY KEY NOT NULL,
    alert_id          TEXT NOT NULL REFERENCES alerts (alert_id) ON DELETE CASCADE,
    call_session_id   TEXT NOT NULL,
    channel           TEXT NOT NULL,
    recipient         TEXT NOT NULL,
    severity          SMALLINT NOT NULL,
    level             BIGINT NOT NULL,
    is_backup         SMALLINT NOT NULL,
    not_before        BIGINT NOT NULL,
    state             TEXT NOT NULL,
    attempts          BIGINT NOT NULL,
    next_attempt_at   BIGINT NOT NULL,
    leased_by         TEXT NOT NULL,
    last_error        TEXT NOT NULL,
    receipt           TEXT NOT NULL,
    created_at        BIGINT NOT NULL,
    settled_at        BIGINT
);

CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE state IN ('queued', 'leased');
CREATE INDEX outbox_by_age ON outbox (created_at, notification_id);
CREATE INDEX outbox_by_state ON outbox (state, created_at, notification_id);
CREATE INDEX outbox_by_alert ON outbox (alert_id, created_at, notification_id);
