"""Whatever stands in a file, it is read or refused with places and hints; nothing crashes."""

import tomllib
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from router.app.config import parse
from router.app.mistakes import ConfigurationInvalid, Mistake
from tests.unit.app.configurations import (
    ENVIRON,
    EXAMPLE,
)

BROKEN = [
    *[
        "",
        "=",
        "[",
        "]",
        '"',
        "'''",
        "\\",
        "\0",
        "#",
        "\n",
        "{}",
        "true",
        "-1",
        "1e400",
        "nan",
        "99",
    ],
    *["1979-05-27T07:32:00Z", "07:32:00", '"x"', "[[queues]]", "[queues.a]", "id = 1", "å", "\x1b"],
]


def answer(text: str) -> tuple[Mistake, ...]:
    """Return the mistakes of a text, none if it is fine; anything else is raised."""
    try:
        parse(text, ENVIRON)
    except ConfigurationInvalid as invalid:
        return invalid.mistakes
    return ()


@given(
    st.lists(
        st.tuples(st.integers(0, 4000), st.integers(0, 30), st.sampled_from(BROKEN)), max_size=6
    )
)
def test_a_broken_file_is_refused_and_never_crashes(edits: list[tuple[int, int, str]]) -> None:
    """Whatever somebody's editor did to the file, the answer is settings or mistakes."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for start, length, new in edits:
        text = text[:start] + new + text[start + length :]
    mistakes = answer(text)

    assert all(mistake.message and mistake.hint for mistake in mistakes)
    assert mistakes == answer(text)


Value = bool | int | float | str | Sequence["Value"] | Mapping[str, "Value"]

SCALARS: list[Value] = [0, 1, -1, 99, 2**70, 1.5, True, "", "x", "support", "mon-fri", "\x1b"]
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "queue", "queues", "x y"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def written(value: Value) -> str:
    """Return a value in TOML."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case str():
            return '"' + value.replace("\\", r"\\").replace("\x1b", r"\u001b") + '"'
        case Mapping():
            return (
                "{" + ", ".join(f'"{key}" = {written(item)}' for key, item in value.items()) + "}"
            )
        case _:
            return "[" + ", ".join(written(item) for item in value) + "]"


@given(st.data())
def test_any_value_at_any_key_is_read_or_refused(data: st.DataObject) -> None:
    """Right TOML with wrong values goes deeper into the checks than broken text does."""
    sections: dict[str, dict[str, Value] | list[dict[str, Value]]] = tomllib.loads(
        EXAMPLE.read_text(encoding="utf-8")
    )
    section = data.draw(st.sampled_from(sorted(sections)))
    table = sections[section]
    inner = data.draw(st.sampled_from(table)) if isinstance(table, list) else table
    inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(VALUES)
    changed: dict[str, Value] = dict(sections)
    if data.draw(st.booleans()):
        changed[section] = data.draw(VALUES)
    text = "\n".join(f"{key} = {written(value)}" for key, value in changed.items())
    mistakes = answer(text)

    assert all(mistake.path and mistake.message and mistake.hint for mistake in mistakes)
    assert mistakes == answer(text)
