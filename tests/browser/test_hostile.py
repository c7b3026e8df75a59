"""What people write is text: nothing of it runs, turns its neighbours or pushes them away."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.house import House
from tests.browser.people import Agent, Visitor
from tests.browser.windows import DESKTOP, FEW, PHONE

MARKUP = "<img src=/x onerror=\"document.title='run'\"><script>document.title='run'</script>"
TEXTS = {
    "markup": MARKUP,
    "addresses": "javascript:alert(1) data:text/html,x vbscript:x https://shop.example/a",
    "bidi": "open \u202egpj.exe\u2066 \u202etxet \u05e9\u05dc\u05d5\u05dd (\u2067a",
    "marks": "piled Z" + "\u0301\u0336\u0489" * 331,
    "long": "W" * 1_000,
    "lines": "\n\n\n".join("x" * 80),
}
NAME = "<b>\u202eM</b>" + "W" * 190
BUBBLES_INSIDE = """
log => [...log.querySelectorAll('.bubble')].every(bubble => {
    const [inner, outer] = [bubble, log].map(each => each.getBoundingClientRect());
    return inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
})
"""
IS_ISOLATED = "node => node.closest('bdi') !== null"
MARKS_IN_A_ROW = "log => Math.max(...log.textContent.match(/\\p{M}*/gu).map(each => each.length))"


def is_only_text(page: Page, log: Locator) -> None:
    """Hold a log against what it must not hold."""
    for text in (MARKUP, "vbscript:x", "W" * 200):
        expect(log.get_by_text(text).first).to_be_attached()
    expect(log.locator("img, script, b, a:not([href^='https://shop.example/a'])")).to_have_count(0)
    expect(log.get_by_role("link").first).to_have_attribute("rel", re.compile("noopener"))

    assert page.title() != "run"
    assert log.evaluate(BUBBLES_INSIDE)
    assert log.evaluate(MARKS_IN_A_ROW) <= 8
    assert log.get_by_text("gpj.exe").first.evaluate(IS_ISOLATED)


def is_usable(person: Visitor | Agent) -> None:
    """Go on writing, at both sizes, as if nothing had happened."""
    for size in (PHONE, DESKTOP):
        person.page.set_viewport_size(size)
        expect(person.composer).to_be_in_viewport(ratio=1)
        words = f"{type(person).__name__} is still here, at {size['width']}"
        person.say(words)
        person.hears(words)


def test_hostile_words_are_only_words_on_both_pages(house: House) -> None:
    """Either side may be malicious, in a name too, and the other must be able to end it."""
    visitor, anna = Visitor(house.visitor()), Agent(house.desk("anna"))
    anna.go_available()
    visitor.start(TEXTS["markup"], name=NAME)
    anna.offers.get_by_role("button", name="Accept").click()
    for text in TEXTS.values():
        visitor.say(text)
        anna.say(text)
    for person in (visitor, anna):
        person.hears("x\n\n\nx", times=2)
        is_only_text(person.page, person.log)
        is_usable(person)
    visitor.window.inspect("widget-hostile", looks=FEW)
    anna.window.inspect("desk-hostile", looks=FEW)
    anna.end("Resolved")

    expect(visitor.panel.get_by_role("button", name="Start again")).to_be_visible()
