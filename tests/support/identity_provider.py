"""An identity provider of the tests: keys of its own, tokens signed with them, an address for both.

What it answers can be changed at any time: other keys, an error, nothing for a while.
"""

import asyncio
import base64
import json
import warnings
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, TypeAlias

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from router.hub.errors import KeysUnavailable
from router.hub.public_keys import Algorithm, PublicKey, public_keys, the_one

Answer: TypeAlias = Callable[[], Awaitable[web.StreamResponse]]


class SigningKey(NamedTuple):
    """A private key, and the algorithm it signs with."""

    algorithm: str
    id: str | None
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    def jwk(self, **other: object) -> dict[str, object]:
        """The public half as it is published; what is None in ``other`` is left out."""
        named = {} if self.id is None else {"kid": self.id}
        whole = {**_public(self.private), **named, "use": "sig", "alg": self.algorithm, **other}
        return {name: value for name, value in whole.items() if value is not None}

    def sign(self, claims: Mapping[str, object], **headers: object) -> str:
        """A token; a header that is None is left out."""
        return signed(claims, self.private, self.algorithm, **{"kid": self.id, **headers})


def signed(
    claims: Mapping[str, object],
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | str,
    algorithm: str,
    **headers: object,
) -> str:
    """A token as some program makes it."""
    given = {name: value for name, value in headers.items() if value is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jwt.encode(dict(claims), key, algorithm=algorithm, headers=given)


def rsa_key(name: str | None, bits: int = 2_048) -> SigningKey:
    """A new key for RS256."""
    return SigningKey("RS256", name, rsa.generate_private_key(65_537, bits))


def elliptic_key(name: str | None) -> SigningKey:
    """A new key for ES256."""
    return SigningKey("ES256", name, ec.generate_private_key(ec.SECP256R1()))


def encoded(value: int) -> str:
    """A number as keys are written with (RFC 7518, 2)."""
    octets = value.to_bytes((value.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _public(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> dict[str, object]:
    match private:
        case rsa.RSAPrivateKey():
            numbers = private.public_key().public_numbers()
            return {"kty": "RSA", "n": encoded(numbers.n), "e": encoded(numbers.e)}
        case _:
            point = private.public_key().public_numbers()
            x, y = (
                base64.urlsafe_b64encode(part.to_bytes(32)).rstrip(b"=").decode()
                for part in (point.x, point.y)
            )
            return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


class Published:
    """Keys that are there at once, or not at all."""

    def __init__(self, *keys: SigningKey, is_there: bool = True) -> None:
        """Publish the public halves."""
        self.asked: list[str] = []
        self._is_there = is_there
        self._keys = public_keys(json.dumps({"keys": [key.jwk() for key in keys]}).encode())

    async def find(self, url: str, algorithm: Algorithm, key_id: str | None) -> PublicKey | None:
        """As the real ones do."""
        self.asked.append(url)
        if not self._is_there:
            raise KeysUnavailable
        return the_one(self._keys, algorithm, key_id)


NO_KEYS = Published()


class Provider:
    """Publishes keys at `url`, on a free port.

    Attributes:
        asked: How many times it was asked.
        is_asked: Set once it was.
        answer: What it does when asked; by default it gives the keys.
        gate: Closed, it answers nobody until it is opened.
    """

    def __init__(self, *keys: SigningKey) -> None:
        """Nothing listens until `start`."""
        self.url = ""
        self.asked = 0
        self.is_asked = asyncio.Event()
        self.answer: Answer = self.give_keys
        self.gate = asyncio.Event()
        self.gate.set()
        self.publish(*keys)
        self._runner: web.AppRunner | None = None
        self._port = 0

    def publish(self, *keys: SigningKey) -> None:
        """Give other keys from now on."""
        self.give({"keys": [key.jwk() for key in keys]})

    def give(self, document: object) -> None:
        """Give something else as the set of keys."""
        self._body = json.dumps(document).encode()

    async def start(self) -> None:
        """Listen; after a `stop`, at the same address."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._asked)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}/keys"

    async def stop(self) -> None:
        """Be gone."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _asked(self, _request: web.Request) -> web.StreamResponse:
        self.asked += 1
        self.is_asked.set()
        await self.gate.wait()
        return await self.answer()

    async def give_keys(self) -> web.StreamResponse:
        """The usual answer."""
        return web.Response(body=self._body, content_type="application/json")
