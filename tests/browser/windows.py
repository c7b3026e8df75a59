"""A window of the browser, as one person sees it: what went wrong in it, and how it looks.

Whatever a page writes to the console as an error, every exception nobody caught and every dialog
is a failure of the test, unless the test caused it on purpose and said so.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    ViewportSize,
    WebError,
)

from tests.support.server import ROOT

PICTURES = ROOT / "build" / "browser"
DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ASK_AXE = """
async rules => {
    const { violations } = await axe.run(document, {
        runOnly: rules, resultTypes: ['violations'],
    });
    return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} at ${target.flat()}: ${failureSummary}`));
}
"""
APPEAR = """
([direction, font]) => {
    document.documentElement.dir = direction;
    for (const each of document.querySelectorAll(":root, frontdesk-chat"))
        each.style.setProperty("--font", font);
}
"""
ASK_WIDTHS = "() => [document.documentElement.scrollWidth, window.innerWidth]"
# On a phone all that is pressed or written in is 44 px high, and no words leave their button.
ASK_CRAMPED = """
() => {
    const roots = [...document.querySelectorAll("*")].flatMap(each => each.shadowRoot ?? []);
    return [document, ...roots]
        .flatMap(root => [...root.querySelectorAll("textarea, select, input, .button")])
        .filter(each => each.checkVisibility() && each.type !== "radio")
        .filter(each => each.scrollWidth > each.clientWidth + 1 ||
            (innerWidth < 720 && each.getBoundingClientRect().height < 43.5))
        .map(each => `${each.tagName} ${each.ariaLabel ?? each.textContent}`);
}
"""


class Look(NamedTuple):
    """One way in which a screen is seen."""

    name: str
    size: ViewportSize
    is_dark: bool = False
    is_mirrored: bool = False
    is_forced: bool = False
    font: str = ""


LOOKS = (
    Look("desktop", DESKTOP),
    Look("desktop-dark", DESKTOP, is_dark=True),
    Look("desktop-rtl", DESKTOP, is_mirrored=True),
    Look("phone-rtl", PHONE, is_mirrored=True),
    Look("phone-dark", PHONE, is_dark=True),
    Look("phone", PHONE),
    Look("desktop-forced", DESKTOP, is_forced=True),
    Look("phone-dejavu", PHONE, font="DejaVu Sans"),
)
FEW = tuple(look for look in LOOKS if look.name in {"desktop", "desktop-dark", "phone-rtl"})
"""Enough where a screen differs from another in a part only: both sizes, both themes, mirrored."""


class Profile:
    """One person's browser: tabs that share what is stored, and what went wrong in any of them."""

    def __init__(self, context: BrowserContext) -> None:
        """Note every error from now on."""
        self.context = context
        self._errors: list[str] = []
        self._allowed: list[str] = []
        context.on("console", self._said)
        context.on("weberror", self._raised)
        context.on("dialog", self._asked)

    def allow(self, *patterns: str) -> None:
        """Expect errors that match, because the test causes them."""
        self._allowed += patterns

    def errors(self) -> list[str]:
        """Give what went wrong and was not expected."""
        return [
            error
            for error in self._errors
            if not any(re.search(pattern, error) for pattern in self._allowed)
        ]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._errors.append(f"{message.text} ({message.location['url']})")

    def _raised(self, error: WebError) -> None:
        self._errors.append(str(error.error))

    def _asked(self, dialog: Dialog) -> None:
        self._errors.append(f"a dialog: {dialog.message}")
        dialog.dismiss()


class Window:
    """One tab."""

    def __init__(self, profile: Profile, page: Page) -> None:
        """Look at a page."""
        self.profile = profile
        self.page = page

    def tab(self, url: str = "") -> "Window":
        """Open another tab of the same person, on this page or another."""
        page = self.profile.context.new_page()
        page.goto(url or self.page.url)
        return Window(self.profile, page)

    def inspect(self, name: str, *, looks: Sequence[Look] = LOOKS) -> None:
        """Look at a screen in all its looks: a picture of each, kept, and nothing in anyone's way.

        Nothing scrolls sideways or is cramped, and axe finds nothing.
        """
        size = self.page.viewport_size or DESKTOP
        for look in looks:
            self._appear(look)
            self.picture(f"{name}-{look.name}")
            found = self.obstacles()
            cramped = self.page.evaluate(ASK_CRAMPED)
            width, room = self.page.evaluate(ASK_WIDTHS)

            assert found == [], f"{name}, {look.name}: " + "\n".join(found)
            assert cramped == [], f"{name}, {look.name}: cramped is {cramped}"
            assert width <= room, f"{name}, {look.name}: {width} px wide in {room}"
        self._appear(Look("as before", size))

    def picture(self, name: str, *, of: Locator | None = None) -> None:
        """Keep a picture of the tab, or of a part of it."""
        (of or self.page).screenshot(path=PICTURES / f"{name}.png", animations="disabled")

    def obstacles(self) -> list[str]:
        """Say what keeps people out, as axe sees it."""
        if self.page.evaluate("typeof axe") == "undefined":
            self.page.evaluate(AXE.read_text("utf-8"))
        found: list[str] = self.page.evaluate(ASK_AXE, RULES)
        return found

    def _appear(self, look: Look) -> None:
        if self.page.viewport_size != look.size:
            self.page.set_viewport_size(look.size)
        self.page.emulate_media(
            color_scheme="dark" if look.is_dark else "light",
            forced_colors="active" if look.is_forced else "none",
        )
        self.page.evaluate(APPEAR, ["rtl" if look.is_mirrored else "ltr", look.font])
