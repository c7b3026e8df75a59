"""The widget on a careful site: another origin, and a policy that makes no exception for it."""

import gzip
import re

from playwright.sync_api import expect

from router.app.demo_shop import policy
from tests.browser.house import House
from tests.support.server import ROOT

PAGES = ROOT / "router" / "pages"
LOADER_BYTES_MAX = 1_024
EVERY_PAGE_BYTES_MAX = 21_000
FIRST_CHAT_BYTES_MAX = 30_000


def test_the_widget_comes_to_a_site_that_allows_it_nothing_but_scripts_and_sockets(
    house: House,
) -> None:
    """A site with a strict policy must need no exception for styles, fonts or images.

    Whatever the policy refuses is an error in the console, and that fails every test.
    """
    window = house.visitor()
    launcher = window.page.get_by_role("button", name=re.compile("^Chat"))
    expect(launcher).to_be_visible()
    answered = window.page.request.get(house.shop_url).headers["content-security-policy"]

    assert house.shop_url != house.server.url
    assert answered == policy(house.server.url)
    assert "unsafe" not in answered
    window.inspect("shop")


def test_what_visitors_load_is_small() -> None:
    """Every page of a site pays for the loader, the bundle and a language; a chat for a panel."""
    every_page = packed("widget.js", "assets/widget-*.js", "assets/en-*.js")
    panel = packed("assets/panel-*.js") // 2  # the frame has one of its own

    assert len((PAGES / "widget.js").read_bytes()) < LOADER_BYTES_MAX
    assert every_page <= EVERY_PAGE_BYTES_MAX
    assert every_page + panel <= FIRST_CHAT_BYTES_MAX


def packed(*names: str) -> int:
    """Add up what files take on their way; each must be there."""
    found = [list(PAGES.glob(name)) for name in names]

    assert all(found)
    return sum(len(gzip.compress(file.read_bytes())) for files in found for file in files)
