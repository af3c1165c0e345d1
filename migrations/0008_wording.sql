-- Where the assistant's words came from ("fixed", "ours", "model"), why not from a model, and how long that one took.
-- NULL in turns of the patient and in those stored before.

ALTER TABLE turns ADD COLUMN wording TEXT;
ALTER TABLE turns ADD COLUMN fallback TEXT;
ALTER TABLE turns ADD COLUMN breach TEXT;
ALTER TABLE turns ADD COLUMN model_ms BIGINT;
