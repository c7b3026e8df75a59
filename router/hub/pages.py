"""Serves the built pages: the widget's loader, bundles by their hashed names, the desk, the frame.

Files are read once and answered from memory. Pages allow no inline script or style; a bundle is
kept by browsers for ever because its name changes with its content, a loader for five minutes.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from aiohttp import hdrs, web

PAGES = Path(__file__).parents[1] / "pages"
"""Where the build puts them; in a wheel they are there already."""

NOT_BUILT = "the pages are not built here: run ./dev setup, or install the wheel"

FOR_EVER = "public, max-age=31536000, immutable"
LOADER_MAX_AGE = "public, max-age=300"
CHECK_EACH_TIME = "no-cache"

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'; frame-ancestors "
)

# Any site may load these: who may open a chat is asked when the socket is opened.
FOR_OTHER_SITES = {
    hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

Origins = Callable[[str], Awaitable[Iterable[str]]]
"""The origins that may show an entry point in a frame; none when there is no such entry point."""


class File(NamedTuple):
    """One built file, as it is sent."""

    body: bytes
    packed: bytes
    content_type: str
    etag: str


class Pages:
    """The routes of the built pages; each answers 404 with a hint where nothing was built."""

    def __init__(self, origins: Origins, folder: Path = PAGES) -> None:
        """Read every file once."""
        self._origins = origins
        self._files = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def attach(self, app: web.Application) -> None:
        """Add the routes; each answers HEAD too."""
        app.router.add_get("/widget.js", self._loader)
        app.router.add_get("/assets/{name}", self._asset)
        app.router.add_get("/embed", self._embed)
        app.router.add_get("/desk", self._desk)

    def add(self, app: web.Application, path: str, name: str) -> None:
        """Serve one more of the built pages, which no frame may show."""

        async def page(request: web.Request) -> web.Response:
            return self._answer(request, name, _page_headers("'none'"))

        app.router.add_get(path, page)

    async def _loader(self, request: web.Request) -> web.Response:
        headers = {hdrs.CACHE_CONTROL: LOADER_MAX_AGE} | FOR_OTHER_SITES
        return self._answer(request, "widget.js", headers)

    async def _asset(self, request: web.Request) -> web.Response:
        name = "assets/" + request.match_info["name"]
        if self._files and name not in self._files:
            raise web.HTTPNotFound
        return self._answer(request, name, {hdrs.CACHE_CONTROL: FOR_EVER} | FOR_OTHER_SITES)

    async def _desk(self, request: web.Request) -> web.Response:
        return self._answer(request, "desk/index.html", _page_headers("'none'"))

    async def _embed(self, request: web.Request) -> web.Response:
        """The widget alone, for frames on the sites of its entry point."""
        sites = " ".join(await self._origins(request.query.get("entry_point", ""))) or "'none'"
        headers = _page_headers(sites)
        # What the frame is for is in its address, which other pages need not see.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return self._answer(request, "embed/index.html", headers)

    def _answer(self, request: web.Request, name: str, headers: dict[str, str]) -> web.Response:
        file = self._files.get(name)
        if file is None:
            raise web.HTTPNotFound(text=NOT_BUILT)
        headers |= {hdrs.ETAG: file.etag, hdrs.VARY: hdrs.ACCEPT_ENCODING}
        if file.etag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        body = file.body
        if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            body = file.packed
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        headers[hdrs.CONTENT_TYPE] = file.content_type
        return web.Response(body=body, headers=headers)


async def nowhere(_entry_point: str) -> tuple[str, ...]:
    """Let no site show anything."""
    return ()


def without_demo(app: web.Application) -> None:
    """Answer desks that ask for a demo's agents: there are none, which is not an error."""

    async def nobody(_request: web.Request) -> web.Response:
        return web.json_response({"agents": []})

    app.router.add_get("/demo/agents", nobody)


def _read(path: Path) -> File:
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(
        body=body,
        packed=gzip.compress(body, mtime=0),
        content_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
    )


def _page_headers(ancestors: str) -> dict[str, str]:
    return {
        hdrs.CACHE_CONTROL: CHECK_EACH_TIME,
        "Content-Security-Policy": PAGE_POLICY + ancestors,
    }
