"""Clients that attack a running server, many at a time, and look at everything it answers.

Each family of attacks is a number of batches, one connection after the other. A batch is drawn from
its family, its number and the seed, which are in every failure; it is repeated by itself with
``FRONTDESK_SEED``.
"""

import asyncio
import json
import random
import socket
from collections import defaultdict
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count, islice
from typing import Any, Self, cast
from urllib.parse import urlsplit

from router.hub import wire
from router.hub.pipe import REFUSALS
from tests.support import hostile_values as values
from tests.support.hostile_values import Ids, framed
from tests.support.server import sign

BATCHES_AT_ONCE = 16
FITS = 260_000
"""Bytes of name and payload: a message may have 262 144, with what stands around them."""

WINDOW = 128
"""Commands that are sent at once; a server lets a person's commands wait up to 256."""

WINDOWS = 4
ANSWER_S_MAX = 20.0
"""Far beyond what a busy two-core machine takes."""

SILENCE_S = 0.25
"""Whoever sent half a request waits for nothing; the server's own patience has its own test."""

FRAMES_MAX = 40
SHOWN = REFUSALS - 1
"""Of what is shown to enter: one more, and a socket that is always refused is closed."""

UPGRADE = "\r\n".join(
    (
        f"GET {values.TARGET} HTTP/1.1",
        *(f"{name}: {value}" for name, value in values.HEADERS),
        "",
        "",
    )
).encode()

Payload = dict[str, Any]


class Target:
    """The server that is attacked.

    Attributes:
        secrets: What nobody but its owner may ever be sent.
        others: Names of what belongs to people who chat beside.
        batches: The numbers of each family's batches that were not sent yet.
    """

    def __init__(self, url: str, seed: int, secrets: Sequence[str], others: Sequence[str]) -> None:
        """Know where it is."""
        place = urlsplit(url)
        assert place.hostname is not None
        assert place.port is not None
        self.host, self.port = place.hostname, place.port
        self.seed = seed
        self.secrets = tuple(secret.encode() for secret in secrets)
        self.others = others
        self.batches: defaultdict[str, count[int]] = defaultdict(count)

    def rng(self, family: str, batch: int) -> random.Random:
        """What a batch is drawn from."""
        return random.Random(f"{self.seed} {family} {batch}")


class Wire(asyncio.Protocol):
    """A connection that sends what it is told to, and reads frames as far as there are any.

    Attributes:
        texts: What came and was not looked at yet, without pings.
        head: The answer to the HTTP request.
        is_deaf: Pings are not answered any more.
    """

    def __init__(self, target: Target) -> None:
        """Belong to a server."""
        loop = asyncio.get_running_loop()
        self.texts: list[bytes] = []
        self.news = asyncio.Event()
        self.is_lost = asyncio.Event()
        self.head: bytes | None = None
        self.is_deaf = False
        self._secrets = target.secrets
        self._rest = b""
        self._open: asyncio.Future[None] = loop.create_future()
        self.transport: asyncio.Transport

    @classmethod
    async def dial(cls, target: Target) -> Self:
        """Connect."""
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(lambda: cls(target), target.host, target.port)
        return wire

    @classmethod
    async def upgraded(cls, target: Target) -> Self:
        """Connect and become a WebSocket that is in no namespace."""
        wire = await cls.dial(target)
        wire.transport.write(UPGRADE)
        await wire.until(lambda: bool(wire.texts))
        return wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send nothing yet."""
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - all ends are alike
        """Tell who waits."""
        self.is_lost.set()
        self.news.set()

    def data_received(self, data: bytes) -> None:
        """Take frames apart; what belongs to others must not be among them."""
        assert not any(secret in data for secret in self._secrets), "somebody else's words"
        data = self._rest + data
        at = 0
        if self.head is None:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._rest = data
                return
            self.head, at = data[: end + 4], end + 4
        if self.head.startswith(b"HTTP/1.1 101 "):
            at = self._cut(data, at)
            self._rest = data[at:]
        self.news.set()

    def _cut(self, data: bytes, at: int) -> int:
        while len(data) - at >= 2:
            size, start = data[at + 1], at + 2
            if size > 125:
                start += 2 if size == 126 else 8
                size = int.from_bytes(data[at + 2 : start], "big")
            if start + size > len(data):
                break
            if data[at] == 0x81:
                self._hear(data[start : start + size])
            at = start + size
        return at

    def _hear(self, text: bytes) -> None:
        if text == b"2":
            if not self.is_deaf:
                self.transport.write(framed(b"3"))
        else:
            self.texts.append(text)

    async def until(self, condition: Callable[[], bool], within_s: float = ANSWER_S_MAX) -> bool:
        """Wait until something holds or the connection ended; false when neither came in time."""
        try:
            async with asyncio.timeout(within_s):
                while not condition() and not self.is_lost.is_set():
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            return False
        return True

    def stop_reading(self) -> None:
        """Take nothing in from now on, and let the network hold little."""
        self.transport.pause_reading()
        own: socket.socket = self.transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)

    def close(self) -> None:
        """End it without a word."""
        self.transport.abort()


class Seat(Wire):
    """A socket in a namespace: it sends many commands at once and waits for all acks.

    Attributes:
        greeting: What came first: ``session`` of a customer, ``snapshot`` of an agent.
    """

    path = ""
    greeting: Payload

    @classmethod
    async def taken(cls, target: Target, path: str, auth: Mapping[str, str]) -> Self:
        """Enter and wait for the greeting."""
        seat = await cls.upgraded(target)
        seat.path = path
        seat.transport.write(framed(f"40{path},{json.dumps(auth)}".encode()))
        greeting = "session" if path == "/customer" else "snapshot"
        seat.greeting = await seat.event(greeting)
        return seat

    async def event(self, name: str) -> Payload:
        """Wait for the next event of a name."""
        head = f'42{self.path},["{name}",'.encode()
        found: list[bytes] = []

        def has_come() -> bool:
            found.extend(text for text in self.texts if text.startswith(head))
            return bool(found)

        assert await self.until(has_come), f"no {name}"
        assert found, "the connection ended"
        self.texts.clear()
        return cast("Payload", json.loads(found[0][len(head) - 1 - len(name) - 3 :])[1])

    async def ask(self, name: str, payload: Mapping[str, object]) -> Payload:
        """Send one command and give its answer."""
        answers = await self.ask_all([(json.dumps(name), json.dumps(payload))])
        return cast("Payload", json.loads(answers[0]))

    async def ask_all(self, commands: Sequence[tuple[str, str]]) -> list[str]:
        """Send commands at once and give their answers in their order; each must come."""
        at = len(self.texts)
        head = f"43{self.path},".encode()
        data = b"".join(
            framed(f"42{self.path},{call}[{name},{payload}]".encode())
            for call, (name, payload) in enumerate(commands)
        )
        self.transport.write(data)
        answers: dict[int, str] = {}

        def are_all() -> bool:
            nonlocal at
            for text in self.texts[at:]:
                if text.startswith(head):
                    call, _, answer = text[len(head) :].partition(b"[")
                    answers[int(call)] = answer[:-1].decode()
            at = len(self.texts)
            return len(answers) == len(commands)

        is_in_time = await self.until(are_all)

        assert not self.is_lost.is_set(), f"dropped after {len(answers)} of {len(commands)} answers"
        assert is_in_time, f"not answered: {_missing(commands, answers)}"
        self.texts.clear()
        return [answers[call] for call in range(len(commands))]


def _missing(commands: Sequence[tuple[str, str]], answers: Mapping[int, str]) -> list[str]:
    return [f"{each}"[:500] for call, each in enumerate(commands) if call not in answers][:3]


# -- families --------------------------------------------------------------------------------------


class Attack:
    """One family: batches that run beside each other until enough was sent."""

    def __init__(self, target: Target, family: str, wanted: int) -> None:
        """Nothing is sent until `run`."""
        self.target = target
        self.sent = 0
        self._family = family
        self._wanted = wanted
        self._batches = target.batches[family]

    @property
    def is_enough(self) -> bool:
        """True when so much was sent as is wanted, or is on its way."""
        return self.sent >= self._wanted

    async def run(
        self, one: Callable[["Attack", random.Random, int], Coroutine[Any, Any, None]]
    ) -> int:
        """Run batches until so much was sent as is wanted, and say how much it was."""
        async with asyncio.TaskGroup() as group:
            for place in range(BATCHES_AT_ONCE):
                group.create_task(self._work(one, place))
        return self.sent

    async def _work(
        self,
        one: Callable[["Attack", random.Random, int], Coroutine[Any, Any, None]],
        place: int,
    ) -> None:
        while not self.is_enough:
            batch = next(self._batches)
            with self._told(batch):
                await one(self, self.target.rng(self._family, batch), place)

    @contextmanager
    def _told(self, batch: int) -> Generator[None]:
        try:
            yield
        except (AssertionError, OSError) as error:
            error.add_note(f"seed {self.target.seed}, family {self._family}, batch {batch}")
            raise


async def frames(attack: Attack, rng: random.Random, place: int) -> None:
    """Frames, some of them broken, until one should end the socket; then it must be closed."""
    await _stream(attack, rng, place, values.frame)


async def packets(attack: Attack, rng: random.Random, place: int) -> None:
    """Packets of Engine.IO and Socket.IO, some of them broken."""
    await _stream(attack, rng, place, lambda rng: framed(values.packet(rng)))


async def _stream(
    attack: Attack, rng: random.Random, place: int, draw: Callable[[random.Random], bytes]
) -> None:
    wire = await Wire.upgraded(attack.target)
    if rng.random() < 0.25:
        wire.transport.write(framed(b'40/customer,{"entry_point":"fuzz-%d"}' % place))
    foresight = values.Foresight()
    sent: list[bytes] = []
    is_over = False
    while not is_over and len(sent) < FRAMES_MAX:
        sent.append(draw(rng))
        is_over = foresight.is_over(sent[-1])
    attack.sent += len(sent)
    data = b"".join(sent)
    cut = rng.randrange(len(data) + 1)
    wire.transport.write(data[:cut])
    if cut % 4 == 0:
        await asyncio.sleep(0)
    wire.transport.write(data[cut:])
    if not is_over and not wire.transport.is_closing():
        wire.transport.write_eof()
    is_in_time = await wire.until(wire.is_lost.is_set)

    assert is_in_time, f"still open after {[each[:80] for each in sent]}"


async def customer_commands(attack: Attack, rng: random.Random, place: int) -> None:
    """Commands of `/customer` with broken payloads; each is answered."""
    seat = await Seat.taken(attack.target, "/customer", {"entry_point": f"fuzz-{place}"})
    started = await seat.ask("chat.start", {"text": "hello"})
    own = {"queue": f"fuzz-{place}"}
    if started["ok"]:
        own |= {"conversation": started["conversation"], "contact": started["contact"]}
    await _commands(attack, seat, rng, values.CUSTOMER, Ids(own, attack.target.others))
    seat.close()


async def agent_commands(attack: Attack, rng: random.Random, place: int) -> None:
    """Commands of `/agent` with broken payloads, of a desktop that talks and is rung; answered."""
    agent = f"fuzz-{place}"
    auth = {"token": sign(sub=agent, roles=["agent", "reveal"])}
    desk = await Seat.taken(attack.target, "/agent", auth)
    await desk.ask("presence.set", {"state": "available"})
    own = {"agent": agent, "queue": agent}
    people = [
        await Seat.taken(attack.target, "/customer", {"entry_point": agent}) for _ in range(2)
    ]
    for person in people:
        offering = asyncio.create_task(desk.event("offer.created"))
        await person.ask("chat.start", {"text": "hello"})
        offer = (await offering)["offer"]
        own["offer"] = offer["id"]
        if person is people[0]:
            await desk.ask("offer.accept", {"offer": offer["id"]})
            own["contact"] = offer["contact"]["id"]
            own["conversation"] = offer["contact"]["conversation"]
    await _commands(attack, desk, rng, values.AGENT, Ids(own, attack.target.others))
    for person in people:
        person.close()
    desk.close()


async def _commands(
    attack: Attack,
    seat: Seat,
    rng: random.Random,
    kinds: Mapping[str, type[wire.Payload]],
    ids: Ids,
) -> None:
    for _ in range(WINDOWS):
        attack.sent += WINDOW
        drawn = (values.command(rng, kinds, ids) for _ in count())
        commands = list(islice(filter(_fits, drawn), WINDOW))
        answers = await seat.ask_all(commands)
        for command, answer in zip(commands, answers, strict=True):
            assert answer.startswith(('{"ok":true', '{"ok":false')), (command, answer)
            # Without a seal key, what is sealed is not available to anybody.
            is_reveal = command[0] == '"contact.reveal"'
            assert is_reveal or '"code":"unavailable"' not in answer, (command, answer)
        if attack.is_enough:
            return


def _fits(command: tuple[str, str]) -> bool:
    """Its message is not of a size that ends the socket; such messages are in other families."""
    return sum(len(part.encode()) for part in command) < FITS


async def handshakes(attack: Attack, rng: random.Random, place: int) -> None:
    """Requests that may become a WebSocket, and what is shown to enter; each is answered."""
    requests = 3
    attack.sent += requests + SHOWN
    for _ in range(requests):
        await _knock(attack.target, values.request(rng))
    await _show(attack.target, rng, f"fuzz-{place}")


async def _knock(target: Target, request: bytes) -> None:
    wire = await Wire.dial(target)
    wire.transport.write(request)
    await wire.until(lambda: wire.head is not None, SILENCE_S)

    assert wire.head is None or wire.head.startswith(b"HTTP/"), (request, wire.head)
    assert wire.head is None or b" 500 " not in wire.head[:20], (request, wire.head)
    wire.close()


async def _show(target: Target, rng: random.Random, agent: str) -> None:
    """Ask to enter again and again on one socket, and leave when let in."""
    wire = await Wire.upgraded(target)
    for _ in range(SHOWN):
        path, text = values.auth(rng, agent)
        wire.texts.clear()
        wire.transport.write(framed(f"40{path},{text}".encode()))
        yes, no = f"40{path},".encode(), f"44{path},".encode()
        is_in_time = await wire.until(
            lambda: any(each.startswith((yes, no)) for each in wire.texts)  # noqa: B023 - awaited
        )

        assert is_in_time, ("not answered", path, text[:500])
        assert not wire.is_lost.is_set(), ("dropped", path, text[:500])
        if any(each.startswith(yes) for each in wire.texts):
            wire.transport.write(framed(f"41{path},".encode()))
    wire.close()


FAMILIES = {
    "frames": frames,
    "packets": packets,
    "customer commands": customer_commands,
    "agent commands": agent_commands,
    "handshakes": handshakes,
}
