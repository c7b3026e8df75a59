"""The demo's shop is as careful a site as any, and finds a port."""

import re
import socket
from html.parser import HTMLParser

import aiohttp
import pytest

from router.app.demo_shop import PAGES, policy, shop

CHAT = "http://127.0.0.1:8080"


class Tags(HTMLParser):
    """Notes every tag with its attributes."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.all.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_knows_the_chat_by_one_script_tag(path: str) -> None:
    """It is the example that a site copies, so nothing else may be needed for the chat."""
    async with (
        shop("127.0.0.1", CHAT) as url,
        aiohttp.ClientSession() as session,
        session.get(url + path) as answer,
    ):
        tags = Tags()
        tags.feed(await answer.text())
        kept = answer.headers["Content-Security-Policy"]
    scripts = [attributes for tag, attributes in tags.all if tag == "script"]

    assert scripts == [{"async": None, "src": f"{CHAT}/widget.js", "data-entry-point": "shop"}]
    assert not [tag for tag, attributes in tags.all if tag == "style" or "style" in attributes]
    assert kept == policy(CHAT)
    assert "connect-src http://127.0.0.1:8080 ws://127.0.0.1:8080;" in kept


async def test_the_shop_takes_another_port_where_the_next_is_taken() -> None:
    """Something often listens on 8081, and a demo that does not start is no demo."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        next_port: int = taken.getsockname()[1]
        async with shop("127.0.0.1", f"http://127.0.0.1:{next_port - 1}") as url:
            found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)", url)

    assert found is not None
    assert int(found[1]) not in {next_port - 1, next_port}
