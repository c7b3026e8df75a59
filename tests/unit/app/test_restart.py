"""A reload names what it cannot change."""

import pytest

from router.app.config import Settings, parse
from router.app.mistakes import ConfigurationInvalid
from router.app.restart import TABLES, check_tenant, needs_restart

START = """
tenant.id = "main"
auth.secret = "a secret for agents, long enough"
queues = [{ id = "support" }]
entry_points = [{ id = "shop", queue = "support" }]
"""


def settings(text: str = "") -> Settings:
    """The file at the start, with more in it."""
    return parse(START + text, {})


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("", []),
        ("limits.sockets_per_address = 7", ["limits.sockets_per_address"]),
        ("metrics.port = 9000", ["metrics.port"]),
        ("retention.records_days = 3", ["retention.records_days"]),
        ("masking.enabled = false", []),
        (f"masking.seal_key = '{'k' * 43}'", ["masking.seal_key"]),
        ("server.ping_interval_ms = 9000", ["server.ping_interval_ms"]),
        ("server.reconnect_within_ms = 9000", ["server.reconnect_within_ms"]),
        (
            "[server]\ntrusted_hops = 1\n[auth]\njwks_url = 'https://login.example/keys'",
            ["auth.secret", "auth.jwks_url", "server.trusted_hops"],
        ),
        ("presence.decline_pause_ms = 900", []),
        ("idle_codes = [{ id = 'lunch' }]", []),
        ("agents = [{ id = 'anna', queues = ['support'] }]", []),
    ],
)
def test_what_a_process_keeps_until_it_ends_is_named_by_its_path(
    text: str, paths: list[str]
) -> None:
    """An operator who changed it must learn that it does not hold yet."""
    file = START.replace('auth.secret = "a secret for agents, long enough"\n', "")
    changed = parse(file + text, {}) if "jwks_url" in text else settings(text)

    assert list(needs_restart(settings(), changed)) == paths


def test_every_table_is_the_kernels_or_named() -> None:
    """A new table must not be forgotten."""
    others = {"configuration", "agents", "source", "is_alone"}

    assert set(Settings.__struct_fields__) == {*TABLES, *others}


def test_a_file_of_another_tenant_is_refused_by_its_path() -> None:
    """Tokens and sealed addresses are bound to the tenant: renamed, nobody could open them."""
    other = parse(START.replace("main", "other"), {})
    with pytest.raises(ConfigurationInvalid) as invalid:
        check_tenant(settings(), other)
    check_tenant(settings(), settings("limits.sockets_per_address = 7"))

    assert [mistake.path for mistake in invalid.value.mistakes] == ["tenant.id"]
