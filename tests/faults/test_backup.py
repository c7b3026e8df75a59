"""A backup is made while many people chat: it is whole, as of one moment."""

import asyncio
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path

import pytest
import pytest_asyncio

from router.app.cli import main
from router.kernel.kernel import Kernel
from router.shard.sqlite import SqliteEngine
from tests.e2e.floors import Floor, Plan, configuration
from tests.faults.test_killed_in_traffic import check_one_life, read_from, traffic
from tests.support.server import Server
from tests.support.traffic import Caller, Clerk, Ledger

BACKUPS = 2
CALLERS = 16
CLERKS = 6
TRAFFIC_S_MAX = 60


@pytest_asyncio.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    """Run a server for one test, on a file, whatever others run on."""
    agents = {f"agent{n}": {"capacity": 2} for n in range(CLERKS)}
    settings = configuration([Plan(agents=agents)], {})
    server = Server(tmp_path, settings, engine=f"sqlite:{tmp_path / 'frontdesk.sqlite'}")
    server.start()
    floor = Floor(server, 0)
    try:
        yield floor
        await floor.close()
        server.stop()
    finally:
        server.kill()


def promised(ledger: Ledger) -> Ledger:
    """What was acknowledged up to now; more may be acknowledged later."""
    now = Ledger()
    now.written = deepcopy(ledger.written)
    now.started = dict(ledger.started)
    now.ended = set(ledger.ended)
    now.offered = set(ledger.offered)
    return now


async def until_more(ledger: Ledger, calling: list[asyncio.Task[None]], chats: int) -> None:
    """Wait until so many more chats were begun."""
    wanted = len(ledger.started) + chats
    async with asyncio.timeout(TRAFFIC_S_MAX):
        while len(ledger.started) < wanted:
            await asyncio.wait(calling, timeout=0.02, return_when="FIRST_EXCEPTION")


async def test_backups_in_full_traffic_have_all_that_was_promised_before(
    floor: Floor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A backup that lacks an acknowledged message, or has half a step, restores another history."""
    ledger = Ledger()
    callers = [Caller(ledger) for _ in range(CALLERS)]
    clerks = [Clerk(ledger, f"agent{n}") for n in range(CLERKS)]
    store = f"sqlite:{tmp_path / 'frontdesk.sqlite'}"
    before: list[Ledger] = []
    async with traffic(floor, callers, clerks) as calling:
        for number in range(BACKUPS):
            await until_more(ledger, calling, CALLERS)
            before.append(promised(ledger))
            words = ["backup", "--engine", store, "--to", str(tmp_path / f"copy-{number}")]
            code = await asyncio.to_thread(main, words)

            assert code == 0, capsys.readouterr().err
        await until_more(ledger, calling, 1)
        words = ["restore", "--from", str(tmp_path / "copy-0"), "--engine", store, "--force"]
        refused = await asyncio.to_thread(main, words)
    for number, promises in enumerate(before):
        path = tmp_path / f"restored-{number}"
        words = ["restore", "--from", str(tmp_path / f"copy-{number}")]
        code = main([*words, "--engine", f"sqlite:{path}"])
        engine = await SqliteEngine.open(path)
        loaded = await engine.load()
        await engine.close()

        assert code == 0
        Kernel(loaded.records).check()
        check_one_life(read_from(path), promises)
    assert refused == 1
    assert "another process has the store open" in capsys.readouterr().err
    assert len(before[0].started) < len(before[1].started) < len(ledger.started)
