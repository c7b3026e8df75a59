"""What the tests of the pages rely on can find what it looks for."""

from collections.abc import Callable, Iterator

import pytest
from aiohttp import web
from playwright.sync_api import Browser, expect

from tests.browser.origins import served
from tests.browser.windows import DESKTOP, PHONE, Look, Profile, Window

GOOD = """<!doctype html><html lang="en"><title>Good</title><link rel="icon" href="data:,">
<main><h1>Good</h1><p>All is well.</main>"""


@pytest.fixture
def show(browser: Browser) -> Iterator[Callable[[str], Window]]:
    """Serve one page and open it."""
    shown = ""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=shown, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    with served(app) as url, browser.new_context() as context:

        def show(html: str) -> Window:
            nonlocal shown
            shown = html
            window = Window(Profile(context), context.new_page())
            window.page.goto(url)
            return window

        yield show


def test_a_good_page_passes(show: Callable[[str], Window]) -> None:
    """A check that cries wolf is soon switched off."""
    window = show(GOOD)
    window.inspect("harness-good", looks=(Look("desktop", DESKTOP), Look("phone", PHONE)))

    assert window.profile.errors() == []


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("console.error('it broke')", "it broke"),
        ("setTimeout(() => { throw Error('nobody caught it') })", "nobody caught it"),
        ("Promise.reject(Error('nobody waited'))", "nobody waited"),
        ("document.body.append(Object.assign(new Image(), {src: '/gone.png'}))", "404"),
    ],
)
def test_what_breaks_in_a_page_is_noticed(
    show: Callable[[str], Window], script: str, error: str
) -> None:
    """A page that breaks silently would pass every look at it."""
    window = show(f"{GOOD}<p id=after><script>{script}</script>")
    expect(window.page.locator("#after")).to_be_attached()
    window.page.wait_for_load_state("networkidle")
    errors = window.profile.errors()
    window.profile.allow(error)

    assert [found for found in errors if error in found] != []
    assert window.profile.errors() == []


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ("<input>", "label"),
        ('<p style="color: #999">Pale', "color-contrast"),
        ("<textarea aria-label=x rows=1></textarea>", "cramped"),
        ("<button aria-label=x style='position:absolute;left:2000px'>x</button>", "px wide in"),
    ],
)
def test_what_keeps_people_out_is_noticed(
    show: Callable[[str], Window], part: str, why: str
) -> None:
    """Axe and the width are only worth their time if they refuse something."""
    window = show(GOOD.replace("</main>", f"{part}</main>"))

    with pytest.raises(AssertionError, match=why):
        window.inspect("harness-bad", looks=(Look("phone", PHONE),))
