"""What a visitor and an agent do on the pages, by the roles and names that everybody perceives."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.windows import Window

Words = str | re.Pattern[str]


class Visitor:
    """A customer on the shop's page."""

    def __init__(self, window: Window) -> None:
        """Look at a page with the widget on it."""
        self.window = window
        self.page = window.page
        self.panel = self.page.get_by_role("dialog", name="Shop")
        self.log = self.panel.get_by_role("log")
        self.composer = self.panel.get_by_role("textbox", name="Write a message")

    def open(self) -> None:
        """Open the panel."""
        self.page.get_by_role("button", name=re.compile("^Chat")).click()
        expect(self.panel).to_be_visible()

    def start(self, text: str, *, name: str = "") -> None:
        """Open the panel and begin a chat."""
        self.open()
        if name:
            self.panel.get_by_role("textbox", name=re.compile("^Name")).fill(name)
        self.panel.get_by_role("textbox", name="Your message").fill(text)
        self.panel.get_by_role("button", name="Start chat").click()
        expect(self.log).to_be_visible()

    def say(self, text: str) -> None:
        """Send a message."""
        self.composer.fill(text)
        self.composer.press("Enter")

    def choose(self, item: str) -> None:
        """Choose an item of the menu."""
        self.panel.get_by_role("button", name="More").click()
        self.panel.get_by_role("menuitem", name=item).click()

    def end(self) -> None:
        """End the chat, and mean it."""
        self.choose("End chat")
        self.panel.get_by_role("group", name="End this chat?").get_by_role(
            "button", name="End chat"
        ).click()

    def hears(self, words: Words, *, times: int = 1) -> None:
        """Wait until a message is there as often as said."""
        expect(self.log.get_by_text(words)).to_have_count(times)


class Agent:
    """An agent at the desk."""

    def __init__(self, window: Window) -> None:
        """Look at a desk that is signed in."""
        self.window = window
        self.page = window.page
        self.list = self.page.get_by_role("navigation", name="Chats")
        self.offers = self.page.get_by_role("region", name="Requests")
        self.chat = self.page.get_by_role("main", name="Open chat")
        self.log = self.chat.get_by_role("log")
        self.composer = self.chat.get_by_role("textbox", name=re.compile("^Message to"))
        self.side = self.page.get_by_role("complementary", name="Details and panels")
        self.state = self.page.get_by_role("button", name=re.compile("^Your state"))

    def go_available(self) -> None:
        """Take chats from now on."""
        self.page.get_by_role("button", name="Go Available").click()
        self.is_in("Available")

    def go(self, state: str) -> None:
        """Choose a state from the menu."""
        self.state.click()
        self.page.get_by_role("menuitemradio", name=state, exact=True).click()
        self.is_in(state)

    def is_in(self, state: str) -> None:
        """Wait until the agent's own state is this."""
        expect(self.state).to_have_accessible_name(re.compile(rf"^Your state: {state}\b"))

    def offer(self, customer: str) -> Locator:
        """Give the card of a request."""
        return self.offers.get_by_role("article", name=customer)

    def accept(self, customer: str) -> None:
        """Answer a request; its chat opens."""
        self.offer(customer).get_by_role("button", name="Accept").click()
        expect(self.chat.get_by_role("heading", name=customer)).to_be_visible()

    def decline(self, customer: str) -> None:
        """Turn a request down."""
        self.offer(customer).get_by_role("button", name="Decline").click()

    def say(self, text: str) -> None:
        """Send a message to the customer."""
        self.composer.fill(text)
        self.composer.press("Enter")

    def note(self, text: str) -> None:
        """Leave an internal note, and go back to replying."""
        modes = self.chat.get_by_role("group", name="Who reads this")
        modes.get_by_role("button", name="Internal note").click()
        field = self.chat.get_by_role("textbox", name="Internal note")
        field.fill(text)
        field.press("Enter")
        expect(field).to_have_value("")
        modes.get_by_role("button", name="Reply").click()

    def hears(self, words: Words, *, times: int = 1) -> None:
        """Wait until a line is in the log as often as said."""
        expect(self.log.get_by_text(words)).to_have_count(times)

    def ask(self, panel: str, colleague: str, *, submit: str = "") -> None:
        """Ask a colleague to take over or to join."""
        self.chat.get_by_role("button", name=panel).click()
        self.side.get_by_role("radio", name=re.compile(f"^{colleague}")).check(force=True)
        self.side.get_by_role("button", name=submit or panel, exact=True).click()

    def transfer_to_queue(self, queue: str) -> None:
        """Hand a chat over to a queue."""
        self.chat.get_by_role("button", name="Transfer").click()
        self.side.get_by_role("button", name="Queue").click()
        self.side.get_by_role("radio", name=re.compile(f"^{queue}")).check(force=True)
        self.side.get_by_role("button", name="Transfer", exact=True).click()

    def end(self, code: str) -> None:
        """End the chat and say what it was about."""
        self.chat.get_by_role("button", name="End", exact=True).click()
        self.side.get_by_role("radio", name=code).check(force=True)
        self.side.get_by_role("button", name="End and submit").click()

    def wrap_up(self, code: str) -> None:
        """Say what a chat was about that has ended."""
        self.chat.get_by_role("button", name="Wrap up").first.click()
        self.side.get_by_role("radio", name=code).check(force=True)
        self.side.get_by_role("button", name="Submit wrap-up").click()
