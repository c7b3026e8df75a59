"""Who a client is on the network, and whose page it shows, as far as a request can be believed.

Headers are the client's own words, except for what the proxies in front have added to their ends.
"""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import hdrs, web

DEFAULT_PORTS = {"http": 80, "https": 443}


def address_of(request: web.Request, trusted_hops: int) -> str:
    """The client's address: what the outermost trusted proxy saw, or who connected."""
    lines = request.headers.getall(hdrs.X_FORWARDED_FOR, ())
    return true_address(lines, peer=request.remote or "", trusted_hops=trusted_hops)


def true_address(lines: Sequence[str], *, peer: str, trusted_hops: int) -> str:
    """The address that the outermost of so many proxies added to the header's lines.

    Each proxy adds who connected to it at the end, in the last line or in one of its own, so what
    stands further to the front is hearsay. With fewer entries than proxies, or something that is no
    address where one belongs, it is whoever connected: too coarse, but nobody can choose it.
    """
    seen = [entry for line in lines for entry in line.split(",")]
    if not 0 < trusted_hops <= len(seen):
        return _plain(peer) or peer
    return _plain(seen[-trusted_hops]) or _plain(peer) or peer


def origin_of(request: web.Request) -> str | None:
    """The page's origin; None without the header; several make one that is nobody's."""
    lines = request.headers.getall(hdrs.ORIGIN, ())
    return ", ".join(lines) if lines else None


def is_same_host(origin: str, host: str) -> bool:
    """True when a page comes from the host and port that the request names (RFC 9110, 7.2).

    The scheme is not asked: a proxy in front may have taken the encryption off.
    """
    try:
        page = urlsplit(origin)
        port = page.port or DEFAULT_PORTS[page.scheme]
        asked = urlsplit(f"//{host}")
        asked_port = asked.port or DEFAULT_PORTS[page.scheme]
    except (ValueError, KeyError):
        return False
    return bool(page.hostname) and (page.hostname, port) == (asked.hostname, asked_port)


def _plain(entry: str) -> str:
    """An address in its one usual spelling, without port and brackets; empty when it is none."""
    text = entry.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
