"""A Frontdesk, a shop on another origin, and the browsers of everybody who comes."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize

from router.app.demo_shop import shop_app
from tests.browser.origins import served
from tests.browser.windows import DESKTOP, PICTURES, Profile, Window
from tests.support.server import SECRET, Server, Toml, sign

UNLIMITED: Mapping[str, Toml] = {
    "connects_per_minute": 0,
    "connects_per_second": 0,
    "sockets_per_address": 0,
}
CONFIGURATION: Mapping[str, Toml] = {
    "tenant": {"id": "main"},
    "auth": {"secret": SECRET},
    "limits": UNLIMITED,
    "entry_points": [
        {
            "id": "shop",
            "name": "Shop",
            "queue": "support",
            "queues": ["returns"],
            "greeting": "Hi. Tell us what it's about.",
            "pre_chat": ["name"],
        }
    ],
    "queues": [
        {"id": "support", "name": "Support", "offer_timeout_ms": 60_000},
        {"id": "returns", "name": "Returns", "offer_timeout_ms": 60_000},
    ],
    "agents": [
        {"id": "anna", "name": "Anna Berg", "queues": ["support"]},
        {"id": "bo", "name": "Bo Lind", "queues": ["support", "returns"]},
        {"id": "cleo", "name": "Cleo Dahl", "queues": ["returns"]},
    ],
    "wrapup_codes": [
        {"id": "resolved", "name": "Resolved"},
        {"id": "follow-up", "name": "Follow up"},
    ],
    "idle_codes": [{"id": "lunch", "name": "Lunch"}, {"id": "meeting", "name": "Meeting"}],
    "templates": [
        {"id": "hello", "text": "Hello <customer.name>, this is <agent.name>."},
        {"id": "sent", "text": "Your parcel <number> is on its way."},
    ],
}
"""What a house has unless a test says otherwise; tables given replace these whole."""


class House:
    """A server and a shop, with the windows of those who look at them.

    Attributes:
        server: May be stopped, killed and started again by a test; it keeps its port.
        shop_url: Where the shop is.
    """

    def __init__(self, browser: Browser, server: Server, shop_url: str) -> None:
        """Nobody is there yet."""
        self.server = server
        self.shop_url = shop_url
        self._browser = browser
        self._profiles: list[Profile] = []

    def window(self, url: str, *, size: ViewportSize = DESKTOP, locale: str = "en-GB") -> Window:
        """Open a page in a browser of its own."""
        context = self._browser.new_context(viewport=size, locale=locale, reduced_motion="reduce")
        profile = Profile(context)
        self._profiles.append(profile)
        page = context.new_page()
        page.goto(url)
        return Window(profile, page)

    def visitor(self, path: str = "/", *, size: ViewportSize = DESKTOP) -> Window:
        """Go to the shop as somebody who has never been there."""
        return self.window(f"{self.shop_url}{path}", size=size)

    def desk(self, agent: str, *, size: ViewportSize = DESKTOP) -> Window:
        """Sit down at the desk of an agent, whose state stays as it is."""
        window = self.window(f"{self.server.url}/desk", size=size)
        window.page.get_by_role("textbox", name="Token").fill(sign(sub=agent, roles=["agent"]))
        window.page.get_by_role("button", name="Sign in").click()
        return window

    def show(self, name: str) -> None:
        """Keep how every tab looks, and what it tells a screen reader."""
        pages = [page for profile in self._profiles for page in profile.context.pages]
        for number, page in enumerate(pages):
            page.screenshot(path=PICTURES / f"failed-{name}-{number}.png")
            told = page.locator("body").aria_snapshot()
            (PICTURES / f"failed-{name}-{number}.txt").write_text(told, "utf-8")

    def close(self) -> None:
        """Close every window; none may have met an error."""
        errors = [error for profile in self._profiles for error in profile.errors()]
        for profile in self._profiles:
            profile.context.close()

        assert errors == []


@contextmanager
def opened(browser: Browser, folder: Path, changed: Mapping[str, Toml]) -> Generator[House]:
    """Open a house for one test; the server must also stop well."""
    server = Server(folder, {**CONFIGURATION, **changed})
    server.start()
    try:
        with served(shop_app(server.url)) as shop_url:
            house = House(browser, server, shop_url)
            yield house
            house.close()
        server.stop()
    finally:
        server.kill()
