"""Starts Debian's Chromium; as root it runs without its sandbox (docs/decisions/0031)."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

PATIENCE_MS = 10_000


@contextmanager
def chromium() -> Generator[Browser]:
    """Run the browser until the end of the block."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")

    assert program is not None, "no chromium: ./dev setup installs it"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        browser.close()
