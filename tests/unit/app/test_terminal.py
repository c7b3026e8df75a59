"""The terminals show what agents and customers need, once, and know commands from plain text."""

import asyncio
import io
import os
from collections.abc import Mapping

import pytest

from router.app.heard import Contact, Named, Offer, Person
from router.app.sockets import Event
from router.app.terminal import typed_lines
from router.app.terminal_chat import ChatTerminal
from router.app.terminal_chats import Chats, OpenOffer, OpenOffers
from router.app.terminal_desk import DeskTerminal, parsed
from router.app.terminal_screen import Mistyped, Screen

ANNA: dict[str, object] = {
    "id": "anna",
    "name": "Anna",
    "state": "idle",
    "load": 0,
    "capacity": 3,
    "queues": ["support"],
}


def contact(name: str = "c1", **changes: object) -> dict[str, object]:
    """Give a contact as it comes over the wire, with a field that this client does not know."""
    return {
        "id": name,
        "queue": "support",
        "state": "connected",
        "customer": {"id": "p1", "name": "Maja", "verified": False},
        "owner": "anna",
        "legs": [{"agent": "anna", "state": "active"}],
        **changes,
    }


def message(text: str, *, role: str = "customer", **changes: object) -> dict[str, object]:
    """Give a message as it comes over the wire."""
    name = {"customer": "Maja", "agent": "Anna"}.get(role)
    author = {"role": role, "id": role, **({"name": name} if name else {})}
    return {"contact": "c1", "author": author, "audience": "everyone", "text": text, **changes}


def offer(name: str = "o1", *, left_ms: int = 20_000) -> dict[str, object]:
    """Give an offer as it comes over the wire."""
    return {
        "id": name,
        "kind": "contact",
        "contact": contact(state="offered", owner=None, legs=[]),
        "queue": {"id": "support", "name": "Support"},
        "preview": [message("Where is it?")],
        "expires_at": 1_000_000 + left_ms,
        "server_now": 1_000_000,
    }


SNAPSHOT: dict[str, object] = {
    "agent": ANNA,
    "offers": [],
    "contacts": [],
    "queues": [{"id": "support", "name": "Support"}],
    "wrapup_codes": [{"id": "resolved"}, {"id": "refund", "queues": ["returns"]}],
    "idle_codes": [],
}


class Desk:
    """A desk's terminal and its screen."""

    def __init__(self) -> None:
        """Sit down."""
        self._stream = io.StringIO()
        self._terminal = DeskTerminal(Screen(self._stream), "token")
        self.hear("snapshot", SNAPSHOT)

    def hear(self, name: str, payload: Mapping[str, object]) -> str:
        """Hear one event and give what is shown of it."""
        before = len(self._stream.getvalue())
        self._terminal.hear(Event(name, payload))
        return self._stream.getvalue()[before:]


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("leave", ("leave", "")),
        ("leave it with me", ("say", "leave it with me")),
        ("end", ("end", "")),
        ("end resolved", ("end", "resolved")),
        ("note he called before", ("note", "he called before")),
        ("say end", ("say", "end")),
        ("transfer queue:support", ("transfer", "queue:support")),
        ("/accept 2", ("accept", "2")),
        ("transfer", ("say", "transfer")),
        ("Hello!", ("say", "Hello!")),
    ],
)
def test_only_a_whole_command_is_taken_for_one(line: str, command: tuple[str, str]) -> None:
    """A sentence that begins with a command's word must reach the customer, not end the chat."""
    assert parsed(line) == command


@pytest.mark.parametrize("line", ["/leave it", "/transfer", "/nothing", "/"])
def test_a_slash_always_means_a_command(line: str) -> None:
    """Whoever types one means no message, so a mistake in it must not be sent."""
    with pytest.raises(Mistyped):
        parsed(line)


async def test_an_offer_is_shown_with_the_seconds_left_and_its_words() -> None:
    """An agent decides on what it sees, in the time there is."""
    shown = Desk().hear("offer.created", {"offer": offer()})

    assert "OFFER 1: Maja (Support), 19 s left" in shown or "20 s left" in shown
    assert "Maja: Where is it?" in shown


async def test_an_offer_whose_deadline_moved_is_not_a_second_one() -> None:
    """The same id announces it again; the number to type stays."""
    desk = Desk()
    desk.hear("offer.created", {"offer": offer()})

    assert desk.hear("offer.created", {"offer": offer(left_ms=60_000)}) == ""


async def test_the_codes_shown_are_those_the_queue_allows() -> None:
    """A code that would be refused is no help."""
    desk = Desk()
    desk.hear("contact.assigned", {"contact": contact(), "messages": []})
    shown = desk.hear("wrapup.started", {"contact": "c1", "deadline_at": None})

    assert shown == "[1] Now type wrapup and one of: resolved\n"


async def test_notes_and_others_words_are_told_apart() -> None:
    """An agent must see at a glance what the customer cannot."""
    desk = Desk()
    desk.hear("contact.assigned", {"contact": contact(), "messages": []})
    note = message("Knows us well.", role="agent", audience="internal")

    assert desk.hear("message", note) == "[1] Anna (note): Knows us well.\n"
    assert desk.hear("message", message("Hi")) == "[1] Maja: Hi\n"


async def test_a_missed_offer_says_what_to_do() -> None:
    """RONA looks like silence otherwise, and the agent would wait for work in vain."""
    shown = Desk().hear("presence.changed", {"agent": {**ANNA, "state": "rona"}, "cause": "rona"})

    assert "type: available" in shown


async def test_an_unknown_event_is_ignored() -> None:
    """A newer server may say more than this client knows."""
    assert Desk().hear("weather.changed", {"at": 1}) == ""


async def test_a_position_is_told_when_it_changes() -> None:
    """The server repeats itself; a waiting customer need not read it twice."""
    stream = io.StringIO()
    terminal = ChatTerminal(Screen(stream), "shop")
    for position, wait_ms in ((2, 90_500), (2, 90_500), (1, None), (None, None)):
        payload = {"position": position, "estimated_wait_ms": wait_ms}
        terminal.hear(Event("chat.queued", payload))

    assert stream.getvalue() == (
        "You are number 2 in line, about 91 s to wait.\nYou are number 1 in line.\n"
    )


async def test_a_customer_is_resumed_by_its_token() -> None:
    """After a lost connection the same customer must come back, not a stranger."""
    terminal = ChatTerminal(Screen(io.StringIO()), "shop")
    before = dict(terminal.auth())
    entry_point: dict[str, object] = {"id": "shop", "name": "Shop", "open": True}
    session: dict[str, object] = {
        "token": "t1",
        "entry_point": entry_point,
        "conversations": [],
    }
    terminal.hear(Event("session", session))

    assert before == {"entry_point": "shop"}
    assert terminal.auth() == {"entry_point": "shop", "token": "t1"}


def test_what_others_write_cannot_move_the_cursor() -> None:
    """A message is shown on a stranger's terminal."""
    stream = io.StringIO()
    Screen(stream).show("a\x1b[2Jb\nc")

    assert stream.getvalue() == "a\\x1b[2Jb\nc\n"


def test_numbers_of_chats_stay_and_are_used_again() -> None:
    """`switch 2` must mean the same chat from one line to the next."""
    chats = Chats()
    person = Person(id="p")
    for name in ("a", "b", "c"):
        chats.keep(Contact(id=name, queue="q", state="connected", customer=person, owner=None))
    chats.switch("3")
    chats.drop("a")
    again = chats.keep(Contact(id="d", queue="q", state="connected", customer=person, owner=None))

    assert again.number == 1
    assert [chat.contact.id for chat in chats.all()] == ["d", "b", "c"]
    assert chats.current().contact.id == "c"
    with pytest.raises(Mistyped):
        chats.switch("9")


async def test_the_offer_with_the_least_time_left_is_the_one_accepted() -> None:
    """`accept` without a number is typed in a hurry."""
    reminded: list[OpenOffer] = []
    offers = OpenOffers(reminded.append)
    for name, left_ms in (("o1", 30_000), ("o2", 15_000)):
        offers.keep(
            Offer(
                id=name,
                kind="contact",
                contact=Contact(
                    id="c", queue="q", state="offered", customer=Person(id="p"), owner=None
                ),
                queue=Named("q", "Q"),
                expires_at=left_ms,
                server_now=0,
            )
        )

    assert offers.chosen("").offer.id == "o2"
    assert offers.chosen("1").offer.id == "o1"
    offers.clear()
    with pytest.raises(Mistyped):
        offers.chosen("")


async def test_lines_come_from_a_pipe_as_they_are_written_and_then_its_end() -> None:
    """A script may stop between two writes in the middle of a line, and without a last newline."""
    reading, writing = os.pipe()
    lines = typed_lines(reading)
    os.write(writing, b"first\nsec")
    first = await asyncio.wait_for(lines.get(), 5)
    os.write(writing, "ond\nlast é".encode())
    os.close(writing)
    rest = [await asyncio.wait_for(lines.get(), 5) for _ in range(3)]
    os.close(reading)

    assert first == "first"
    assert rest == ["second", "last é", None]


def test_who_is_signed_out_reads_why() -> None:
    """A terminal that just ends looks like a broken one."""
    closed = {"code": "unauthenticated", "message": "the token has expired", "retryable": False}

    assert "the token has expired" in Desk().hear("connection.closed", closed)
