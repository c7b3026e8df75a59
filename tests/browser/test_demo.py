"""The demo in two windows, as the README has it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import Agent, Visitor
from tests.browser.windows import FEW, Profile, Window
from tests.support.console import Console
from tests.support.server import PROGRAM


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Run the demo at its usual pace."""
    folder: Path = tmp_path_factory.mktemp("demo")
    with Console(folder, "demo", *PROGRAM, "serve", "--demo", "--port", "0") as console:
        yield console


@pytest.fixture
def profile(browser: Browser) -> Iterator[Profile]:
    """Give a browser of one's own, which may meet no error."""
    with browser.new_context(reduced_motion="reduce") as context:
        profile = Profile(context)
        yield profile

        assert profile.errors() == []


def test_somebody_types_and_sees_what_is_masked_and_why(demo: Console, profile: Profile) -> None:
    """A claim about masking is believed when one's own words come out masked."""
    page = profile.context.new_page()
    page.goto(demo.until(r"Masking +(\S+)")[1])
    window = Window(profile, page)
    why = page.get_by_role("region", name="Why")
    expect(why.get_by_role("row")).to_have_count(6)
    window.inspect("demo-mask", looks=FEW)
    page.get_by_role("textbox", name="Message").fill("Card 4111-1111-1111-1111 <b>now</b>")
    expect(page.get_by_role("status")).to_contain_text("*" * 15 + "1111masked pan <b>now</b>")
    expect(why.get_by_role("row")).to_have_count(2)

    expect(why.get_by_role("row").nth(1)).to_have_text(
        re.compile(r"^4111-1111-1111-1111 ?pan ?5–24 ?card\.\S+ ?Luhn")
    )


def test_a_newcomer_talks_to_herself_in_two_windows(demo: Console, profile: Profile) -> None:
    """The four steps of the README are all it takes, with no token and no terminal."""
    desk = profile.context.new_page()
    desk.goto(demo.until(r"Desk +(\S+)")[1])
    desk.get_by_role("button", name="Anna").click()
    anna = Agent(Window(profile, desk))
    anna.go_available()
    shop = profile.context.new_page()
    shop.goto(demo.until(r"Shop +(\S+)")[1])
    visitor = Visitor(Window(profile, shop))
    visitor.start("Hello, me")
    mine = anna.offers.get_by_role("article").filter(has_text="Hello, me")
    mine.get_by_role("button", name="Accept").click()  # a scripted customer may come, too
    anna.say("Hello, you")

    visitor.hears("Hello, you")


def test_who_may_be_chosen_is_told_to_the_desk_alone(demo: Console, profile: Profile) -> None:
    """Tokens on a page that other sites could read would be anybody's."""
    desk = demo.until(r"Desk +(\S+)/desk")[1]
    answer = profile.context.request.get(
        f"{desk}/demo/agents", headers={"Origin": "http://x.example"}
    )

    assert [one["id"] for one in json.loads(answer.body())["agents"]] == ["anna", "bo"]
    assert "access-control-allow-origin" not in answer.headers
