-- Brings an empty file (version 0) to version 1. Bodies are msgpack (router/shard/codec.py);
-- the other columns are what rows are found by.

-- One row: where the inbox and the log stand, and who writes.
CREATE TABLE shard (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    cursor INTEGER NOT NULL,
    position INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    token TEXT,
    holder TEXT,
    alive_at_ms INTEGER
);
INSERT INTO shard VALUES (1, 0, 0, 0, NULL, NULL, NULL);

-- With a rowid, because ids are random: new records are appended, only the index is scattered.
CREATE TABLE records (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    is_hot INTEGER NOT NULL,
    expires_at_ms INTEGER,
    body BLOB NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX records_hot ON records (is_hot) WHERE is_hot;
CREATE INDEX records_expiring ON records (expires_at_ms) WHERE expires_at_ms IS NOT NULL;

-- Without a rowid, because a page of a transcript is read as one run.
CREATE TABLE messages (
    conversation TEXT NOT NULL,
    seq INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (conversation, seq)
) WITHOUT ROWID;

CREATE TABLE answers (
    request BLOB NOT NULL UNIQUE,
    expires_at_ms INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX answers_expiring ON answers (expires_at_ms);

CREATE TABLE closings (
    agent TEXT NOT NULL,
    ended_at_ms INTEGER NOT NULL,
    contact TEXT NOT NULL,
    PRIMARY KEY (agent, ended_at_ms, contact)
) WITHOUT ROWID;
