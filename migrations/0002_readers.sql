-- Who found what is behind an alert ("rules", "semantic", "model"), and what a reader beside the rules went by.

ALTER TABLE alert_evidence ADD COLUMN reader TEXT NOT NULL DEFAULT 'rules';
ALTER TABLE alert_evidence ADD COLUMN basis TEXT NOT NULL DEFAULT '';
