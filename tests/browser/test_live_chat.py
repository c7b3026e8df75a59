"""A chat from the first word to the wrap-up, with a visitor's page beside agents' desks."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.house import House
from tests.browser.people import Agent, Visitor

CARD = "4111 1111 1111 1111"
QUICK = [
    {"id": "support", "name": "Support", "offer_timeout_ms": 3_000},
    {"id": "returns", "name": "Returns"},
]


@pytest.fixture
def visitor(house: House) -> Visitor:
    """Come to the shop."""
    return Visitor(house.visitor())


@pytest.fixture
def anna(house: House) -> Agent:
    """Sit down as Anna and take chats."""
    agent = Agent(house.desk("anna"))
    agent.go_available()
    return agent


@pytest.fixture
def bo(house: House) -> Agent:
    """Sit down as Bo; nothing is taken yet."""
    return Agent(house.desk("bo"))


def in_conversation(visitor: Visitor, anna: Agent) -> None:
    """Let a visitor and an agent talk."""
    visitor.start("My mug is broken", name="Maja")
    anna.accept("Maja")
    anna.say("I am sorry, which order?")
    visitor.hears("I am sorry, which order?")


def test_a_chat_is_answered_ended_and_wrapped_up(visitor: Visitor, anna: Agent) -> None:
    """It is what the product is for, and every step of it is seen on both sides."""
    visitor.start("My mug is broken", name="Maja")
    expect(anna.offer("Maja")).to_contain_text("My mug is broken")
    expect(anna.offer("Maja")).to_contain_text("Support")
    anna.accept("Maja")
    visitor.hears("Anna Berg joined")
    anna.note("A regular")
    anna.say("I am sorry, which order?")
    visitor.hears("I am sorry, which order?")
    visitor.say("Order 48213 <b>today</b>")
    anna.hears("Order 48213 <b>today</b>")
    anna.end("Resolved")
    expect(visitor.panel.get_by_text("Anna Berg ended the chat.")).to_be_visible()
    expect(anna.list.get_by_text("No chats yet.")).to_be_visible()
    visitor.panel.get_by_role("button", name="Start again").click()
    visitor.say("One more thing")
    expect(anna.offer("Maja")).to_contain_text("One more thing")

    expect(visitor.log).not_to_contain_text("A regular")


def test_a_card_number_is_hidden_from_everybody_and_its_sender_told(
    visitor: Visitor, anna: Agent, house: House
) -> None:
    """It is warned of before, masked on both pages after, and not kept by the browser."""
    in_conversation(visitor, anna)
    visitor.say(f"My card is {CARD}")
    visitor.panel.get_by_role("button", name="Send as written").click()
    anna.hears(re.compile(r"^\*{12}1111$"))
    visitor.hears(re.compile(r"^\*{12}1111$"))
    visitor.hears("Card number hidden for your safety")

    for page in (visitor.page, anna.page):
        shown = page.content() + page.evaluate(
            "JSON.stringify([{...sessionStorage}, {...localStorage}])"
        )
        assert "1111 1111" not in shown
    assert house.server.find("1111 1111", "4111111111111111") == []


@pytest.mark.house(queues=QUICK)
def test_who_misses_a_request_comes_back_with_one_click(visitor: Visitor, anna: Agent) -> None:
    """RONA must not be overlooked, nor be hard to leave; the customer keeps the place."""
    visitor.start("Is anybody there?", name="Maja")
    expect(anna.offer("Maja")).to_be_visible()
    anna.is_in("RONA")
    banner = anna.page.get_by_role("region", name=re.compile("^RONA"))
    expect(banner).to_contain_text("New chats are paused")
    banner.get_by_role("button", name="Back to Available").click()
    anna.accept("Maja")
    anna.hears("Is anybody there?")

    expect(banner).to_have_count(0)


def test_a_transfer_is_declined_then_accepted_then_goes_back_by_the_queue(
    visitor: Visitor, anna: Agent, bo: Agent
) -> None:
    """Whoever asks keeps the chat until somebody takes it; the customer is never without one."""
    in_conversation(visitor, anna)
    bo.go_available()
    anna.ask("Transfer", "Bo Lind")
    expect(bo.offer("Maja")).to_contain_text("From Anna Berg")
    bo.decline("Maja")
    anna.hears(re.compile("^Bo Lind declined. The transfer was removed"))
    anna.say("One moment more")
    anna.ask("Transfer", "Bo Lind")
    bo.accept("Maja")
    visitor.hears("Bo Lind joined")
    expect(anna.chat.get_by_text("You handed this chat over.")).to_be_visible()
    expect(anna.chat.get_by_text("Conference")).to_have_count(0)
    anna.wrap_up("Follow up")
    bo.hears("One moment more")
    bo.say("Bo here")
    visitor.hears("Bo here")
    bo.transfer_to_queue("Support")
    anna.accept("Maja")
    anna.hears("Bo here")
    anna.say("And Anna again")

    visitor.hears("And Anna again")


def test_two_agents_talk_to_one_customer_until_one_leaves(
    visitor: Visitor, anna: Agent, bo: Agent
) -> None:
    """A conference is requested, joined, heard by all three, and ends for one alone."""
    in_conversation(visitor, anna)
    bo.go_available()
    anna.ask("Conference", "Bo Lind")
    expect(anna.chat.get_by_text("Conference requested, Bo Lind")).to_be_visible()
    expect(bo.offer("Maja")).to_contain_text("Anna Berg asks you to join")
    bo.accept("Maja")
    expect(anna.chat.get_by_text("Conference · Bo Lind")).to_be_visible()
    bo.say("Hello from the depot")
    visitor.hears("Hello from the depot")
    anna.hears("Hello from the depot")
    anna.chat.get_by_role("button", name="End conference").click()
    anna.side.get_by_role("button", name="Remove Bo Lind").click()
    visitor.hears("Bo Lind left")
    bo.wrap_up("Resolved")
    anna.say("It is us two again")

    visitor.hears("It is us two again")


def test_the_customer_ends_and_only_wrap_up_is_left(visitor: Visitor, anna: Agent) -> None:
    """The agent is told who ended it, and owes a reason before the slot is free."""
    in_conversation(visitor, anna)
    visitor.end()
    expect(visitor.panel.get_by_text("You ended the chat.")).to_be_visible()
    expect(anna.chat.get_by_text("Customer ended the conversation.").first).to_be_visible()
    expect(anna.composer).to_have_count(0)
    anna.wrap_up("Resolved")

    expect(anna.list.get_by_text("No chats yet.")).to_be_visible()


def test_what_is_written_while_the_server_is_gone_arrives_once(
    visitor: Visitor, anna: Agent, house: House
) -> None:
    """Both sides write through a crash; when it is over nothing is lost and nothing is twice."""
    in_conversation(visitor, anna)
    for person in (visitor, anna):
        person.window.profile.allow("WebSocket connection to", "ERR_CONNECTION_REFUSED")
    port = int(house.server.url.rpartition(":")[2])
    house.server.kill()
    visitor.say("Are you still there?")
    anna.say("The line is bad")
    expect(visitor.panel.get_by_text("Not sent yet")).to_be_visible()
    house.server.start(port)
    anna.hears("Are you still there?")
    visitor.hears("The line is bad")
    visitor.say("Now it is better")
    anna.hears("Now it is better")

    for log in (visitor, anna):
        log.hears("Are you still there?")
        log.hears("The line is bad")


def test_two_tabs_of_one_person_are_one(visitor: Visitor, anna: Agent, house: House) -> None:
    """What is done in one window is there in the other, and an offer is answered once."""
    second = Agent(house.desk("anna"))
    visitor.start("My mug is broken", name="Maja")
    expect(second.offer("Maja")).to_be_visible()
    anna.accept("Maja")
    expect(second.offers.get_by_text("Accepted in another window")).to_be_visible()
    second.list.get_by_role("button", name=re.compile("Maja")).click()
    other = Visitor(visitor.window.tab())
    other.open()
    other.say("From the second tab")
    for log in (visitor, anna, second):
        log.hears("From the second tab")
    second.say("From the second desk")

    for log in (visitor, other, anna):
        log.hears("From the second desk")
