"""Who may enter: agents by the site's tokens, customers by identities and resume tokens."""

import base64
import json
import warnings

import jwt
import pytest
from jwt.warnings import InsecureKeyLengthWarning

from router.hub.auth import (
    ALLOWED,
    CUSTOMER,
    AgentAuth,
    CustomerAuth,
    Principal,
    Role,
    agent_principal,
    auth_of,
    fresh_token,
    hash_of,
    identity_of,
    is_origin_allowed,
    may,
    may_be_desktop,
    may_be_widget,
)
from router.hub.errors import RETRYABLE, ConnectionRefused
from router.hub.text import Texts
from router.hub.tokens import LEEWAY_MS, Signers
from router.kernel.configuration import EntryPoint
from router.kernel.errors import CommandRefused, RefusalCode
from router.kernel.ids import AgentId, EntryPointId, QueueId
from router.kernel.model import Identity
from tests.support.identity_provider import NO_KEYS, Published, rsa_key

SECRET = "0123456789abcdef"
NOW_MS = 1_800_000_000_000
EXP = NOW_MS // 1_000 + 60
SHOP = EntryPoint(id=EntryPointId("shop"), queue=QueueId("support"), identity_secret=SECRET)


def signed(claims: dict[str, object], *, secret: str = SECRET, algorithm: str = "HS256") -> str:
    """A token as a site makes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureKeyLengthWarning)
        return jwt.encode(claims, secret, algorithm=algorithm)


def agent(claims: dict[str, object], **options: str) -> str:
    """An agent's token, good unless ``claims`` say otherwise."""
    usual: dict[str, object] = {"sub": "anna", "roles": ["agent"], "exp": EXP}
    return signed(usual | claims, **options)


async def principal(token: str | None) -> Principal:
    """Who a token says it is."""
    return await agent_principal(
        token, signers=Signers(SECRET), keys=NO_KEYS, tenant="main", now_ms=NOW_MS
    )


async def identity(claims: dict[str, object], entry_point: EntryPoint = SHOP) -> Identity:
    """What a site's token says of a customer."""
    token = signed({"sub": "customer-7", "exp": EXP, **claims})
    return await identity_of(
        token,
        entry_point,
        texts=Texts(),
        keys=NO_KEYS,
        hash_key=b"key",
        now_ms=NOW_MS,
    )


async def test_a_good_token_says_who_and_until_when() -> None:
    """The expiry is kept, so that a desktop can be signed out then."""
    found = await principal(agent({"roles": ["agent", "reveal"]}))

    assert found == Principal(
        AgentId("anna"), frozenset({"agent", "reveal"}), EXP * 1_000 + LEEWAY_MS
    )


async def test_a_token_is_good_until_its_expiry_and_a_little_longer() -> None:
    """Clocks differ; the edge itself is too late."""
    edge = (NOW_MS - LEEWAY_MS) // 1_000

    assert (await principal(agent({"exp": edge + 1}))).agent == "anna"
    with pytest.raises(ConnectionRefused):
        await principal(agent({"exp": edge}))


def unsigned() -> str:
    """A token that says it needs no signature."""
    parts = [{"alg": "none", "typ": "JWT"}, {"sub": "anna", "roles": ["agent"], "exp": EXP}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    return b".".join([*encoded, b""]).decode()


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "x",
        "a.b.c",
        "😀.b.c",
        unsigned(),
        agent({}, secret="another secret of 16"),
        agent({}, algorithm="HS512"),
        agent({"exp": EXP - 3_600}),
        agent({"exp": "soon"}),
        agent({"nbf": EXP + 3_600}),
        agent({"sub": None}),
        agent({"sub": 7}),
        agent({"roles": ["agent", "king"]}),
        agent({"roles": "agent"}),
        signed({"sub": "anna", "roles": ["agent"]}),
        signed({"roles": ["agent"], "exp": EXP}),
    ],
)
async def test_a_token_that_is_not_good_is_unauthenticated(token: str | None) -> None:
    """Whatever is wrong with it: unsigned, forged, expired, early, or without what it must say."""
    with pytest.raises(ConnectionRefused) as refused:
        await principal(token)

    assert refused.value.refusal.code is RefusalCode.UNAUTHENTICATED


@pytest.mark.parametrize(
    "claims", [{"roles": ["supervisor", "admin"]}, {"roles": []}, {"tenant": "other"}]
)
async def test_a_good_token_for_something_else_is_forbidden(claims: dict[str, object]) -> None:
    """A supervisor is no agent, and one tenant's agents are not another's."""
    with pytest.raises(ConnectionRefused) as refused:
        await principal(agent(claims))

    assert refused.value.refusal.code is RefusalCode.FORBIDDEN


async def test_no_secret_means_no_agents() -> None:
    """An empty secret must not become a secret that everybody knows."""
    with pytest.raises(ConnectionRefused):
        await agent_principal(
            agent({}), signers=Signers(), keys=NO_KEYS, tenant="main", now_ms=NOW_MS
        )


async def test_other_claims_do_not_matter() -> None:
    """Sites use the same token for other things too."""
    found = await principal(agent({"aud": "shop", "iss": "idp", "iat": EXP + 900, "name": "Anna"}))

    assert found.agent == "anna"


async def test_an_identity_is_masked_and_recognised() -> None:
    """What is shown is masked; the key tells one `sub` from another, per entry point."""
    found = await identity(
        {"name": "Bo", "email": "bo@example.com", "priority": 5, "skills": {"sv": 2}}
    )
    other = await identity({"sub": "customer-8"})

    assert (found.name, found.priority, found.skills) == ("Bo", 5, {"sv": 2})
    assert found.email is not None
    assert "bo@" not in found.email
    assert found.external_id == "customer-7"
    assert found.key == (await identity({})).key
    assert found.key != other.key


async def test_a_sub_that_is_an_address_is_shown_masked_and_still_told_apart() -> None:
    """Many sites sign the e-mail address as `sub`."""
    first, second = (
        await identity({"sub": "anna@example.com"}),
        await identity({"sub": "arne@example.com"}),
    )

    assert "anna@" not in first.external_id
    assert first.key != second.key


@pytest.mark.parametrize(
    "claims",
    [
        {"priority": 1_000_001},
        {"skills": {"sv": 0}},
        {"skills": {"": 1}},
        {"skills": {"x" * 65: 1}},
        {"name": "x" * 201},
        {"email": "a\0b"},
    ],
)
async def test_an_identity_out_of_bounds_is_refused(claims: dict[str, object]) -> None:
    """A site's mistake is told, not half of it kept."""
    with pytest.raises(CommandRefused) as refused:
        await identity(claims)

    assert refused.value.refusal.details["path"] == "identity"


@pytest.mark.parametrize(
    "claims", [{"sub": ""}, {"exp": EXP - 3_600}, {"priority": "high"}, {"skills": ["sv"]}]
)
async def test_an_identity_that_is_not_good_is_unauthenticated(claims: dict[str, object]) -> None:
    """As an agent's token would be."""
    with pytest.raises(CommandRefused) as refused:
        await identity(claims)

    assert refused.value.refusal.code is RefusalCode.UNAUTHENTICATED


async def test_an_entry_point_without_a_secret_takes_no_identity() -> None:
    """An empty secret must not verify anything."""
    with pytest.raises(CommandRefused):
        await identity({}, EntryPoint(id=EntryPointId("blog"), queue=QueueId("support")))


AWAY = Published(is_there=False)
BY_KEYS = rsa_key("r").sign({"sub": "anna", "roles": ["agent"], "exp": EXP})


async def test_without_keys_an_agent_is_asked_to_come_again() -> None:
    """Who hears `unauthenticated` forgets a token that may be good."""
    signers = Signers("", "https://login.example/keys")
    with pytest.raises(ConnectionRefused) as refused:
        await agent_principal(BY_KEYS, signers=signers, keys=AWAY, tenant="main", now_ms=NOW_MS)

    assert refused.value.refusal.code is RefusalCode.UNAVAILABLE
    assert refused.value.refusal.code in RETRYABLE


async def test_without_keys_a_customer_is_asked_to_come_again() -> None:
    """As an agent is."""
    shop = EntryPoint(
        id=EntryPointId("shop"),
        queue=QueueId("support"),
        identity_jwks_url="https://login.example/keys",
    )
    texts = Texts()
    with pytest.raises(CommandRefused) as refused:
        await identity_of(BY_KEYS, shop, texts=texts, keys=AWAY, hash_key=b"key", now_ms=NOW_MS)

    assert refused.value.refusal.code is RefusalCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("allowed", "origin", "is_allowed"),
    [
        (("*",), "https://any.example", True),
        (("*",), "null", True),
        (("*",), None, True),
        (("https://shop.example",), "https://shop.example", True),
        (("https://shop.example",), "HTTPS://Shop.Example", True),
        (("https://shop.example:8443",), "https://shop.example:8443", True),
        (("https://shop.example:8443",), "https://shop.example", False),
        (("https://shop.example",), "https://shop.example:8443", False),
        (("https://shop.example",), "https://shop.example.evil", False),
        (("https://shop.example",), "https://evil.example/https://shop.example", False),
        (("https://shop.example",), "http://shop.example", False),
        (("https://shop.example",), "null", False),
        (("https://shop.example",), "", False),
        (("https://shop.example",), None, False),
        ((), "https://shop.example", False),
    ],
)
def test_only_allowed_sites_may_show_an_entry_point(
    allowed: tuple[str, ...], origin: str | None, *, is_allowed: bool
) -> None:
    """Browsers tell the truth about their page; what tells nothing enters where all do."""
    assert is_origin_allowed(origin, allowed) is is_allowed


@pytest.mark.parametrize(
    ("origin", "host", "is_allowed"),
    [
        (None, "desk.example", True),
        ("https://desk.example", "desk.example", True),
        ("https://desk.example", "Desk.Example:443", True),
        ("http://desk.example", "desk.example:80", True),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", True),
        ("http://[::1]:8080", "[::1]:8080", True),
        ("https://listed.example", "desk.example", True),
        ("https://evil.example", "desk.example", False),
        ("https://desk.example:8443", "desk.example", False),
        ("https://desk.example.evil", "desk.example", False),
        ("https://desk.example", "", False),
        ("null", "desk.example", False),
        ("null", "null", False),
        ("", "", False),
        ("file://", "", False),
        ("https://[", "desk.example", False),
        ("https://desk.example:x", "desk.example", False),
    ],
)
def test_only_our_own_and_listed_pages_may_be_desktops(
    origin: str | None, host: str, *, is_allowed: bool
) -> None:
    """A token that was stolen must not be used by a page in somebody's browser."""
    assert may_be_desktop(origin, host, ("https://listed.example",)) is is_allowed


def test_any_page_may_be_a_desktop_where_the_owner_says_so() -> None:
    """Some build desktops into pages whose address nobody knows beforehand."""
    assert may_be_desktop("https://any.example", "desk.example", ("*",))


def test_resume_tokens_are_long_different_and_stored_as_hashes() -> None:
    """Who reads the store cannot come back as a customer."""
    first, second = fresh_token(), fresh_token()

    assert first != second
    assert len(first) >= 43
    assert first not in hash_of(first)
    assert hash_of(first) == hash_of(first) != hash_of(second)


@pytest.mark.parametrize("text", ["[]", "{", '"x"', '{"entry_point":1}', "{}"])
def test_an_auth_object_of_the_wrong_form_is_invalid(text: str) -> None:
    """The client is told which field to look at."""
    with pytest.raises(ConnectionRefused) as refused:
        auth_of(CustomerAuth, text)

    assert refused.value.refusal.code is RefusalCode.INVALID
    assert refused.value.refusal.details == {"path": "entry_point"}


def deep_token() -> str:
    """A token whose head is nested deeper than anybody reads."""
    head = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 20_000).decode()
    return f"{head}.{head}.{head}"


async def test_what_is_nested_too_deep_is_refused_like_anything_else() -> None:
    """A stranger's auth object must not look like a bug of ours in the log."""
    with pytest.raises(ConnectionRefused) as refused:
        auth_of(CustomerAuth, '{"entry_point":"shop","more":' + "[" * 20_000)
    with pytest.raises(ConnectionRefused) as forged:
        await principal(deep_token())

    assert refused.value.refusal.code is RefusalCode.INVALID
    assert forged.value.refusal.code is RefusalCode.UNAUTHENTICATED


def test_no_auth_object_at_all_is_unauthenticated() -> None:
    """Credentials travel nowhere else."""
    with pytest.raises(ConnectionRefused) as refused:
        auth_of(AgentAuth, "")

    assert refused.value.refusal.code is RefusalCode.UNAUTHENTICATED


def test_what_a_client_does_not_have_it_may_send_as_null() -> None:
    """A widget on its first visit has no token yet."""
    assert auth_of(CustomerAuth, '{"entry_point":"shop","token":null}').token is None


def test_what_else_is_in_an_auth_object_is_ignored() -> None:
    """Clients and what stands in front of them add fields of their own."""
    auth = auth_of(CustomerAuth, '{"entry_point": "shop", "theme": "dark"}')

    assert auth == CustomerAuth(entry_point="shop")


def test_what_is_not_listed_is_allowed_to_nobody() -> None:
    """A command that is added and forgotten here must not be open."""
    everyone = frozenset[Role](("customer", "agent", "supervisor", "admin", "reveal"))

    assert not may(everyone, "contact.destroy")
    assert not may(CUSTOMER, "offer.accept")
    assert not may(frozenset[Role]({"agent"}), "contact.reveal")
    assert may(frozenset[Role]({"agent", "reveal"}), "contact.reveal")
    assert not may(frozenset[Role]({"supervisor", "admin", "reveal"}), "/agent")
    assert "/agent" in ALLOWED["agent"]


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("https://shop.example", True),
        ("https://chat.example", True),
        ("https://chat.example:8443", False),
        ("https://other.example", False),
        ("null", False),
        (None, False),
    ],
)
def test_a_widget_is_on_a_listed_site_or_in_our_own_frame(
    origin: str | None, *, is_allowed: bool
) -> None:
    """The page of the frame is ours, and its policy names the sites that may hold it."""
    assert may_be_widget(origin, "chat.example", ("https://shop.example",)) is is_allowed
