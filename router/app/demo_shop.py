"""The demo's shop: a small site on a port of its own, which knows Frontdesk by one script tag.

Its policy is as strict as a careful site's: it takes scripts and connections from the chat server
and nothing else from anywhere, no inline style, no foreign font or image, and no text as markup.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from urllib.parse import urlsplit

from aiohttp import web

FOLDER = files("router.app") / "shop"
PAGES = {"/": "index.html", "/returns": "returns.html"}
PARTS = {
    "shop.css": "text/css",
    "bowl.svg": "image/svg+xml",
    "mug.svg": "image/svg+xml",
    "plate.svg": "image/svg+xml",
    "icon.svg": "image/svg+xml",
}
CHAT = "{chat}"
"""Stands in the pages for the address of the chat server."""

Handler = Callable[[web.Request], Awaitable[web.Response]]


def policy(chat_url: str) -> str:
    """Say what the shop's pages may load, in the words of Content Security Policy."""
    socket_url = urlsplit(chat_url)._replace(scheme="ws").geturl()
    return (
        f"default-src 'self'; script-src {chat_url}; connect-src {chat_url} {socket_url}; "
        "require-trusted-types-for 'script'"
    )


def shop_app(chat_url: str) -> web.Application:
    """Serve the shop beside a chat server at an address, which is another origin."""
    app = web.Application()
    headers = {"Content-Security-Policy": policy(chat_url), "Cache-Control": "no-store"}
    for path, name in PAGES.items():
        text = (FOLDER / name).read_text("utf-8").replace(CHAT, chat_url)
        app.router.add_get(path, _given(text.encode(), "text/html", headers))
    for name, kind in PARTS.items():
        app.router.add_get(f"/{name}", _given((FOLDER / name).read_bytes(), kind, headers))
    return app


@asynccontextmanager
async def shop(host: str, chat_url: str) -> AsyncGenerator[str]:
    """Serve the shop on the port after the chat server's, or where that is taken on any free one.

    Gives its address.
    """
    runner = web.AppRunner(shop_app(chat_url), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    at = urlsplit(chat_url)
    try:
        try:
            await web.TCPSite(runner, host, (at.port or 0) + 1).start()
        except (OSError, OverflowError):
            await web.TCPSite(runner, host, 0).start()
        port = runner.addresses[0][1]
        yield chat_url.removesuffix(f":{at.port}") + f":{port}"
    finally:
        await runner.cleanup()


def _given(body: bytes, kind: str, headers: dict[str, str]) -> Handler:
    async def give(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)

    return give
