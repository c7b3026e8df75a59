"""A configuration is read whole or refused with every mistake at once, each at its place."""

import base64
from pathlib import Path

import pytest

from router.app.config import load, parse
from router.app.mistakes import ConfigurationInvalid
from tests.unit.app.configurations import (
    ENVIRON,
    EXAMPLE,
    HEAD,
    SECRET,
    SHOP,
    hours,
    is_fine,
    mistakes_in,
    places,
    queue,
)


def test_what_is_left_out_has_its_default() -> None:
    """Most operators write names and queues and rely on the rest."""
    settings = parse(SHOP, ENVIRON)

    assert settings.configuration.queues[0].offer_timeout_ms == 20_000
    assert settings.configuration.entry_points[0].allowed_origins == ("*",)
    assert settings.limits.connects_per_minute == 600
    assert settings.configuration.masking.enabled
    assert settings.masking.seal_key is None


def test_a_name_left_out_is_the_id() -> None:
    """Screens always have something to show."""
    settings = parse(SHOP, ENVIRON)

    assert settings.configuration.queues[0].name == "support"
    assert settings.configuration.entry_points[0].name == "shop"


def test_a_tenant_alone_is_enough() -> None:
    """Everything else may be added over HTTP once the server runs."""
    settings = parse(HEAD, ENVIRON)

    assert settings.configuration.tenant == "main"
    assert settings.agents == ()


def test_the_example_has_no_mistakes() -> None:
    """People start from the example, so it must be accepted as it is."""
    settings = load(EXAMPLE, {})

    assert [agent.id for agent in settings.agents] == ["anna", "ben"]
    assert settings.source == str(EXAMPLE)


def test_every_mistake_is_told_at_once() -> None:
    """Whoever corrects one mistake at a time restarts a server once for each."""
    text = """
        [tenat]
        id = "main"

        [presence]
        reconnect_grace_ms = 0

        [[entry_points]]
        id = "shop"
        queue = "suport"

        [[queues]]
        id = "support"
        offer_timeout_ms = "20000"
        wrapup_timeout_ms = 60000

        [[agents]]
        id = "anna"
        queues = ["support", "sales"]
        capacity = 0
    """

    assert places(text, {}) == [
        "tenat",
        "tenant",
        "presence.reconnect_grace_ms",
        "queues[0].offer_timeout_ms",
        "agents[0].capacity",
        "auth.secret",
        "entry_points[0].queue",
        "queues[0].default_wrapup_code",
        "agents[0].queues[1]",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[tenant]\n", "tenant.id"),
        (HEAD + "[[queues]]\n", "queues[0].id"),
        (HEAD + '[[entry_points]]\nid = "a"\n', "entry_points[0].queue"),
        (HEAD + '[[agents]]\nid = "a"\n', "agents[0].queues"),
        (HEAD + '[[templates]]\nid = "a"\n', "templates[0].text"),
        (
            queue('hours = [{ days = "mon", from = "08:00", to = "17:00" }]'),
            "queues[0].hours[0].zone",
        ),
    ],
)
def test_a_required_key_that_is_missing_is_named(text: str, place: str) -> None:
    """A server that guesses an id would route to the wrong place."""
    assert place in places(text)


@pytest.mark.parametrize(
    ("text", "place", "meant"),
    [
        (HEAD + "[limit]\n", "limit", "limits"),
        (
            HEAD + "[limits]\nconnects_per_minutes = 1\n",
            "limits.connects_per_minutes",
            "connects_per_minute",
        ),
        (queue("offer_timeout = 20000"), "queues[0].offer_timeout", "offer_timeout_ms"),
        (queue('strategy = "longest_avail"'), "queues[0].strategy", "longest_available"),
        (SHOP.replace('queue = "support"', 'queue = "suport"'), "entry_points[0].queue", "support"),
        (hours(zone="Europe/Stokholm"), "queues[0].hours[0].zone", "Europe/Stockholm"),
    ],
)
def test_a_misspelled_word_has_a_hint(text: str, place: str, meant: str) -> None:
    """An unknown key is nearly always a known one, mistyped."""
    assert [(found.path, found.hint) for found in mistakes_in(text)] == [
        (place, f'did you mean "{meant}"?')
    ]


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        (queue("offer_timeout_ms = 20000.0"), "queues[0].offer_timeout_ms", "fraction"),
        (queue("offer_timeout_ms = true"), "queues[0].offer_timeout_ms", "true or false"),
        (queue("name = 3"), "queues[0].name", "a whole number"),
        (queue("skills = [3]"), "queues[0].skills", "an array"),
        (queue('skills.swedish = "3"'), "queues[0].skills.swedish", "a string"),
        (queue("strategy = 1979-05-27"), "queues[0].strategy", "a date or time"),
        (queue("hours = [1]"), "queues[0].hours[0]", "a whole number"),
        (HEAD + "[masking]\nenabled = 1\n", "masking.enabled", "a whole number"),
        (HEAD + "[[agents]]\nid = 'a'\nqueues = 'b'\n", "agents[0].queues", "a string"),
        (HEAD + "[queues]\n", "queues", "a table"),
        (HEAD + "[[limits]]\n", "limits", "an array"),
    ],
)
def test_a_wrong_type_is_told_by_its_toml_name(text: str, place: str, told: str) -> None:
    """Operators know TOML, not the types of the language it is read in."""
    [found] = mistakes_in(text)

    assert found.path == place
    assert found.message.startswith("must be ")
    assert told in found.message.partition(", not ")[2]


@pytest.mark.parametrize("key", ["offer_timeout_ms", "service_level_ms"])
@pytest.mark.parametrize("value", [100, 86_400_000])
def test_a_duration_is_from_100_ms_to_a_day(key: str, value: int) -> None:
    """Tests want short timers and night desks long ones."""
    assert is_fine(queue(f"{key} = {value}"))


@pytest.mark.parametrize("key", ["offer_timeout_ms", "service_level_ms"])
@pytest.mark.parametrize("value", [-100, 0, 99, 86_400_001])
def test_another_duration_is_a_mistake(key: str, value: int) -> None:
    """Below 100 ms no client can react; above a day it is a mistake of unit."""
    assert places(queue(f"{key} = {value}")) == [f"queues[0].{key}"]


@pytest.mark.parametrize(
    "key",
    [
        "max_wait_ms",
        "customer_silence_warn_ms",
        "customer_silence_end_ms",
        "agent_silence_ms",
        "wrapup_timeout_ms",
    ],
)
def test_zero_is_accepted_where_it_means_never(key: str) -> None:
    """Switching a timer off is not the same as the shortest one."""
    assert is_fine(queue(f"{key} = 0"))
    assert f"queues[0].{key}" in places(queue(f"{key} = 99"))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (queue("max_waiting = 0"), "queues[0].max_waiting"),
        (queue("priority = 1000001"), "queues[0].priority"),
        (queue("skills.swedish = 0"), "queues[0].skills.swedish"),
        (queue('skills." x" = 1'), 'queues[0].skills." x"'),
        (HEAD + "[limits]\nsockets_per_address = -1\n", "limits.sockets_per_address"),
        (HEAD + "[metrics]\nport = 65536\n", "metrics.port"),
        (HEAD + "[retention]\nrecords_days = -1\n", "retention.records_days"),
        (HEAD + "[[agents]]\nid = 'a'\nqueues = []\ncapacity = 0\n", "agents[0].capacity"),
        (queue(f"name = '{'x' * 201}'"), "queues[0].name"),
        (queue(r'name = "a\u001b[2J"'), "queues[0].name"),
        (HEAD + "[[templates]]\nid = 'a'\ntext = ' '\n", "templates[0].text"),
    ],
)
def test_a_value_out_of_bounds_is_told(text: str, place: str) -> None:
    """Every number and text has a limit, so that nothing grows without one."""
    assert places(text) == [place]


@pytest.mark.parametrize("word", ["", "a b", "a/b", "å", "x" * 65, "a\\n"])
def test_an_id_has_few_characters(word: str) -> None:
    """Ids stand in addresses and metrics, and `/` parts a tenant from an entry point."""
    assert places(HEAD + f'[[idle_codes]]\nid = "{word}"\n') == ["idle_codes[0].id"]


@pytest.mark.parametrize(
    "table", ["entry_points", "queues", "agents", "wrapup_codes", "idle_codes", "templates"]
)
def test_an_id_is_given_once_in_each_table(table: str) -> None:
    """Of two queues with one id, each contact would be in both."""
    required = {"entry_points": 'queue = "q"', "agents": "queues = []", "templates": 'text = "t"'}
    entry = f'[[{table}]]\nid = "q"\n{required.get(table, "")}\n'
    text = HEAD + entry + entry

    assert f"{table}[1].id" in places(text)


def test_a_wrong_type_is_one_mistake() -> None:
    """What takes its place must not be told as a second mistake nobody made."""
    text = SHOP.replace('queue = "support"', 'queue = "support"\nallowed_origins = "*"')

    assert places(text) == ["entry_points[0].allowed_origins"]


def test_a_text_that_is_not_toml_is_told_with_its_line() -> None:
    """Without a line, a missing quote is found by reading the whole file."""
    [found] = mistakes_in('[tenant]\nid = "main\n')

    assert found.path == ""
    assert "line 2" in found.message


@pytest.mark.parametrize("value", ["[" * 5000 + "]" * 5000, "1" * 5000])
def test_a_value_too_deep_or_long_is_a_mistake(value: str) -> None:
    """Limits of the parser are the file's mistake, not a crash."""
    assert places(f"x = {value}") == [""]


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    """A wrong path and a wrong encoding are told like any other mistake."""
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'name = "\xe5"')

    for path in (tmp_path, tmp_path / "none.toml", latin, Path("a\0b")):
        with pytest.raises(ConfigurationInvalid) as caught:
            load(path, ENVIRON)
        assert [mistake.path for mistake in caught.value.mistakes] == [""]


def test_settings_do_not_show_secrets() -> None:
    """Settings end up in tracebacks and debug lines."""
    seal_key = base64.urlsafe_b64encode(b"0123456789abcdef" * 2).decode()
    settings = parse(SHOP, {**ENVIRON, "FRONTDESK_SEAL_KEY": seal_key})

    assert SECRET not in repr(settings)
    assert "0123456789abcdef" not in repr(settings)
