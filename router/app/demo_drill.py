"""Kills the demo's server while customers write, and counts what became of their messages.

The customers are clients like any other: what was not answered they ask again under the same id
when they are back, and what they were promised they compare with the transcript.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec

from router.app.demo_floor import DRILL, Floor
from router.app.demo_supervisor import Supervisor
from router.app.heard import Author, Session, customer_event
from router.app.sockets import Lost, Socket, SocketFailed

WHO = "DRILL"
WRITERS = 8
TRAFFIC_S = 1.0
BETWEEN_S = 0.04  # so that nobody meets the limit on what one customer may write at once
RETRY_S = 0.05
TRANSCRIPT_MAX = 200
"""The most that `history` gives at once; one customer writes a quarter of it."""


class Line(NamedTuple):
    """What a customer wrote, as the transcript has it."""

    seq: int
    text: str


class Kept(msgspec.Struct, frozen=True):
    """A message or notice of a transcript."""

    seq: int
    text: str
    author: Author


class Page(msgspec.Struct, frozen=True):
    """A transcript."""

    messages: tuple[Kept, ...]


class Report(NamedTuple):
    """What came of it.

    Attributes:
        lost: Acknowledged messages that are not in the transcript under their number.
        twice: Messages that are in it more than once.
        acknowledged: Messages that were acknowledged, before and after.
        pending: Messages that were sent and not answered when the server was killed.
    """

    recovered_ms: int
    lost: int
    twice: int
    acknowledged: int
    pending: int

    def __str__(self) -> str:
        return (
            f"recovered in {self.recovered_ms} ms, acked lost {self.lost}, twice {self.twice}"
            f" ({WRITERS} customers, {self.acknowledged} acknowledged,"
            f" {self.pending} under way at the kill)"
        )


class Writer:
    """A customer who writes as fast as it is answered, also across losses of the connection."""

    def __init__(self, floor: Floor) -> None:
        """Be nowhere yet."""
        self.acknowledged: dict[int, str] = {}
        self.pending: dict[str, object] | None = None
        self.is_done = False
        self._floor = floor
        self._auth = {"entry_point": DRILL}
        self._conversation = ""
        self._socket: Socket | None = None
        self._before: Socket | None = None
        self._back: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def write(self) -> None:
        """Write until done; each connection that is lost is followed by another."""
        while not self.is_done:
            with suppress(Lost):
                async with Socket(self._floor.url, "/customer", self._auth) as socket:
                    self._socket = socket
                    await self._enter(socket)
                    while not self.is_done:
                        await self._say(socket)
                        await asyncio.sleep(BETWEEN_S)
            await asyncio.sleep(RETRY_S)

    async def answered(self) -> None:
        """Wait for an answer on another connection than the one at the last `lose`."""
        await asyncio.shield(self._back)

    def lose(self) -> None:
        """Expect nothing more of the connection there is."""
        self._before = self._socket
        self._back = asyncio.get_running_loop().create_future()

    async def transcript(self) -> list[Line]:
        """Read on a new connection what is kept, and end the chat."""
        async with Socket(self._floor.url, "/customer", self._auth) as socket:
            where = {"conversation": self._conversation}
            answer = await socket.ask("history", {**where, "limit": TRANSCRIPT_MAX})
            await socket.ask("chat.end", where)
        kept = msgspec.convert(answer, Page).messages
        return [Line(one.seq, one.text) for one in kept if one.author.role == "customer"]

    async def _enter(self, socket: Socket) -> None:
        while not isinstance(session := customer_event(await socket.next()), Session):
            pass
        self._auth = {"entry_point": DRILL, "token": session.token}
        if not self._conversation:
            answer = await socket.ask("chat.start", {"id": secrets.token_hex(8)})
            self._conversation = str(answer["conversation"])

    async def _say(self, socket: Socket) -> None:
        if self.pending is None:
            name = secrets.token_hex(8)
            # Words without a digit, so that nothing in them could be masked.
            text = name.translate(str.maketrans("0123456789", "ghijklmnop"))
            self.pending = {"id": name, "conversation": self._conversation, "text": text}
        answer = await socket.ask("message.send", self.pending)
        self.acknowledged[msgspec.convert(answer["seq"], int)] = str(self.pending["text"])
        self.pending = None
        if socket is not self._before and not self._back.done():
            self._back.set_result(None)


async def kill_in_traffic(floor: Floor, server: Supervisor) -> Report:
    """Kill the server while customers write, start it again, and compare."""
    writers = [Writer(floor) for _ in range(WRITERS)]
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        for writer in writers:
            tasks.create_task(writer.write())
        await asyncio.gather(*(writer.answered() for writer in writers))
        await asyncio.sleep(TRAFFIC_S)
        killed_s = loop.time()
        await server.kill()
        pending = sum(writer.pending is not None for writer in writers)
        for writer in writers:
            writer.lose()
        await server.start()
        await asyncio.gather(*(writer.answered() for writer in writers))
        recovered_s = loop.time() - killed_s
        for writer in writers:
            writer.is_done = True
    lost = twice = 0
    for writer in writers:
        found = compared(writer.acknowledged, await writer.transcript())
        lost, twice = lost + found[0], twice + found[1]
    return Report(
        recovered_ms=round(recovered_s * 1_000),
        lost=lost,
        twice=twice,
        acknowledged=sum(len(writer.acknowledged) for writer in writers),
        pending=pending,
    )


def compared(acknowledged: Mapping[int, str], lines: Sequence[Line]) -> tuple[int, int]:
    """Count the messages that are not where they were promised to be, and those that are twice."""
    lost = acknowledged.items() - set(lines)
    texts = Counter(line.text for line in lines)
    return len(lost), sum(count > 1 for count in texts.values())


class Drill:
    """Makes the kill on request, one at a time."""

    def __init__(self, floor: Floor, server: Supervisor) -> None:
        """Nothing was asked for yet."""
        self._floor = floor
        self._server = server
        self._asked = asyncio.Event()

    def begin(self) -> None:
        """Ask for a kill; while one is under way nothing happens."""
        self._asked.set()

    async def repeat(self) -> None:
        """Kill whenever asked, until cancelled."""
        while True:
            await self._asked.wait()
            await self.once()
            self._asked.clear()

    async def once(self) -> None:
        """Kill, and say what came of it."""
        if not self._server.keeps:
            self._floor.journal.note(WHO, "needs a store that keeps something: not memory:")
            return
        self._floor.journal.note(WHO, f"{WRITERS} customers write, and the server is killed")
        try:
            report = str(await kill_in_traffic(self._floor, self._server))
        except* SocketFailed as failed:
            report = f"nothing was counted: {failed.exceptions[0]}"
        self._floor.journal.note(WHO, report)
