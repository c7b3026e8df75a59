"""What can be wrong with a store's file, and that a killed process loses nothing it acked."""

import asyncio
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from router.kernel.messages import MessageRedacted
from router.shard import sqlite_rows
from router.shard.engine import (
    AlreadyOpen,
    EngineUnavailable,
    OutcomeUnknown,
    StoreCorrupt,
)
from router.shard.sqlite import SqliteEngine
from router.shard.worker import commit
from tests.conformance.samples import (
    TALK,
    batch,
    cold,
    contact,
    entry,
    external,
    hot,
    kept,
    message,
    telling,
    written,
)

WRITE_UNTIL_KILLED = """
import asyncio, sys
from pathlib import Path
from router.shard.sqlite import SqliteEngine
from tests.conformance.samples import batch, entry, message

async def main():
    engine = await SqliteEngine.open(Path(sys.argv[1]))
    lease = await engine.acquire("writer", ttl_ms=1_500)
    for n in range(1, 1_000_000):
        await engine.commit(batch(entries=(entry(n),), messages=(message(n),)), lease=lease)
        print(n, flush=True)

asyncio.run(main())
"""


async def a_store(path: Path) -> None:
    """Leave a closed store with something in it."""
    engine = await SqliteEngine.open(path)
    await written(engine, batch(hot(contact("open"))))
    await engine.close()


def acked_when_killed(path: Path) -> int:
    """Let a process write to a store, kill it, and return the last commit it knew of."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_UNTIL_KILLED, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        acked = 0
        for line in process.stdout:
            acked = int(line)
            if acked == 50:
                process.kill()
    return acked


def modes(folder: Path) -> dict[str, int]:
    """The files of a folder and their permissions."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


async def test_a_killed_process_loses_nothing_it_acked(tmp_path: Path) -> None:
    """An ack is a promise, also when nobody could say good-bye."""
    path = tmp_path / "store.db"
    acked = await asyncio.to_thread(acked_when_killed, path)
    engine = await SqliteEngine.open(path)
    loaded = await engine.load()
    page = await engine.transcript(TALK, after=0, limit=100_000)
    await engine.close()

    assert acked >= 50
    assert loaded.position in {acked, acked + 1}
    assert [one.seq for one in page.messages] == list(range(1, loaded.position + 1))


async def test_a_second_opener_is_told_and_harms_nothing(tmp_path: Path) -> None:
    """Two routers on one file would both believe to be the only writer."""
    path = tmp_path / "store.db"
    engine = await SqliteEngine.open(path)
    with pytest.raises(AlreadyOpen, match="stop it, or choose another file"):
        await SqliteEngine.open(path)
    await written(engine, batch(hot(contact("open"))))
    await engine.close()
    engine = await SqliteEngine.open(path)
    loaded = await engine.load()
    await engine.close()

    assert loaded.records == (contact("open"),)


@pytest.mark.parametrize("at", [0, 4_096], ids=["header", "second page"])
async def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path, at: int) -> None:
    """Going on with a damaged store would lose more than stopping."""
    path = tmp_path / "store.db"
    await a_store(path)
    data = bytearray(path.read_bytes())
    data[at : at + 100] = b"\xff" * 100
    path.write_bytes(data)
    with pytest.raises(StoreCorrupt, match="restore it from a backup"):
        await SqliteEngine.open(path)

    assert path.read_bytes() == bytes(data)


async def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """A mistyped path must not mix two programs' tables."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    with pytest.raises(StoreCorrupt, match="another program"):
        await SqliteEngine.open(path)


async def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """An older program would misread what it does not know."""
    path = tmp_path / "store.db"
    await a_store(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreCorrupt, match="newer version"):
        await SqliteEngine.open(path)


async def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """It is the first mistake anybody makes."""
    with pytest.raises(EngineUnavailable, match="folder"):
        await SqliteEngine.open(tmp_path / "none" / "store.db")


async def test_a_store_that_failed_to_open_can_be_opened_once_it_is_repaired(
    tmp_path: Path,
) -> None:
    """A failed attempt must not hold the lock."""
    path = tmp_path / "store.db"
    path.write_bytes(b"no database at all, but long enough to look like one" * 100)
    with pytest.raises(StoreCorrupt):
        await SqliteEngine.open(path)
    path.unlink()

    await a_store(path)


async def test_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    """Transcripts are personal, masked or not."""
    engine = await SqliteEngine.open(tmp_path / "store.db")
    await written(engine, batch(messages=(message(1),)))
    found = modes(tmp_path)
    await engine.close()

    assert found == dict.fromkeys(
        ("store.db", "store.db-shm", "store.db-wal", "store.db.lock"), 0o600
    )


async def test_closing_leaves_one_file_and_its_lock(tmp_path: Path) -> None:
    """A copy of the file is then a whole backup; closing again does no harm."""
    engine = await SqliteEngine.open(tmp_path / "store.db")
    await written(engine, batch(messages=(message(1),)))
    await engine.close()
    await engine.close()

    assert set(modes(tmp_path)) == {"store.db", "store.db.lock"}
    with pytest.raises(EngineUnavailable):
        await engine.load()


async def test_what_was_replaced_is_not_left_in_the_file(tmp_path: Path) -> None:
    """A card number that was taken out must be gone, not only hidden."""
    path = tmp_path / "store.db"
    engine = await SqliteEngine.open(path)
    long = "4111 1111 1111 1111 " * 1_000  # on pages of its own, which are free afterwards
    lease = await written(engine, batch(messages=(message(1, long),)))
    await engine.commit(batch(messages=(message(1, "************* 1111"),)), lease=lease)
    await engine.close()

    assert b"4111 1111" not in path.read_bytes()


async def test_what_was_redacted_is_soon_in_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write-ahead log has the former text, and a busy store is not closed for months."""
    monkeypatch.setattr("router.shard.sqlite.ERASE_AFTER_S", 0.01)
    engine = await SqliteEngine.open(tmp_path / "store.db")
    raw, shown = message(1, "my card: 4111 1111"), message(1, "my card: ********")
    lease = await written(engine, batch(messages=(raw,)))
    before = holding(tmp_path, b"4111 1111")
    redacting = telling(1, MessageRedacted(message=shown))
    await engine.commit(batch(entries=(redacting,), messages=(shown,)), lease=lease)
    await until_erased(tmp_path, b"4111 1111")
    page = await engine.transcript(TALK)
    await engine.close()

    assert before == {"store.db-wal"}
    assert page.messages == (shown,)


async def test_erasing_waits_for_no_reader_and_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup holds the file for minutes, in which chats go on."""
    monkeypatch.setattr("router.shard.sqlite.ERASE_AFTER_S", 0.01)
    engine = await SqliteEngine.open(tmp_path / "store.db")
    raw, shown = message(1, "my card: 4111 1111"), message(1, "my card: ********")
    lease = await written(engine, batch(messages=(raw,)))
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as backup:
        backup.execute("BEGIN")
        backup.execute("SELECT count(*) FROM messages").fetchone()
        redacting = telling(1, MessageRedacted(message=shown))
        await engine.commit(batch(entries=(redacting,), messages=(shown,)), lease=lease)
        await asyncio.sleep(0.05)
        async with asyncio.timeout(1):
            await engine.commit(batch(messages=(message(2),)), lease=lease)
        held_up = holding(tmp_path, b"4111 1111")
    await until_erased(tmp_path, b"4111 1111")
    await engine.close()

    assert held_up


async def test_what_a_reader_kept_at_the_start_until_erased_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed process left the former text in the log, and a backup runs at the next start."""
    engine = await SqliteEngine.open(tmp_path / "store.db")
    raw, shown = message(1, "my card: 4111 1111"), message(1, "my card: ********")
    lease = await written(engine, batch(messages=(raw,)))
    await engine.commit(batch(messages=(shown,)), lease=lease)
    killed = tmp_path / "killed"
    killed.mkdir()
    for name in ("store.db", "store.db-wal"):
        shutil.copy(tmp_path / name, killed)
    await engine.close()
    monkeypatch.setattr("router.shard.sqlite.ERASE_AFTER_S", 0.01)
    monkeypatch.setattr("router.shard.sqlite_file.BUSY_TIMEOUT_MS", 10)
    with closing(sqlite3.connect(killed / "store.db", isolation_level=None)) as backup:
        backup.execute("BEGIN")
        backup.execute("SELECT count(*) FROM messages").fetchone()
        again = await SqliteEngine.open(killed / "store.db")
        held_up = holding(killed, b"4111 1111")
    await until_erased(killed, b"4111 1111")
    await again.close()

    assert held_up


async def test_what_may_have_been_redacted_until_erased_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit whose outcome nobody knows may have left the former text in the log."""
    engine = await SqliteEngine.open(tmp_path / "store.db")
    raw, shown = message(1, "my card: 4111 1111"), message(1, "my card: ********")
    lease = await written(engine, batch(messages=(raw,)))

    def doubtful(connection: sqlite3.Connection) -> None:
        connection.execute("COMMIT")
        raise OutcomeUnknown("the disk said nothing")

    monkeypatch.setattr("router.shard.worker.commit", doubtful)
    redacting = telling(1, MessageRedacted(message=shown))
    with pytest.raises(OutcomeUnknown):
        await engine.commit(batch(entries=(redacting,), messages=(shown,)), lease=lease)
    await until_erased(tmp_path, b"4111 1111")
    await engine.close()


async def until_erased(folder: Path, text: bytes) -> None:
    """Wait until a text can be found in no file of a folder, as long as a test may wait."""
    async with asyncio.timeout(5):
        while holding(folder, text):  # noqa: ASYNC110 - files ring no bell
            await asyncio.sleep(0.01)


def holding(folder: Path, text: bytes) -> set[str]:
    """The files of a folder in which a text can be found."""
    return {path.name for path in folder.iterdir() if text in path.read_bytes()}


async def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    """Opening a chat's history must not hang on a slow disk."""
    path = tmp_path / "store.db"
    engine = await SqliteEngine.open(path)
    lease = await written(engine, batch(messages=(message(1),)))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # as slow as a disk can be
    writing = asyncio.create_task(engine.commit(batch(messages=(message(2),)), lease=lease))
    page = await engine.transcript(TALK)
    was_waiting = not writing.done()
    other.execute("ROLLBACK")
    other.close()
    await writing
    later = await engine.transcript(TALK)
    await engine.close()

    assert was_waiting
    assert page.messages == (message(1),)
    assert later.messages == (message(1), message(2))


async def test_expired_rows_are_deleted_in_portions(tmp_path: Path) -> None:
    """A backlog of old answers must not make one commit slow."""
    engine = await SqliteEngine.open(tmp_path / "store.db")
    names = [f"{n}" for n in range(sqlite_rows.EXPIRED_MAX + 10)]
    keys = [name.encode() for name in names]
    lease = await written(
        engine,
        batch(
            *(cold(external(name), expires_at_ms=10) for name in names),
            answers=tuple(kept(key, expires_at_ms=10) for key in keys),
        ),
    )
    left: list[int] = []
    for _ in range(3):
        await engine.commit(batch(at_ms=10), lease=lease)
        left.append(len(await engine.answers(keys)))
        left.append(len((await engine.fetch([("external", name) for name in names])).records))
    await engine.close()

    assert left == [10, 10, 0, 0, 0, 0]


async def test_a_canceled_commit_still_reaches_the_followers(tmp_path: Path) -> None:
    """What is in the store and what followers saw must not differ."""
    engine = await SqliteEngine.open(tmp_path / "store.db")
    lease = await engine.acquire("writer", ttl_ms=1_500)
    writing = asyncio.create_task(engine.commit(batch(entries=(entry(1),)), lease=lease))
    await asyncio.sleep(0)
    writing.cancel()
    await engine.commit(batch(entries=(entry(2),)), lease=lease)
    followed = engine.follow((await engine.load()).position)
    await engine.commit(batch(entries=(entry(3),)), lease=lease)
    third = await anext(followed)
    await engine.close()

    assert third == entry(3)


def test_a_commit_that_fails_in_any_other_way_than_for_room_is_unknown() -> None:
    """After a failed fsync nobody can say what a crash brings back."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(
        "PRAGMA foreign_keys = ON; CREATE TABLE a (b PRIMARY KEY);"
        "CREATE TABLE c (d REFERENCES a (b) DEFERRABLE INITIALLY DEFERRED);"
    )
    connection.execute("BEGIN")
    connection.execute("INSERT INTO c VALUES (1)")
    with pytest.raises(OutcomeUnknown):
        commit(connection)
    connection.close()
