"""Passwords of Redis servers, from the environment or from a file as editors write it."""

from pathlib import Path

import pytest

from router.app.stores import PASSWORDS, password_of
from router.shard.engine import EngineUnavailable

NAME = PASSWORDS[0]
FILE = f"{NAME}_FILE"


@pytest.mark.parametrize(
    ("written", "password"),
    [
        (b"s3cret", "s3cret"),
        (b"s3cret\n", "s3cret"),
        (b"s3cret\r\n", "s3cret"),
        (b"s3cret\r\n\r\n", "s3cret"),
        (b"\xef\xbb\xbfs3cret\r\n", "s3cret"),
        (b" s3 cret\t\n", " s3 cret\t"),
        ("pässwörd\n".encode(), "pässwörd"),
    ],
)
def test_a_password_is_what_somebody_typed_into_its_file(
    tmp_path: Path, written: bytes, password: str
) -> None:
    """An editor adds a mark or the end of a line, and nobody sees why the server says no."""
    file = tmp_path / "password"
    file.write_bytes(written)

    assert password_of({FILE: str(file), NAME: "other"}, NAME) == password


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (b"\xff\xfes\x003\x00", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_file_without_a_password_is_said_to_be_so(
    tmp_path: Path, written: bytes | None, why: str
) -> None:
    """Without one it would go on without a login, and be refused for another reason."""
    file = tmp_path / "password"
    if written is not None:
        file.write_bytes(written)

    with pytest.raises(EngineUnavailable, match=why):
        password_of({FILE: str(file)}, NAME)


def test_a_password_may_stand_in_the_environment_or_nowhere() -> None:
    """A server on the same machine often has none."""
    assert password_of({NAME: "s3cret", FILE: ""}, NAME) == "s3cret"
    assert password_of({}, NAME) is None
