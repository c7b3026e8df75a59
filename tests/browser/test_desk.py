"""The desk's screens in all their looks, its keys, and what it says when something fails."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.callers import Caller, Callers, calling
from tests.browser.house import House
from tests.browser.people import Agent
from tests.browser.windows import LOOKS

QUEUES = [
    {"id": "support", "name": "Support", "offer_timeout_ms": 60_000},
    {"id": "returns", "name": "Returns"},
    {"id": "depot", "name": "Depot"},
]
AGENTS = [
    {"id": "anna", "name": "Anna Berg", "queues": ["support"], "capacity": 5},
    {"id": "bo", "name": "Bo Lind", "queues": ["returns"]},
    {"id": "cleo", "name": "Cleo Dahl", "queues": ["returns"], "capacity": 1},
]
FEW = (LOOKS[0], LOOKS[1], LOOKS[3])  # light, dark, and mirrored on a phone


@pytest.fixture
def callers(house: House) -> Iterator[Callers]:
    """Have people without pages."""
    with calling(house.server) as callers:
        yield callers


@pytest.fixture
def anna(house: House) -> Agent:
    """Sit down as Anna and take chats."""
    agent = Agent(house.desk("anna"))
    agent.go_available()
    return agent


def talk(anna: Agent, callers: Callers, name: str = "Melissa Lindqvist") -> Caller:
    """Let a customer without a page talk to Anna."""
    customer = callers.customer("Hi! One of the mugs is broken.", name=name, subject="Broken mug")
    anna.accept(name)
    return customer


@pytest.mark.house(queues=QUEUES, agents=AGENTS)
def test_every_screen_of_the_desk_keeps_nobody_out(
    house: House, callers: Callers, anna: Agent
) -> None:
    """Axe finds nothing and nothing scrolls sideways: light, dark, mirrored, wide and narrow."""
    bo = callers.agent("bo")
    callers.agent("cleo", state="idle", idle_code="lunch")
    anna.window.inspect("desk-empty", looks=FEW)
    melissa = talk(anna, callers)
    melissa.say("Call me on +46 70 123 45 67 or write to melissa@example.com")
    anna.note("Second one this week")
    anna.say("I am sorry about that.")
    anna.ask("Conference", "Bo Lind")
    bo.answer()
    bo.do("message.send", contact=melissa.contact, text="Hello from the depot")
    joao = talk(anna, callers, "João Ferreira")
    joao.end()
    expect(anna.chat.get_by_text("Customer ended the conversation.").first).to_be_visible()
    anna.window.inspect("desk-wrap-up", looks=FEW)
    anna.list.get_by_role("button", name=re.compile("Melissa")).click()
    callers.customer("It begins 4111 1111 1111 1111, where is my mug?", name="Karin Rask")
    callers.customer("Can I return it?")
    expect(anna.offers.get_by_role("article")).to_have_count(2)
    anna.hears("Hello from the depot")
    anna.window.inspect("desk-chat")
    anna.chat.get_by_role("button", name="Internal note").click()
    anna.window.inspect("desk-note", looks=(LOOKS[0], LOOKS[6]))
    for panel in ("Transfer", "End conference", "End"):
        anna.chat.get_by_role("button", name=panel, exact=True).click()
        expect(anna.side.get_by_role("heading", level=2)).to_be_visible()
        expect(anna.side.get_by_text("Loading…")).to_have_count(0)
        anna.window.inspect(f"desk-{panel.lower().replace(' ', '-')}", looks=FEW)
    for name, key in (("shortcuts", "?"), ("commands", "Control+k")):
        anna.side.press(key)
        anna.window.inspect(f"desk-{name}", looks=FEW)
    anna.page.keyboard.press("Escape")
    anna.state.click()
    anna.window.inspect("desk-state", looks=FEW[:2])

    window = house.window(f"{house.server.url}/desk")
    expect(window.page.get_by_role("heading", name="Sign in to the desk")).to_be_visible()
    window.inspect("desk-sign-in", looks=FEW)


def test_a_chat_is_answered_and_written_to_by_keys_alone(anna: Agent, callers: Callers) -> None:
    """Whoever uses no mouse works as fast; no key that was meant for something else answers."""
    callers.customer("Is anybody there?", name="Maja")
    keys = anna.page.keyboard
    expect(anna.offer("Maja")).to_be_visible()
    anna.page.evaluate("() => { performance.now = () => 0 }")
    keys.press("F2")
    keys.press("Enter")  # too soon after the focus came
    accept = anna.offer("Maja").get_by_role("button", name="Accept")
    expect(accept).to_be_focused()
    expect(accept).to_have_text(re.compile("^Accept"))
    anna.page.evaluate("() => { delete performance.now }")  # time enough to mean it
    keys.press("Enter")
    expect(anna.composer).to_be_focused()
    keys.type("/hel")
    keys.press("Enter")
    expect(anna.composer).to_have_value("Hello Maja, this is Anna Berg.")
    keys.press("Shift+Enter")
    keys.type("How are you?")
    keys.press("Enter")
    anna.hears("Hello Maja, this is Anna Berg.\nHow are you?")
    expect(anna.composer).to_have_value("")
    keys.type("/sent")
    keys.press("Enter")
    keys.press("Enter")
    expect(anna.chat.get_by_text("Fill in <number> first.")).to_be_visible()
    keys.type("7")
    keys.press("Enter")
    anna.hears("Your parcel 7 is on its way.")
    keys.type("He is rude")
    keys.press("F8")
    keys.press("F8")
    keys.press("Enter")
    expect(anna.chat.get_by_text("Send this note to the customer?")).to_be_visible()
    keys.press("Enter")
    keys.press("Enter")
    expect(anna.log.get_by_text("Internal note · the customer can't see this")).to_be_visible()
    keys.press("Control+k")
    keys.type("end")
    keys.press("Enter")
    expect(anna.side.get_by_role("searchbox", name="Search reasons")).to_be_focused()
    keys.press("Escape")

    expect(anna.side.get_by_role("searchbox")).to_have_count(0)


def test_what_is_typed_before_the_answer_is_the_next_message(
    house: House, anna: Agent, callers: Callers
) -> None:
    """A fast agent never waits for the server, wherever the caret stood, whatever mode comes."""
    talk(anna, callers, "Maja")
    keys = anna.page.keyboard
    anna.composer.fill("On its way")
    keys.press("Home")
    with house.server.held():
        keys.press("Enter")
        keys.type("Bye")
    expect(anna.composer).to_have_value("Bye")
    with house.server.held():
        keys.press("Enter")
        keys.type("He is rude")
        keys.press("F8")
    keys.press("Enter")
    expect(anna.log.get_by_text("Internal note · the customer can't see this")).to_be_visible()
    anna.hears("On its way")
    anna.hears("Bye")
    anna.hears("He is rude")
    expect(anna.chat.get_by_role("textbox", name="Internal note")).to_have_value("")


@pytest.mark.house(queues=QUEUES, agents=AGENTS)
def test_what_cannot_be_done_is_explained_where_it_was_tried(anna: Agent, callers: Callers) -> None:
    """A refusal says what to do next, and nothing that was chosen or typed is lost."""
    bo = callers.agent("bo")
    talk(anna, callers)
    anna.chat.get_by_role("button", name="Transfer").click()
    anna.side.get_by_role("searchbox").fill("nobody of this name")
    expect(anna.side.get_by_text("Nothing matches “nobody of this name”.")).to_be_visible()
    anna.side.get_by_role("searchbox").fill("bo")
    anna.side.get_by_role("radio", name=re.compile("^Bo Lind")).check(force=True)
    expect(anna.side.get_by_text("You keep the chat until Bo Lind accepts.")).to_be_visible()
    bo.do("presence.set", state="idle")
    anna.side.get_by_role("button", name="Transfer", exact=True).click()
    refused = "Bo Lind can't take a chat right now. Choose someone else."
    expect(anna.side.get_by_text(refused)).to_be_visible()
    anna.side.get_by_role("button", name="Queue").click()
    anna.side.get_by_role("radio", name=re.compile("^Depot")).check(force=True)
    anna.side.get_by_role("button", name="Transfer", exact=True).click()
    expect(anna.side.get_by_text("Nobody is signed in to Depot.")).to_be_visible()
    anna.side.get_by_role("button", name="Transfer anyway").click()
    expect(anna.chat.get_by_text("You handed this chat over.")).to_be_visible()
    anna.wrap_up("Resolved")
    anna.list.get_by_role("button", name="Recent").click()
    expect(anna.list.get_by_text("No chats yet.")).to_have_count(0)

    expect(anna.composer).to_have_count(0)


def test_closed_chats_are_found_again_with_all_that_was_said(anna: Agent, callers: Callers) -> None:
    """An agent looks back at what it promised; notes stand where they were written."""
    melissa = talk(anna, callers)
    anna.note("Promised a new one")
    anna.say("A new one is on its way")
    anna.hears("A new one is on its way")
    melissa.end()
    anna.wrap_up("Follow up")
    anna.list.get_by_role("button", name="Recent").click()
    anna.list.get_by_role("button", name=re.compile("^ML ?Melissa|Melissa")).click()
    for text in ("Hi! One of the mugs is broken.", "Promised a new one", "A new one is on its way"):
        anna.hears(text)
    anna.window.inspect("desk-recent", looks=FEW[:2])

    expect(
        anna.chat.get_by_text("This chat is over. You're reading what was said.")
    ).to_be_visible()
    expect(anna.composer).to_have_count(0)


def test_a_card_number_in_two_messages_disappears_from_both(anna: Agent, callers: Callers) -> None:
    """What was shown already is swapped where it stands, and nothing of it stays on the page."""
    melissa = talk(anna, callers)
    melissa.say("It begins 4111 1111")
    anna.hears("It begins 4111 1111")
    melissa.say("1111 1111")
    expect(anna.log.get_by_text("It begins 4111 1111")).to_have_count(0)
    expect(anna.log.locator(".chip")).to_have_count(2)

    assert "4111" not in anna.page.content()


def test_a_drain_is_not_seen_and_what_is_written_meanwhile_arrives(
    anna: Agent, callers: Callers, house: House
) -> None:
    """Servers are replaced while people work: drafts, chats and the open panel stay as they are."""
    anna.window.profile.allow("WebSocket connection to", "ERR_CONNECTION_REFUSED")
    melissa = talk(anna, callers)
    anna.composer.fill("half a sentence")
    port = int(house.server.url.rpartition(":")[2])
    house.server.stop()
    anna.say("written without a server")
    house.server.start(port)
    anna.hears("written without a server")
    expect(anna.chat.get_by_text("Not sent yet")).to_have_count(0)
    anna.is_in("Available")
    with calling(house.server) as later:
        later.customer("I am new", name="Noah")
        expect(anna.offer("Noah")).to_be_visible()

    assert melissa.contact
    anna.hears("written without a server", times=1)
