-- What people did about an alert: who took it, who settled it, when, and what they wrote. status is what the alert
-- became; empty for a note alone. acknowledged_at and acknowledged_by of alerts stay what escalation goes by.

CREATE TABLE alert_actions (
    alert_id          TEXT NOT NULL REFERENCES alerts (alert_id) ON DELETE CASCADE,
    position          BIGINT NOT NULL,
    acted_at          BIGINT NOT NULL,
    acted_by          TEXT NOT NULL,
    status            TEXT NOT NULL,
    note              TEXT NOT NULL,
    PRIMARY KEY (alert_id, position)
);
