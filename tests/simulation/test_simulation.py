"""Histories of a whole tenant under faults: each seed holds, repeats, and shrinks if it fails."""

import os
import subprocess
import sys
from random import Random, SystemRandom

import pytest

from tests.simulation.many import play, report
from tests.simulation.mutants import MUTANTS, Mutant, alive
from tests.simulation.script import draw_script
from tests.simulation.shrink import kind_of, shrink
from tests.simulation.world import Outcome, quiet, run

IS_LONG = os.environ.get("FRONTDESK_LONG") == "1"
SEEDS = 20_000 if IS_LONG else 1_000
FIRST = SystemRandom().randrange(1 << 31) if IS_LONG else 0
"""Usual runs play the same histories every time; long ones play new ones."""

CHUNK = 50
"""Seeds that one test plays: few enough that several workers have all some of them."""

SEEDS_PER_MUTANT = 400
"""Far more than the slowest mutant needs; most are noticed in the first history."""


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """Faults are what these tests are about."""
    quiet()


def first_failure(seeds: range) -> tuple[int, Outcome] | None:
    """The first history that fails."""
    for seed in seeds:
        outcome = run(seed)
        if outcome.failure is not None:
            return seed, outcome
    return None


@pytest.mark.parametrize("place", range(0, SEEDS, CHUNK))
def test_every_history_holds(place: int) -> None:
    """Whatever goes wrong, in whatever order: nothing is lost, doubled, leaked or stuck."""
    start = FIRST + place
    found = play(range(start, start + CHUNK))

    assert not found, found


@pytest.mark.parametrize("seed", [1, 4, 36])
def test_a_seed_repeats(seed: int) -> None:
    """A failure that cannot be repeated cannot be understood."""
    first, second = run(seed), run(seed)

    assert first.history == second.history
    assert len(first.history) > 50


def test_a_seed_repeats_in_another_process() -> None:
    """The order of sets and the addresses of objects differ there, and nothing else may."""
    told = [
        subprocess.run(
            [sys.executable, "-m", "tests.simulation", "36"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for hash_seed in ("1", "2")
    ]

    assert told[0] == told[1]
    assert told[0].endswith(b"seed 36: nothing wrong\n")


def test_other_seeds_have_other_histories() -> None:
    """A thousand times the same would show nothing."""
    assert len({run(seed).history for seed in range(5)}) == 5


@pytest.mark.parametrize("one", MUTANTS, ids=lambda one: one.name)
def test_a_mistake_is_noticed(one: Mutant) -> None:
    """An oracle that objects to nothing would pass every history."""
    with alive(one):
        found = first_failure(range(one.seed, one.seed + SEEDS_PER_MUTANT))

    assert found is not None, f"nobody noticed that {one.breaks}"


def test_what_a_mutant_changed_is_as_it_was() -> None:
    """A mutant that outlived its test would spoil all others."""
    before = run(2).history
    for one in MUTANTS:
        with alive(one):
            pass

    assert run(2).history == before


def test_a_failing_history_is_made_short() -> None:
    """Nobody reads sixty operations to find the two that matter."""
    (one,) = (each for each in MUTANTS if each.name == "rona_keeps_available")
    with alive(one):
        found = first_failure(range(SEEDS_PER_MUTANT))
        assert found is not None
        seed, outcome = found
        assert outcome.failure is not None
        script = draw_script(Random(f"script {seed}"))
        ops, shorter = shrink(seed, script, outcome.failure, within_s=5)
        told = report(seed, outcome.failure, within_s=0.1)

    assert shorter.failure is not None
    assert kind_of(shorter.failure) == kind_of(outcome.failure)
    assert len(ops) < len(script) // 2
    assert f"./dev sim {seed}" in told
    assert "RONA left somebody available" in told
