"""Makes the pictures in README.md from a chat on the real pages: `./dev pictures`."""

import tempfile
from pathlib import Path

from playwright.sync_api import ViewportSize, expect

from tests.browser.chromium import chromium
from tests.browser.house import House, opened
from tests.browser.people import Agent, Visitor
from tests.support.server import ROOT

DOCS = ROOT / "docs"
SIZE = ViewportSize(width=1280, height=800)


def stage(house: House) -> tuple[Visitor, Agent]:
    """Let three customers come: one talks, one waits for a reply, one for an agent."""
    anna = Agent(house.desk("anna", size=SIZE))
    anna.go_available()
    joao = Visitor(house.visitor(size=SIZE))
    joao.start("Bom dia! Can I change the address of an order?", name="João Ferreira")
    anna.accept("João Ferreira")
    maja = Visitor(house.visitor(size=SIZE))
    maja.start("Hi! My order arrived today, but one of the mugs is broken.", name="Maja Lindqvist")
    anna.accept("Maja Lindqvist")
    anna.say("I am sorry, Maja. I can send a new mug today, or your money back.")
    maja.hears("I am sorry, Maja. I can send a new mug today, or your money back.")
    maja.say("A new one, please. You can call me on +46 70 123 45 67.")
    anna.hears("Hi! My order arrived today, but one of the mugs is broken.")
    anna.note("Second broken parcel from the depot this week.")
    anna.say("Done. It leaves the kiln today.")
    maja.say("Wonderful, thank you!")
    joao.say("It is order 48213.")
    karin = Visitor(house.visitor(size=SIZE))
    karin.start("Hello, can I return a bowl without its box?", name="Karin Rask")
    expect(anna.offer("Karin Rask")).to_be_visible()
    anna.hears("Wonderful, thank you!")
    return maja, anna


def main() -> None:
    """Play the chat and keep both sides of it."""
    with (
        chromium() as browser,
        tempfile.TemporaryDirectory() as folder,
        opened(browser, Path(folder), {}) as house,
    ):
        maja, anna = stage(house)
        maja.page.screenshot(path=DOCS / "shop.png", animations="disabled", caret="hide")
        anna.page.screenshot(path=DOCS / "desk.png", animations="disabled", caret="hide")


if __name__ == "__main__":
    main()
