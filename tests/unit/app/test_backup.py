"""A backup is the whole store and nothing that was removed; a restore harms no store there is."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from router.app.cli import main
from router.kernel.model import AnyRecord
from router.shard.sqlite import SqliteEngine
from tests.conformance.samples import TALK, batch, contact, hot, message, written

SHOP = contact("of the shop")


def stored(path: Path) -> str:
    """How an operator names a store."""
    return f"sqlite:{path}"


async def filled(path: Path, *records: AnyRecord) -> SqliteEngine:
    """A store that is open and has something in it."""
    engine = await SqliteEngine.open(path)
    lines = (message(1, "secret words"), message(2))
    await written(engine, batch(*(hot(record) for record in records or (SHOP,)), messages=lines))
    return engine


async def records_in(path: Path) -> tuple[AnyRecord, ...]:
    """What a store loads, once opened by the engine."""
    engine = await SqliteEngine.open(path)
    loaded = await engine.load()
    await engine.close()
    return loaded.records


def names(folder: Path) -> set[str]:
    """What is in a folder, but for locks, and what SQLite leaves beside a store that it read."""
    ends = (".lock", "-wal", "-shm")
    return {path.name for path in folder.iterdir() if not path.name.endswith(ends)}


async def test_a_store_that_is_open_is_copied_and_restored(tmp_path: Path) -> None:
    """Nobody stops a contact center for a backup; whoever restores gets all that was committed."""
    engine = await filled(tmp_path / "a.db")
    copied = main(["backup", "--engine", stored(tmp_path / "a.db"), "--to", f"{tmp_path / 'copy'}"])
    await engine.close()
    words = ["restore", "--from", f"{tmp_path / 'copy'}", "--engine", stored(tmp_path / "b.db")]
    restored = main(words)
    modes = {(tmp_path / name).stat().st_mode & 0o777 for name in ("copy", "b.db")}
    found = names(tmp_path)
    again = await SqliteEngine.open(tmp_path / "b.db")
    page = await again.transcript(TALK)
    await again.close()

    assert (copied, restored) == (0, 0)
    assert await records_in(tmp_path / "b.db") == (SHOP,)
    assert [line.seq for line in page.messages] == [1, 2]
    assert modes == {0o600}
    assert found == {"a.db", "copy", "b.db"}


async def test_a_store_that_nobody_has_open_is_copied(tmp_path: Path) -> None:
    """A night's backup need not care whether the server runs."""
    await (await filled(tmp_path / "a.db")).close()
    code = main(["backup", "--engine", stored(tmp_path / "a.db"), "--to", f"{tmp_path / 'b.db'}"])

    assert code == 0
    assert await records_in(tmp_path / "b.db") == (SHOP,)


async def test_what_was_redacted_is_not_in_a_copy(tmp_path: Path) -> None:
    """A backup lies around for years: nothing may be read in it that nobody may read here."""
    engine = await filled(tmp_path / "a.db")
    lease = await engine.acquire("writer", ttl_ms=1_000)
    await engine.commit(batch(messages=(message(1, "******"),)), lease=lease)
    code = main(["backup", "--engine", stored(tmp_path / "a.db"), "--to", f"{tmp_path / 'copy'}"])
    await engine.close()

    assert code == 0
    assert b"secret words" not in (tmp_path / "copy").read_bytes()
    assert b"******" in (tmp_path / "copy").read_bytes()


async def test_a_folder_of_stores_is_copied_and_restored(tmp_path: Path) -> None:
    """Each tenant has a file; their operator has one command."""
    (tmp_path / "stores").mkdir()
    for name in ("acme", "shop"):
        engine = await filled(tmp_path / "stores" / f"{name}.db", contact(name))
        await engine.close()
    stores, copies, others = (tmp_path / name for name in ("stores", "copies", "others"))
    copied = main(["backup", "--engine", stored(stores), "--to", f"{copies}"])
    restored = main(["restore", "--from", f"{copies}", "--engine", stored(others)])

    assert (copied, restored) == (0, 0)
    assert names(others) == {"acme.db", "shop.db"}
    assert (others.stat().st_mode & 0o777, copies.stat().st_mode & 0o777) == (0o700, 0o700)
    assert await records_in(others / "acme.db") == (contact("acme"),)
    assert await records_in(others / "shop.db") == (contact("shop"),)


async def test_one_bad_copy_of_a_folder_changes_no_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tenants of two different days beside each other would be nobody's backup."""
    (tmp_path / "copies").mkdir()
    engine = await filled(tmp_path / "copies" / "acme.db")
    await engine.close()
    (tmp_path / "copies" / "shop.db").write_bytes(b"not a store" * 1_000)
    others = tmp_path / "others"
    code = main(["restore", "--from", f"{tmp_path / 'copies'}", "--engine", stored(others)])

    assert code == 1
    assert "cannot be read" in capsys.readouterr().err
    assert names(others) == set()


async def test_a_forced_restore_keeps_the_former_store_aside(tmp_path: Path) -> None:
    """Whoever restores the wrong copy must be able to go back."""
    await (await filled(tmp_path / "copy")).close()
    await (await filled(tmp_path / "a.db", contact("former"))).close()
    words = ["restore", "--from", f"{tmp_path / 'copy'}", "--engine", stored(tmp_path / "a.db")]
    refused = main(words)
    kept = await records_in(tmp_path / "a.db")
    forced = [main([*words, "--force"]) for _ in range(2)]

    assert (refused, forced) == (1, [0, 0])
    assert kept == (contact("former"),)
    assert await records_in(tmp_path / "a.db") == (SHOP,)
    assert await records_in(tmp_path / "a.db.replaced-1") == (contact("former"),)
    assert await records_in(tmp_path / "a.db.replaced-2") == (SHOP,)


async def test_a_store_put_aside_takes_its_log_along(tmp_path: Path) -> None:
    """What a killed server had committed is in the log; under the new store it would ruin that."""
    engine = await filled(tmp_path / "open.db", contact("former"))
    for end in ("", "-wal"):  # as a kill leaves it
        shutil.copy(tmp_path / f"open.db{end}", tmp_path / f"a.db{end}")
    await engine.close()
    await (await filled(tmp_path / "copy")).close()
    words = ["restore", "--from", f"{tmp_path / 'copy'}", "--engine", stored(tmp_path / "a.db")]
    code = main([*words, "--force"])

    assert code == 0
    assert await records_in(tmp_path / "a.db") == (SHOP,)
    assert await records_in(tmp_path / "a.db.replaced-1") == (contact("former"),)


async def test_a_store_that_is_open_is_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server would go on writing into a file that has no name any more."""
    await (await filled(tmp_path / "copy")).close()
    engine = await filled(tmp_path / "a.db", contact("former"))
    words = ["restore", "--from", f"{tmp_path / 'copy'}", "--engine", stored(tmp_path / "a.db")]
    code = main([*words, "--force"])
    await engine.close()

    assert code == 1
    assert "another process has the store open" in capsys.readouterr().err
    assert await records_in(tmp_path / "a.db") == (contact("former"),)


def others(path: Path) -> None:
    """Make another program's database."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (body TEXT)")


def newer(path: Path) -> None:
    """Make a store of a version to come."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE records (body TEXT)")
        connection.execute(f"PRAGMA application_id = {0x46724474}")
        connection.execute("PRAGMA user_version = 99")


def damaged(path: Path) -> None:
    """Make a store with a page that says nothing."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE records (body TEXT)")
        connection.executemany("INSERT INTO records VALUES (?)", [("x" * 2_000,)] * 20)
        connection.commit()
    content = bytearray(path.read_bytes())
    content[8_192:12_288] = b"\xa5" * 4_096
    path.write_bytes(content)


def nothing(_path: Path) -> None:
    """Make nothing."""


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (others, "another program's database"),
        (newer, "a newer version of Frontdesk"),
        (damaged, "damaged"),
        (Path.touch, "is empty"),
        (nothing, "there is no store"),
    ],
    ids=["other", "newer", "damaged", "empty", "missing"],
)
def test_what_is_no_sound_store_is_neither_copied_nor_restored(
    make: Callable[[Path], None],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A backup that cannot be used is noticed when it is made, not when it is needed."""
    bad, new = tmp_path / "bad.db", tmp_path / "new.db"
    make(bad)
    copied = main(["backup", "--engine", stored(bad), "--to", f"{new}"])
    of_backup = capsys.readouterr().err
    restored = main(["restore", "--from", f"{bad}", "--engine", stored(new)])
    of_restore = capsys.readouterr().err

    assert (copied, restored) == (1, 1)
    assert said in of_backup
    assert said in of_restore
    assert names(tmp_path) <= {"bad.db"}


@pytest.mark.parametrize(
    ("engine", "said"),
    [("redis://127.0.0.1:1", "BGSAVE"), ("memory:", "keeps nothing")],
)
@pytest.mark.parametrize("words", [["backup", "--to"], ["restore", "--from"]])
def test_other_engines_are_refused_with_what_to_do_instead(
    words: list[str], engine: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is a way for each, but not this command."""
    code = main([*words, f"{tmp_path / 'copy'}", "--engine", engine])

    assert code == 1
    assert said in capsys.readouterr().err
    assert names(tmp_path) == set()


async def test_no_file_is_overwritten_by_a_backup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The older backup may be the one that is needed."""
    await (await filled(tmp_path / "a.db")).close()
    (tmp_path / "copy").write_text("precious")
    code = main(["backup", "--engine", stored(tmp_path / "a.db"), "--to", f"{tmp_path / 'copy'}"])

    assert code == 1
    assert "choose another name" in capsys.readouterr().err
    assert (tmp_path / "copy").read_text() == "precious"


async def test_a_folder_that_is_missing_or_empty_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty backup of the wrong folder would be found when it is too late."""
    await (await filled(tmp_path / "a.db")).close()
    (tmp_path / "empty").mkdir()
    codes = [
        main(["backup", "--engine", stored(tmp_path / "empty"), "--to", f"{tmp_path / 'copy'}"]),
        main(["backup", "--engine", stored(tmp_path / "a.db"), "--to", f"{tmp_path / 'no' / 'x'}"]),
        main(["restore", "--from", f"{tmp_path / 'a.db'}", "--engine", stored(tmp_path / "empty")]),
    ]
    said = capsys.readouterr().err

    assert codes == [1, 1, 1]
    assert "there is no store *.db" in said
    assert "No such file or directory" in said
    assert "the stores are a folder" in said
