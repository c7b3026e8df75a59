"""The built pages over HTTP: who may keep, frame and run what."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from router.hub.http import main_app
from router.hub.pages import NOT_BUILT, Pages

Client = TestClient[web.Request, web.Application]

SITES = {"shop": ("https://shop.example", "https://other.example"), "open": ("*",)}
BUILT = {
    "widget.js": "loader",
    "assets/widget-abc.js": "bundle",
    "embed/index.html": "<p>frame",
    "desk/index.html": "<p>desk",
}


async def sites_of(entry_point: str) -> tuple[str, ...]:
    """Where an entry point may be shown."""
    return SITES.get(entry_point, ())


def client_of(folder: Path) -> Client:
    """A client of the main port with the pages of a folder."""
    app = main_app(lambda: True, has_metrics=False)
    Pages(sites_of, folder).attach(app)
    return TestClient(TestServer(app))


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """Where all pages are built."""
    for name, text in BUILT.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    async with client_of(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "name", "kept"),
    [
        ("/widget.js", "widget.js", "max-age=300"),
        ("/assets/widget-abc.js", "assets/widget-abc.js", "immutable"),
        ("/embed?entry_point=shop", "embed/index.html", "no-cache"),
        ("/desk", "desk/index.html", "no-cache"),
    ],
)
async def test_a_page_is_kept_as_long_as_its_name_says(
    client: Client, path: str, name: str, kept: str
) -> None:
    """A bundle changes its name with its content; whoever names it must be asked again."""
    async with client.get(path) as got:
        assert await got.text() == BUILT[name]
        assert kept in got.headers["Cache-Control"]

    async with client.get(path, headers={"If-None-Match": got.headers["ETag"]}) as again:
        assert again.status == 304
        assert again.headers["ETag"] == got.headers["ETag"]

    async with client.head(path) as head:
        assert head.status == 200
        assert head.headers["ETag"] == got.headers["ETag"]


async def test_a_bundle_is_sent_packed_to_who_can_unpack_it(client: Client) -> None:
    """The budget of the widget counts what travels."""
    async with client.get("/widget.js", headers={"Accept-Encoding": "identity"}) as plain:
        assert "Content-Encoding" not in plain.headers
    async with client.get(
        "/widget.js", headers={"Accept-Encoding": "gzip"}, auto_decompress=False
    ) as packed:
        assert gzip.decompress(await packed.read()) == b"loader"
        assert packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/widget.js", "/assets/widget-abc.js"])
async def test_any_site_may_load_the_widget(client: Client, path: str) -> None:
    """The loader is a plain script, the bundle a module: modules need leave of the server."""
    async with client.get(path) as got:
        assert got.content_type == "text/javascript"
        assert got.headers["Access-Control-Allow-Origin"] == "*"
        assert got.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("path", "ancestors"),
    [
        ("/desk", "'none'"),
        ("/embed?entry_point=shop", "https://shop.example https://other.example"),
        ("/embed?entry_point=open", "*"),
        ("/embed?entry_point=unknown", "'none'"),
        ("/embed", "'none'"),
    ],
)
async def test_a_page_is_framed_only_where_its_entry_point_may_be_shown(
    client: Client, path: str, ancestors: str
) -> None:
    """A site that may not open a chat must not show one in a frame either."""
    async with client.get(path) as got:
        policy = got.headers["Content-Security-Policy"]

        assert policy.endswith(f"frame-ancestors {ancestors}")
        assert "X-Frame-Options" not in got.headers


async def test_pages_run_nothing_that_is_written_into_them(client: Client) -> None:
    """What a customer wrote cannot become script or style, even where a view had a mistake."""
    async with client.get("/desk") as got:
        policy = got.headers["Content-Security-Policy"]

        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy


async def test_who_has_not_built_the_pages_is_told_how(tmp_path: Path) -> None:
    """A checkout without Node.js still serves sockets, and says what is missing."""
    async with client_of(tmp_path) as client, client.get("/desk") as got:
        assert got.status == 404
        assert (await got.json())["detail"] == NOT_BUILT


async def test_an_asset_that_is_not_there_says_nothing_of_building(client: Client) -> None:
    """An old page may ask for a bundle that is gone."""
    async with client.get("/assets/widget-old.js") as got:
        assert got.status == 404
        assert NOT_BUILT not in await got.text()
