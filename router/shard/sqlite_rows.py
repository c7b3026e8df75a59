"""The statements of the SQLite engine: each function is the inside of one transaction."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence

from router.kernel.ids import AgentId, ConversationId
from router.kernel.model import AnyRecord, ContactRecord, Key, key_of
from router.shard.codec import decode_kept, decode_message, decode_record, encode
from router.shard.engine import (
    Batch,
    Cursor,
    FencedOut,
    Fetched,
    Kept,
    Lease,
    Loaded,
    Page,
    Position,
)

EXPIRED_MAX = 256
"""Rows of a kind deleted in one commit: more than a batch writes, so that none pile up, and few
enough that a backlog does not hold up the commit."""

SEQ_MAX = 2**63 - 1

ROWS_AT_ONCE = (64, 8, 1)
"""Rows in one statement; of few sizes, so that each is prepared once."""

FIRST_MESSAGES = (
    "SELECT body FROM messages WHERE conversation = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?"
)
LAST_MESSAGES = (
    "SELECT body FROM messages WHERE conversation = ? AND seq > ? AND seq < ?"
    " ORDER BY seq DESC LIMIT ?"
)

DELETE_EXPIRED = (
    "DELETE FROM {table} WHERE rowid IN"
    " (SELECT rowid FROM {table} WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)"
)


def acquire(connection: sqlite3.Connection, *, holder: str, nonce: str) -> Lease:
    """Raise the epoch and hand out its token."""
    epoch, alive_at_ms = connection.execute("SELECT epoch, alive_at_ms FROM shard").fetchone()
    lease = Lease(token=f"{epoch + 1}:{nonce}", epoch=epoch + 1, alive_at_ms=alive_at_ms)
    connection.execute(
        "UPDATE shard SET epoch = ?, token = ?, holder = ?", (lease.epoch, lease.token, holder)
    )
    return lease


def renew(connection: sqlite3.Connection, *, lease: Lease, alive_at_ms: int) -> None:
    """Leave a sign of life, if the lease is held."""
    changed = connection.execute(
        "UPDATE shard SET alive_at_ms = ? WHERE token = ?", (alive_at_ms, lease.token)
    )
    if changed.rowcount == 0:
        raise FencedOut("somebody else became the writer")


def release(connection: sqlite3.Connection, *, lease: Lease) -> None:
    """Give the lease up, if it is held."""
    connection.execute(
        "UPDATE shard SET token = NULL, holder = NULL WHERE token = ?", (lease.token,)
    )


def write(connection: sqlite3.Connection, *, batch: Batch, lease: Lease) -> None:
    """Check everything, then write everything of a batch."""
    token, cursor, position = connection.execute(
        "SELECT token, cursor, position FROM shard"
    ).fetchone()
    if token != lease.token:
        raise FencedOut("somebody else became the writer")
    if batch.previous != cursor:
        raise FencedOut("the batch was decided at another cursor")
    if batch.entries and batch.entries[0].position != position + 1:
        raise FencedOut("the batch was decided at another position")

    for table in ("records", "answers"):  # first, so that they make room
        connection.execute(DELETE_EXPIRED.format(table=table), (batch.at_ms, EXPIRED_MAX))
    _insert(
        connection,
        "INSERT INTO records VALUES {rows} ON CONFLICT (kind, id) DO UPDATE SET"
        " is_hot = excluded.is_hot, expires_at_ms = excluded.expires_at_ms, body = excluded.body",
        [
            (*key_of(row.record), row.is_hot, row.expires_at_ms, encode(row.record))
            for row in batch.rows
        ],
    )
    _insert(
        connection,
        "INSERT OR REPLACE INTO messages VALUES {rows}",
        [(message.conversation, message.seq, encode(message)) for message in batch.messages],
    )
    _insert(
        connection,
        "INSERT OR REPLACE INTO answers VALUES {rows}",
        [(kept.request.key, kept.expires_at_ms, encode(kept)) for kept in batch.kept],
    )
    _insert(
        connection,
        "INSERT OR IGNORE INTO closings VALUES {rows}",
        [(closing.agent, closing.ended_at_ms, closing.contact) for closing in batch.closings],
    )
    position = batch.entries[-1].position if batch.entries else position
    connection.execute("UPDATE shard SET cursor = ?, position = ?", (batch.cursor, position))


def _insert(
    connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[object, ...]]
) -> None:
    """Write many rows with few statements.

    Each statement lets go of the interpreter and waits for it again, behind a busy event loop.
    """
    start = 0
    for size in ROWS_AT_ONCE:
        while len(rows) - start >= size:
            places = ", ".join(["(" + ", ".join("?" * len(rows[0])) + ")"] * size)
            values = [value for row in rows[start : start + size] for value in row]
            connection.execute(statement.format(rows=places), values)
            start += size


def limit(connection: sqlite3.Connection, *, pages_max: int) -> None:
    """Let the file grow no further; pages that are free in it may still be filled."""
    connection.execute(f"PRAGMA max_page_count = {pages_max}")


def stands(connection: sqlite3.Connection) -> tuple[Cursor, Position]:
    """Where inbox and log stand."""
    cursor, position = connection.execute("SELECT cursor, position FROM shard").fetchone()
    return cursor, position


def load(connection: sqlite3.Connection) -> Loaded:
    """The hot records, and where they are true."""
    cursor, position = stands(connection)
    rows = connection.execute("SELECT body FROM records WHERE is_hot ORDER BY rowid")
    records = tuple(decode_record(body) for (body,) in rows)
    return Loaded(records=records, position=position, cursor=cursor)


def fetch(connection: sqlite3.Connection, *, keys: Collection[Key]) -> Fetched:
    """Records by name, and where they are true."""
    _, position = stands(connection)
    found: dict[Key, AnyRecord] = {}
    for key in keys:
        row = connection.execute(
            "SELECT body FROM records WHERE kind = ? AND id = ?", key
        ).fetchone()
        if row is not None:
            found[key] = decode_record(row[0])
    return Fetched(records=found, position=position)


def answers(connection: sqlite3.Connection, *, keys: Collection[bytes]) -> Mapping[bytes, Kept]:
    """Kept answers by request key."""
    found: dict[bytes, Kept] = {}
    for key in keys:
        row = connection.execute("SELECT body FROM answers WHERE request = ?", (key,)).fetchone()
        if row is not None:
            found[key] = decode_kept(row[0])
    return found


def transcript(
    connection: sqlite3.Connection,
    *,
    conversation: ConversationId,
    after: int | None,
    before: int | None,
    limit: int,
) -> Page:
    """A page of messages; one more than asked is read to know whether there are more."""
    bounds = (-1 if after is None else after, SEQ_MAX if before is None else before)
    rows = connection.execute(
        LAST_MESSAGES if after is None else FIRST_MESSAGES, (conversation, *bounds, limit + 1)
    ).fetchall()
    messages = [decode_message(body) for (body,) in rows[:limit]]
    if after is None:
        messages.reverse()
    return Page(messages=tuple(messages), more=len(rows) > limit)


def recent(
    connection: sqlite3.Connection, *, agent: AgentId, before_ms: int | None, limit: int
) -> Sequence[ContactRecord]:
    """Closed contacts of an agent, latest end first."""
    rows = connection.execute(
        "SELECT body FROM closings JOIN records ON kind = 'contact' AND id = contact"
        " WHERE agent = ? AND ended_at_ms < ? ORDER BY ended_at_ms DESC, contact DESC LIMIT ?",
        (agent, SEQ_MAX if before_ms is None else before_ms, limit),
    )
    records = (decode_record(body) for (body,) in rows)
    return [record for record in records if isinstance(record, ContactRecord)]
