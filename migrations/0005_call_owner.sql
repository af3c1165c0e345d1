-- Which instance follows a live call. The epoch grows with each owner: what an old one writes later is refused.

ALTER TABLE calls ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN owner_epoch BIGINT NOT NULL DEFAULT 0;
