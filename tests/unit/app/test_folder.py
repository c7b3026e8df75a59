"""A folder of tenants is read whole or refused with every mistake, each with its file."""

from pathlib import Path

import pytest

from router.app.folder import load_again, load_all, shared_by
from router.app.mistakes import ConfigurationInvalid, Mistake

TENANT = """
[tenant]
id = "{name}"

[auth]
secret = "a long enough secret of {name}"
"""


def folder_of(at: Path, **files: str) -> Path:
    """Write a file for each tenant; what is said of one comes behind its id and secret."""
    for name, more in files.items():
        (at / f"{name}.toml").write_text(TENANT.format(name=name) + more, "utf-8")
    return at


def mistakes_in(folder: Path) -> list[Mistake]:
    """Read a folder that has mistakes."""
    with pytest.raises(ConfigurationInvalid) as caught:
        load_all(folder, {})
    return list(caught.value.mistakes)


def test_every_file_of_a_folder_is_a_tenant(tmp_path: Path) -> None:
    """Whoever adds a customer adds a file; what is no TOML is none of ours."""
    folder = folder_of(tmp_path, beta="", acme="")
    (folder / "README.md").write_text("notes", "utf-8")
    tenants = load_all(folder, {})

    assert [each.configuration.tenant for each in tenants] == ["acme", "beta"]
    assert [Path(each.source).name for each in tenants] == ["acme.toml", "beta.toml"]
    assert not any(each.is_alone for each in tenants)


def test_a_file_alone_is_a_tenant_too(tmp_path: Path) -> None:
    """Most serve one, and need no folder for it."""
    folder_of(tmp_path, acme="")
    (tenant,) = load_all(tmp_path / "acme.toml", {})

    assert tenant.configuration.tenant == "acme"
    assert tenant.is_alone


def test_mistakes_of_all_files_are_told_with_their_files(tmp_path: Path) -> None:
    """Whoever corrects one at a time restarts once for each."""
    folder = folder_of(tmp_path, acme="[presence]\nwhat = 1", beta="[[queues]]\nname = 'x'")
    (folder / "gamma.toml").write_text("not toml", "utf-8")
    told = [mistake.path for mistake in mistakes_in(folder)]

    assert told == ["acme.toml: presence.what", "beta.toml: queues[0].id", "gamma.toml"]


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    """A wrong path must not start a server that serves nobody."""
    (mistake,) = mistakes_in(tmp_path)

    assert "NAME.toml" in mistake.hint


def test_no_two_tenants_share_a_name_or_a_secret(tmp_path: Path) -> None:
    """Who could sign for one could sign for both."""
    folder = folder_of(tmp_path, acme="", beta="")
    (folder / "copy.toml").write_text(TENANT.format(name="acme"), "utf-8")
    told = mistakes_in(folder)

    assert [mistake.path for mistake in told] == ["copy.toml: tenant.id", "copy.toml: auth.secret"]
    assert not any("a long enough secret" in str(mistake) for mistake in told)


def test_what_holds_for_the_process_may_be_said_in_one_file(tmp_path: Path) -> None:
    """The others keep quiet about it and share it."""
    more = "[server]\nsockets_max = 7\n[metrics]\nport = 9100"
    tenants = load_all(folder_of(tmp_path, acme="", beta=more), {})
    process = shared_by(tenants)

    assert (process.server.sockets_max, process.metrics.port) == (7, 9100)
    assert process.limits.connects_per_minute == 600


def test_files_that_say_different_things_of_the_process_are_refused(tmp_path: Path) -> None:
    """One of them would silently not be so."""
    folder = folder_of(
        tmp_path, acme="[server]\nsockets_max = 7", beta="[server]\nsockets_max = 8", gamma=""
    )

    assert [mistake.path for mistake in mistakes_in(folder)] == ["beta.toml: server.sockets_max"]


def test_secrets_of_the_environment_name_their_tenant(tmp_path: Path) -> None:
    """One variable for all would be one secret for all."""
    (tmp_path / "a.toml").write_text("tenant.id = 'acme-eu'", "utf-8")
    folder_of(tmp_path, beta="")
    secret = "from the environment, long enough"
    tenants = load_all(tmp_path, {"FRONTDESK_SECRET_ACME_EU": secret, "FRONTDESK_SECRET": "x" * 40})

    assert tenants[0].auth.secret == secret
    assert tenants[1].auth.secret == "a long enough secret of beta"
    assert load_again(tenants[0], {"FRONTDESK_SECRET_ACME_EU": secret}).auth.secret == secret
