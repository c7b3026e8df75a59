"""What Helm says after an installation: what is still to be made, in words that can be copied."""

import re
from functools import cache

import pytest
from msgspec import Struct

from tests.ops.helm import CHART, PROFILES, mapping, run, values_of, walk
from tests.ops.pods import workload

LITERAL = re.compile(r"--from-literal=(\w+)=")
MADE = re.compile(r"create secret generic (\S+)(.*)")

KEYS = {
    "tenants": [
        "FRONTDESK_SECRET_BANK_EU",
        "FRONTDESK_SEAL_KEY_BANK_EU",
        "FRONTDESK_SECRET_SHOP",
        "FRONTDESK_SEAL_KEY_SHOP",
    ]
}
ALONE = ["FRONTDESK_SECRET", "FRONTDESK_SEAL_KEY"]


class Told(Struct, frozen=True):
    """What is said of a Secret.

    Attributes:
        keys: In the order in which they are given.
    """

    name: str
    keys: list[str]


@cache
def notes(profile: str, *more: str) -> str:
    """Return what is said; no cluster is asked."""
    words = ("--dry-run=client", "--namespace", "shop", *values_of(profile), *more)
    ended = run("install", "chat", str(CHART), *words)

    assert ended.returncode == 0, ended.stderr
    return ended.stdout.partition("NOTES:\n")[2]


def told(text: str) -> list[Told]:
    """Return the Secrets that are to be made."""
    return [Told(name, LITERAL.findall(words)) for name, words in MADE.findall(text)]


def waited_for(profile: str) -> set[str]:
    """Return the Secrets without which a pod does not start."""
    named = [
        mapping(each[key])
        for each in walk(workload(profile)[0].whole)
        for key in ("secretRef", "secretKeyRef", "secret")
        if key in each
    ]
    return {str(each.get("name") or each.get("secretName")) for each in named}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_secret_that_pods_wait_for_is_named(profile: str) -> None:
    """A pod that waits for a Secret says so to nobody who does not ask."""
    text = notes(profile)

    assert [name for name in waited_for(profile) if f"the Secret {name}" not in text] == []


@pytest.mark.parametrize("profile", PROFILES)
def test_the_keys_are_those_that_are_read(profile: str) -> None:
    """Of several tenants each has its own, and one without a tenant is not read."""
    made = {each.name: each.keys for each in told(notes(profile))}
    keys = [keys for keys in made.values() if keys[0].startswith("FRONTDESK")]

    assert keys in ([KEYS.get(profile, ALONE)], [])
    assert bool(keys) == (profile != "minimal")


def test_tenants_that_only_a_secret_knows_are_left_to_whoever_made_it() -> None:
    """The chart cannot read it."""
    sets = ("configuration.file=", "configuration.existingSecret=tenants")
    text = notes("default", *(word for each in sets for word in ("--set", each)))

    assert told(text) == [
        Told("frontdesk", ["FRONTDESK_SECRET_TENANT", "FRONTDESK_SEAL_KEY_TENANT"])
    ]
    assert "TENANT is the id" in text


def test_the_password_of_redis_is_asked_for_by_its_key() -> None:
    """The key may be called otherwise."""
    assert Told("frontdesk-redis", ["frontdesk"]) in told(notes("everything"))
