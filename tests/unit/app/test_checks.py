"""What does not fit together is told: references, codes, hours, origins and secrets."""

import base64

import pytest

from router.app.config import parse
from tests.unit.app.configurations import (
    ENVIRON,
    HEAD,
    SECRET,
    SHOP,
    hours,
    is_fine,
    mistakes_in,
    places,
    queue,
)


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ('[[agents]]\nid = "a"\nqueues = ["support", "none"]', "agents[0].queues[1]"),
        ('[[wrapup_codes]]\nid = "a"\nqueues = ["none"]', "wrapup_codes[0].queues[0]"),
        ('[[entry_points]]\nid = "a"\nqueue = "none"', "entry_points[1].queue"),
        (
            '[[entry_points]]\nid = "a"\nqueue = "support"\nqueues = ["none"]',
            "entry_points[1].queues[0]",
        ),
        ('default_wrapup_code = "none"', "queues[0].default_wrapup_code"),
        ("wrapup_timeout_ms = 1000", "queues[0].default_wrapup_code"),
        ('[[agents]]\nid = "a"\nqueues = ["support", "support"]', "agents[0].queues[1]"),
    ],
)
def test_what_is_referred_to_must_exist(keys: str, place: str) -> None:
    """A contact sent to a queue nobody configured would wait for ever."""
    assert places(SHOP + keys) == [place]


def test_an_id_that_could_not_be_read_is_told_once() -> None:
    """What refers to a misspelled id is right once the id is; telling it too would mislead."""
    text = SHOP.replace('"support"', '"sup port"')

    assert places(text) == ["queues[0].id"]


def test_the_default_code_must_be_allowed_for_its_queue() -> None:
    """Filing a code agents may not file would break the queue's own reports."""
    text = queue(
        'wrapup_timeout_ms = 1000\ndefault_wrapup_code = "done"\n'
        '[[queues]]\nid = "other"\n[[wrapup_codes]]\nid = "done"\nqueues = ["other"]'
    )

    assert places(text) == ["queues[0].default_wrapup_code"]
    assert is_fine(text.replace('["other"]', '["support"]'))


def test_a_customer_is_warned_before_a_silent_chat_ends() -> None:
    """A notice at the moment of the end warns nobody."""
    text = "customer_silence_warn_ms = 1000\ncustomer_silence_end_ms = {}"

    assert places(queue(text.format(1000))) == ["queues[0].customer_silence_end_ms"]
    assert is_fine(queue(text.format(1001)))
    assert is_fine(queue(text.format(0)))


@pytest.mark.parametrize("days", ["mon", "mon-fri", "fri-mon", "mon,wed", "mon-wed, sat"])
@pytest.mark.parametrize(("opens", "closes"), [("00:00", "24:00"), ("08:00", "08:01")])
def test_hours_are_days_and_times(days: str, opens: str, closes: str) -> None:
    """A day, a range that may wrap or a list, and a day that may end at midnight."""
    text = hours(days=days).replace("08:00", opens).replace("17:00", closes)

    assert parse(text, ENVIRON).configuration.queues[0].hours[0].days == days


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("days", "monday"),
        ("days", "mon-"),
        ("days", "Mon"),
        ("days", "mon,,tue"),
        ("from", "8:00"),
        ("from", "24:00"),
        ("to", "24:01"),
        ("to", "17.00"),
        ("to", "08:00"),
        ("to", "07:59"),
        ("zone", "Stockholm"),
        ("zone", "../etc/passwd"),
        ("zone", "Europe"),
    ],
)
def test_hours_that_cannot_be_kept_are_told(key: str, word: str) -> None:
    """A shop that is open when nobody works, or never, is found out by its customers."""
    assert places(hours(**{key: word})) == [f"queues[0].hours[0].{key}"]


@pytest.mark.parametrize(
    "origin", ["*", "https://shop.example", "http://localhost:3000", "https://[::1]:1"]
)
def test_an_origin_is_what_a_browser_sends(origin: str) -> None:
    """It is compared as it is, so it must be written in the one spelling browsers use."""
    text = SHOP.replace('queue = "support"', f'queue = "support"\nallowed_origins = ["{origin}"]')

    assert parse(text, ENVIRON).configuration.entry_points[0].allowed_origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "shop.example",
        "https://shop.example/",
        "https://Shop.example",
        "https://shop.example:443",
        "ftp://a",
        "https://u@a",
        "https://",
        "https://[",
        "https://a:x",
    ],
)
def test_an_origin_no_browser_sends_is_a_mistake(origin: str) -> None:
    """It would never match, and the site's chat would be refused without a word."""
    text = SHOP.replace('queue = "support"', f'queue = "support"\nallowed_origins = ["{origin}"]')

    assert places(text) == ["entry_points[0].allowed_origins[0]"]


def test_an_entry_point_no_site_may_use_is_a_mistake() -> None:
    """Nobody writes an empty list to refuse everyone; they leave the entry point out."""
    text = SHOP.replace('queue = "support"', 'queue = "support"\nallowed_origins = []')

    assert places(text) == ["entry_points[0].allowed_origins"]


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ('identity_secret = "short"', "identity_secret"),
        (f'identity_secret = "{SECRET}"', "identity_secret"),
        ('identity_jwks_url = "keys.json"', "identity_jwks_url"),
        ('identity_jwks_url = "http://login.example/k"', "identity_jwks_url"),
    ],
)
def test_customers_are_signed_in_by_keys_of_their_own(keys: str, place: str) -> None:
    """A site that signs customers in with the agents' secret could sign in as an agent."""
    text = SHOP.replace('queue = "support"', f'queue = "support"\n{keys}')

    assert places(text) == [f"entry_points[0].{place}"]


def test_agents_need_a_way_to_sign_in() -> None:
    """A server nobody can sign in to looks fine until the first chat waits for ever."""
    assert places(SHOP, {}) == ["auth.secret"]
    assert places(SHOP, {"FRONTDESK_SECRET": ""}) == ["auth.secret"]
    assert parse(SHOP, {}, secret_required=False).auth.secret == ""
    assert is_fine(f'{SHOP}\n[auth]\njwks_url = "https://login.example/k"', {})


def test_a_secret_may_stand_beside_an_address_of_keys() -> None:
    """Integrations sign with a secret where people come from an identity provider."""
    keys = 'identity_secret = "0123456789abcdef"\nidentity_jwks_url = "https://a.example/k"'
    customers = SHOP.replace('queue = "support"', f'queue = "support"\n{keys}')

    assert is_fine(f'{customers}\n[auth]\njwks_url = "https://login.example/k"')


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example/k",
        "http://127.0.0.1.login.example/k",
        "http://10.0.0.1/k",
        "ftp://login.example/k",
        "https://user:password@login.example/k",
        "https://login.example:port/k",
        "login.example/k",
    ],
)
def test_keys_are_taken_only_from_where_nobody_can_change_them(url: str) -> None:
    """Who can change the keys can sign in as anybody."""
    assert places(f'{SHOP}\n[auth]\njwks_url = "{url}"') == ["auth.jwks_url"]


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "127.1.2.3", "[::1]:80"])
def test_keys_of_this_machine_need_no_https(host: str) -> None:
    """There is no way between the two on which anybody could be."""
    assert is_fine(f'{SHOP}\n[auth]\njwks_url = "http://{host}/k"')


SUBJECTS = ["auth0|5f7c8ec7", "anna@shop.example", "6f1c0a4e-9d5b-4c52", "f:a:anna", "a+b=/~c"]


@pytest.mark.parametrize("subject", [*SUBJECTS, "x" * 255])
def test_what_an_identity_provider_calls_an_agent_is_an_id(subject: str) -> None:
    """Tokens name agents as their provider does, and nobody may have to rename them."""
    assert is_fine(f'{SHOP}\n[[agents]]\nid = "{subject}"\nqueues = []')


@pytest.mark.parametrize("subject", ["", "x" * 256, "anna smith", "änna", "a\\nb", "<b>", "a'b"])
def test_what_would_break_a_line_or_a_page_is_no_agents_id(subject: str) -> None:
    """Ids stand in addresses and logs."""
    assert places(f'{SHOP}\n[[agents]]\nid = "{subject}"\nqueues = []') == ["agents[0].id"]


@pytest.mark.parametrize("subject", SUBJECTS[:2])
def test_other_ids_stay_as_narrow_as_they_were(subject: str) -> None:
    """Queues stand in metrics, and a slash parts a tenant from its entry point."""
    assert places(SHOP.replace("support", subject)) == ["queues[0].id"]


@pytest.mark.parametrize("secret", ["x" * 7, "0123456789abcdef\n"])
def test_a_secret_that_is_weak_or_has_a_stray_line_break_is_a_mistake(secret: str) -> None:
    """A short one is found by trying; a line break from a file makes every token wrong."""
    found = mistakes_in(SHOP, {"FRONTDESK_SECRET": secret})

    assert [mistake.path for mistake in found] == ["auth.secret"]
    assert secret.strip() not in str(found)


def test_the_environment_wins_over_the_file() -> None:
    """What an operator sets for one run must not be undone by a file shared by many."""
    settings = parse(f'{SHOP}\n[auth]\nsecret = "the-secret-of-the-file"', ENVIRON)

    assert settings.auth.secret == SECRET


@pytest.mark.parametrize("padding", ["", "="])
def test_a_seal_key_is_32_bytes(padding: str) -> None:
    """Tools write base64 with and without padding; both are the same key."""
    key = bytes(range(224, 256))
    written = base64.urlsafe_b64encode(key).decode().rstrip("=") + padding
    settings = parse(SHOP, {**ENVIRON, "FRONTDESK_SEAL_KEY": written})

    assert settings.masking.seal_key == key


@pytest.mark.parametrize("key", ["x", "A" * 42, "A" * 44, "+" * 43, "å" * 43, "A" * 43 + "\n"])
def test_a_seal_key_of_another_length_or_alphabet_is_a_mistake(key: str) -> None:
    """A key cut short would seal less well, and another spelling could not be read again."""
    assert places(SHOP, {**ENVIRON, "FRONTDESK_SEAL_KEY": key}) == ["masking.seal_key"]


def test_former_seal_keys_are_several() -> None:
    """A key is replaced more than once in the life of a store."""
    first, second = "A" * 43, "B" * 43 + "="
    file = f'{SHOP}\n[masking]\nformer_seal_keys = ["{first}"]'
    given = {**ENVIRON, "FRONTDESK_FORMER_SEAL_KEYS": f"{second}, {first}"}

    assert len(parse(file, ENVIRON).masking.former_seal_keys) == 1
    assert [key[0] for key in parse(file, given).masking.former_seal_keys] == [4, 0]
    assert parse(file, given).masking.seal_key is None


def test_a_former_seal_key_is_held_to_the_rules_of_the_present_one() -> None:
    """Each mistake names its place and shows no key."""
    given = {"FRONTDESK_SEAL_KEY": "A" * 43, "FRONTDESK_FORMER_SEAL_KEYS": f"x,{'A' * 43}="}
    found = mistakes_in(SHOP, ENVIRON | given)

    assert [mistake.path for mistake in found] == [
        "masking.former_seal_keys[0]",
        "masking.former_seal_keys[1]",
    ]
    assert "AAAA" not in str(found)


def template(text: str) -> str:
    """Return a configuration with one template."""
    return f"{HEAD}[[templates]]\nid = 'a'\ntext = '{text}'\n"


@pytest.mark.parametrize("text", ["<3 <b> a<b", "<customer.name>, <agent.name>", "a.b <c"])
def test_a_template_may_have_angle_brackets(text: str) -> None:
    """They are ordinary text unless they look like a placeholder."""
    assert is_fine(template(text))


@pytest.mark.parametrize("text", ["<customer.email>", "Hi <name.agent> <agent.name>"])
def test_a_placeholder_nobody_fills_in_is_a_mistake(text: str) -> None:
    """A customer would see it as it is."""
    assert places(template(text)) == ["templates[0].text"]
