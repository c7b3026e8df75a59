"""The words of waiting: strategies, skills, a contact's place and what it asks for."""

from typing import Literal, NamedTuple

Strategy = Literal["longest_available", "least_loaded", "round_robin", "best_skilled"]


class Rank(NamedTuple):
    """A contact's place: the smaller rank is served first, within and across queues.

    Attributes:
        priority_down: The negated priority, so that higher priority sorts first.
        is_new: 0 for a contact that was with an agent before, 1 for a new one.
        since_ms: When it began to wait.
        serial: The shard's order of arrival; makes every order total.
    """

    priority_down: int
    is_new: int
    since_ms: int
    serial: int


Skills = tuple[tuple[str, int], ...]
"""Levels by skill, sorted by skill: hashable, so it can be part of a key."""


class Demand(NamedTuple):
    """What a contact asks of an agent: to serve the queue, with at least these levels."""

    queue: str
    skills: Skills


class Supply(NamedTuple):
    """What an agent brings: the queues it serves and its levels."""

    queues: frozenset[str]
    skills: Skills


class Readiness(NamedTuple):
    """What strategies compare of an agent that may be offered work now.

    Attributes:
        load: Slots taken.
        since_ms: Available without work since, or when a slot last changed.
    """

    load: int
    since_ms: int


def sorted_skills(levels: dict[str, int]) -> Skills:
    """Levels as a key: the same levels in any order are the same key."""
    return tuple(sorted(levels.items()))
