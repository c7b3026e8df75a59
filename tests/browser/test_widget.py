"""The widget by itself: each of its screens, the keyboard, a site's script, a frame."""

import re
from collections.abc import Iterator

import pytest
from aiohttp import web
from playwright.sync_api import expect

from tests.browser.house import House
from tests.browser.origins import served
from tests.browser.people import Agent, Visitor
from tests.browser.windows import FEW, PHONE
from tests.support.server import IDENTITY_SECRET, sign

SIGNING = [
    {
        "id": "shop",
        "name": "Shop",
        "queue": "support",
        "pre_chat": ["name", "email", "phone", "subject"],
        "identity_secret": IDENTITY_SECRET,
    }
]
HIDE = """
is_hidden => {
    Object.defineProperty(document, "visibilityState", {
        configurable: true, get: () => is_hidden ? "hidden" : "visible",
    });
    document.dispatchEvent(new Event("visibilitychange"));
}
"""
NOTE_EVENTS = """
async () => {
    window.noted = [];
    for (const name of ["open", "close", "unread", "chat.started", "chat.ended"])
        await Frontdesk.on(name, detail => window.noted.push([name, detail.count ?? ""]));
}
"""


@pytest.fixture
def anna(house: House) -> Agent:
    """Sit down as Anna and take chats."""
    agent = Agent(house.desk("anna"))
    agent.go_available()
    return agent


def test_every_screen_of_the_widget_can_be_seen_and_used_by_anybody(house: House) -> None:
    """From the first question to the list of chats, in light and dark and mirrored."""
    visitor = Visitor(house.visitor())
    visitor.open()
    expect(visitor.panel.get_by_role("textbox", name="Your message")).to_be_visible()
    visitor.window.inspect("widget-new", looks=FEW)
    message = visitor.panel.get_by_role("textbox", name="Your message")
    message.fill("y" * 1_002)
    expect(visitor.panel.get_by_text("Too long by 2 characters.")).to_be_visible()
    message.fill("Can I return a bowl?")
    visitor.panel.get_by_role("button", name="Start chat").click()
    expect(visitor.panel.get_by_text("You're number 1")).to_be_visible()
    visitor.window.inspect("widget-queued", looks=FEW)
    anna = Agent(house.desk("anna"))
    anna.go_available()
    anna.offers.get_by_role("button", name="Accept").click()
    anna.say("Of course. See https://shop.example/returns.")
    visitor.say("Call me on 070-123 45 67")
    visitor.hears("Phone number hidden for your safety")
    visitor.window.inspect("widget-chat")
    visitor.say("My card is 4111 1111 1111 1111")
    expect(visitor.panel.get_by_text("This looks like a card number.")).to_be_visible()
    visitor.window.inspect("widget-card", looks=FEW)
    visitor.panel.get_by_role("button", name="Hide it and send").click()
    visitor.hears(re.compile(r"\*{12}1111"))
    visitor.panel.get_by_role("button", name="More").click()
    visitor.window.inspect("widget-menu", looks=FEW[:1])
    visitor.panel.get_by_role("menuitem", name="End chat").click()
    expect(visitor.panel.get_by_role("button", name="Keep chatting")).to_be_focused()
    visitor.window.inspect("widget-ending", looks=FEW)
    visitor.panel.get_by_role("button", name="End chat").click()
    expect(visitor.panel.get_by_text("You ended the chat.")).to_be_visible()
    visitor.window.inspect("widget-ended", looks=FEW)
    visitor.choose("Your chats")
    entry = visitor.panel.get_by_role("button", name=re.compile("^Anna Berg"))
    expect(entry).to_contain_text("You: My card is ************1111")
    visitor.window.inspect("widget-list", looks=FEW)
    entry.click()

    expect(visitor.panel.get_by_role("button", name="Start again")).to_be_visible()


def test_the_keyboard_opens_writes_and_closes(house: House) -> None:
    """Focus goes where one goes on, stays inside on a phone, and returns to the launcher."""
    visitor = Visitor(house.visitor(size=PHONE))
    launcher = visitor.page.get_by_role("button", name="Chat", exact=True)
    launcher.press("Enter")
    name = visitor.panel.get_by_role("textbox", name=re.compile("^Name"))
    expect(name).to_be_focused()
    visitor.page.keyboard.press("Shift+Tab")
    visitor.page.keyboard.press("Shift+Tab")
    visitor.page.keyboard.press("Shift+Tab")
    expect(visitor.panel.get_by_role("button", name="Start chat")).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.panel.get_by_text("Write a message first.")).to_be_visible()
    message = visitor.panel.get_by_role("textbox", name="Your message")
    expect(message).to_be_focused()
    visitor.page.keyboard.press("Escape")
    expect(visitor.panel).to_have_count(0)

    expect(launcher).to_be_focused()


def test_the_launcher_and_the_title_count_what_is_unread(house: House, anna: Agent) -> None:
    """Whoever looks elsewhere is told, until they look."""
    visitor = Visitor(house.visitor())
    visitor.start("My mug is broken", name="Maja")
    anna.accept("Maja")
    visitor.hears("Anna Berg joined")
    visitor.panel.get_by_role("button", name="Close chat").click()
    title = visitor.page.title()
    visitor.page.evaluate(HIDE, arg=True)
    anna.say("Which order?")
    expect(visitor.page.get_by_role("button", name="Chat, 1 unread")).to_be_visible()
    expect(visitor.page).to_have_title("(1) Shop")
    visitor.page.evaluate(HIDE, arg=False)
    expect(visitor.page).to_have_title(title)
    visitor.open()
    visitor.hears("Which order?")
    visitor.panel.get_by_role("button", name="Close chat").click()

    expect(visitor.page.get_by_role("button", name="Chat", exact=True)).to_be_visible()


@pytest.mark.house(entry_points=SIGNING)
def test_a_site_speaks_to_the_widget(house: House, anna: Agent) -> None:
    """It opens it, says who the visitor is and in which language, and is told what happens."""
    visitor = Visitor(house.visitor())
    page = visitor.page
    page.evaluate(NOTE_EVENTS)
    page.evaluate("Frontdesk.attributes({ plan: 'Member' })")
    page.evaluate("Frontdesk.open()")
    visitor.panel.get_by_role("textbox", name=re.compile("^Subject")).fill("A broken mug")
    visitor.panel.get_by_role("textbox", name="Your message").fill("It arrived today")
    visitor.panel.get_by_role("button", name="Start chat").click()
    expect(visitor.log).to_be_visible()
    page.evaluate("jwt => Frontdesk.identify(jwt)", sign(IDENTITY_SECRET, sub="7", name="Maja L."))
    anna.offers.get_by_role("button", name="Accept").click()
    expect(anna.list.get_by_text("Maja L.")).to_be_visible()
    expect(anna.side.get_by_text("Member")).to_be_visible()
    page.evaluate("Frontdesk.setLocale('sv')")
    visitor.hears("Anna Berg har anslutit")
    other = Visitor(visitor.window.tab())
    page.evaluate("Frontdesk.reset()")
    expect(visitor.panel).to_have_count(0)
    other.open()
    expect(other.panel.get_by_role("textbox", name="Your message")).to_be_visible()

    noted = [tuple(each) for each in page.evaluate("window.noted")]
    assert noted[:2] == [("open", ""), ("chat.started", "")]
    assert ("close", "") in noted


@pytest.fixture
def framing(house: House) -> Iterator[str]:
    """Serve a site that shows the chat in a frame; gives its address."""

    async def page(_request: web.Request) -> web.Response:
        frame = f'<iframe title="Chat" src="{house.server.url}/embed?entry_point=shop"></iframe>'
        return web.Response(
            text=f"<!doctype html><title>A site</title>{frame}", content_type="text/html"
        )

    app = web.Application()
    app.router.add_get("/", page)
    with served(app) as url:
        yield url


def test_a_frame_holds_the_widget_alone(house: House, framing: str) -> None:
    """Where a site runs no foreign script, the chat fills a frame and takes no focus unasked."""
    window = house.window(framing)
    window.profile.allow("favicon")
    frame = window.page.frame_locator("iframe")
    message = frame.get_by_role("textbox", name="Your message")
    expect(message).to_be_visible()
    expect(frame.get_by_role("button", name="Close chat")).to_have_count(0)

    assert window.page.evaluate("document.activeElement.tagName") == "BODY"
    message.fill("From a frame")
    frame.get_by_role("button", name="Start chat").click()
    expect(frame.get_by_role("log").get_by_text("From a frame")).to_be_visible()
