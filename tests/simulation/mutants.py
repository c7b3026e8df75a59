"""Deliberate mistakes in the product, each a few words changed, that the simulation must notice.

A mutant names a function, words in its source and what stands there instead. The function is
compiled again in memory and put in the place of the real one for as long as the mutant lives.
"""

import __future__

import inspect
import textwrap
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from types import CodeType, FunctionType, ModuleType
from typing import NamedTuple

from presence import rules
from router.hub import customers, replica, station, tails, translate_messages
from router.hub import hub as hubs
from router.kernel import chats, evolve, offers, people, state
from router.shard import client, doubts, memory, writer
from router.shard import turn as turns

FUTURE = __future__.annotations.compiler_flag  # annotations may name what is only typed


class Patch(NamedTuple):
    """Words to exchange in one function.

    Attributes:
        owner: The module or class that holds it.
        name: Its name there.
    """

    owner: ModuleType | type
    name: str
    old: str
    new: str


class Mutant(NamedTuple):
    """A mistake somebody could make.

    Attributes:
        breaks: What it would do to people.
        seed: Where to begin looking for a history that notices it: few histories lead to some.
    """

    name: str
    breaks: str
    patches: tuple[Patch, ...]
    seed: int


def mutant(name: str, breaks: str, *patches: Patch, seed: int = 0) -> Mutant:
    """A mutant of one patch or more."""
    return Mutant(name, breaks, patches, seed)


MUTANTS = (
    mutant(
        "drop_dedupe",
        "a command that is delivered twice is done twice",
        Patch(
            writer.Writer,
            "_take",
            "if n <= turn.seen.get(hub, self._seen.last(hub)):",
            "if False:",
        ),
    ),
    mutant(
        "drop_kept_answers",
        "a message that is sent again after a lost answer stands there twice",
        Patch(writer.Writer, "_kept", "if kept is not None and", "if False and"),
    ),
    mutant(
        "keep_nothing",
        "an id is forgotten as soon as its turn is over",
        Patch(turns.Turn, "batch", "kept=tuple(self._kept)", "kept=()"),
    ),
    mutant(
        "ignore_other_body",
        "an id that was used before answers for something else",
        Patch(writer.Writer, "_repeat", "kept.request in _requests(envelope)", "kept.request"),
    ),
    mutant(
        "skip_fence",
        "a writer that lost its lease goes on writing",
        Patch(memory.MemoryEngine, "_check_held", "self._token != lease.token", "False"),
    ),
    mutant(
        "rona_loses_contact",
        "a contact that was offered in vain is never offered again",
        Patch(
            evolve, "_offer_closed", '"queued" if is_waiting else contact.state', "contact.state"
        ),
    ),
    mutant(
        "rona_keeps_available",
        "an agent who does not answer is asked for ever",
        Patch(offers, "miss", 'state="rona"', 'state="available"'),
    ),
    mutant(
        "expiry_inclusive",
        "an answer wins in the millisecond that is too late",
        Patch(offers, "_check_open", ">= offer.expires_at_ms", "> offer.expires_at_ms"),
        Patch(writer.Writer, "_fire_due", "first[0] <= at_ms", "first[0] < at_ms"),
        Patch(writer.Writer, "wait_ms", "first[0] - self.now_ms()", "first[0] + 1 - self.now_ms()"),
    ),
    mutant(
        "late_deadlines",
        "RONA comes long after its time",
        Patch(writer.Writer, "_fire_due", "first[0] <= at_ms", "first[0] + 400 <= at_ms"),
        Patch(writer.Writer, "wait_ms", "first[0] - self.now_ms()", "tick_ms"),
    ),
    mutant(
        "skip_capacity",
        "agents are offered more than they can hold",
        Patch(rules, "can_take_offer", "and presence.load < presence.capacity", ""),
    ),
    mutant(
        "half_a_card",
        "the first half of a card stays readable when the second is masked",
        Patch(writer.Writer, "_take", "*reading.redacted, *", "*(), *"),
    ),
    mutant(
        "notes_to_customers",
        "a customer reads what agents think of them",
        Patch(
            translate_messages,
            "written",
            'if message.audience == "everyone" and message.conversation != contact.internal:',
            "if True:",
        ),
    ),
    mutant(
        "notes_beside_replies",
        "an internal note takes a number in the customer's conversation",
        Patch(
            chats,
            "send_agent_message",
            "conversation = contact.internal or _open_internal(draft, contact)",
            "pass",
        ),
    ),
    mutant(
        "answer_before_events",
        "a client is told that it worked before it sees that it did",
        Patch(
            hubs.Hub,
            "_tell",
            "change = station.replica.apply(entry)",
            "station.client.resolve(entry.answers); await __import__('asyncio').sleep(0); "
            "change = station.replica.apply(entry)",
        ),
    ),
    mutant(
        "tell_before_commit",
        "what was never written is told to everybody",
        Patch(
            memory.MemoryEngine,
            "commit",
            'raise OutcomeUnknown("the reply was lost")',
            "self._log.append(batch.entries); raise OutcomeUnknown('the reply was lost')",
        ),
    ),
    mutant(
        "transcript_cut",
        "of the messages of one commit only the first is stored",
        Patch(memory.MemoryEngine, "_apply", "in batch.messages:", "in batch.messages[:1]:"),
    ),
    mutant(
        "commit_in_halves",
        "what is told is stored only when something more is",
        Patch(memory.MemoryEngine, "_apply", "in batch.rows:", "in batch.rows[:-1]:"),
    ),
    mutant(
        "takeover_keeps_deadlines",
        "an outage punishes every agent with RONA",
        Patch(people, "take_over", "command.gap_ms > 0", "False"),
    ),
    mutant(
        "hub_lost_ignored",
        "agents whose hub died are offered chats",
        Patch(people, "lose_hub", "_lose(draft, {str(command.hub)})", "pass"),
    ),
    mutant(
        "dead_hubs_are_not_doubted",
        "agents whose hub is dead are blamed with RONA until it is missed",
        Patch(doubts.Doubts, "holds", "if not hubs or", "if True or"),
        seed=73,
    ),
    mutant(
        "who_is_away_is_missed",
        "an agent whose line is dead is blamed with RONA",
        Patch(offers, "miss", "if not draft.state", "if False and not draft.state"),
    ),
    mutant(
        "replica_skips_entry",
        "snapshots show what is over",
        Patch(
            replica.Replica,
            "apply",
            "self._put(name, record)",
            "self._put(name, record) if entry.position % 7 else None",
        ),
    ),
    mutant(
        "slot_freed_early",
        "an agent who owes a code is given the next chat",
        Patch(evolve, "_left", "if not event.owes:", "if True:"),
    ),
    mutant(
        "decline_loses_place",
        "a customer whose chat was declined waits behind all others",
        Patch(
            evolve,
            "_offer_closed",
            "declined=declined,",
            "declined=declined, rank=contact.rank if event.outcome != 'declined' else "
            "type(contact.rank)(contact.rank[0], 1, at_ms, state.shard.serial + 1),",
        ),
        seed=98,
    ),
    mutant(
        "returned_behind_new",
        "a customer whose agent was lost waits behind those who came later",
        Patch(evolve, "_requeued", "Rank(-priority, 0,", "Rank(-priority, 1,"),
    ),
    mutant(
        "former_owner_stays",
        "a transferred chat belongs to two",
        Patch(offers, "_hand_over", "draft.leave(contact, former, wrapup=offer.wrapup)", "pass"),
    ),
    mutant(
        "own_messages_unread",
        "people are told to read what they wrote",
        Patch(evolve, "_written", "read if reader == author else ", ""),
    ),
    mutant(
        "tail_forgets",
        "a desktop that comes back lacks the last message",
        Patch(tails.Tails, "last", "seq <= conversation.last_seq", "seq < conversation.last_seq"),
    ),
    mutant(
        "position_off_by_one",
        "everybody is told a place too far back",
        Patch(
            state.State, "position", "floor.position(contact.id)", "floor.position(contact.id) + 1"
        ),
    ),
    mutant(
        "token_of_another",
        "a token opens somebody else's conversations",
        Patch(
            people,
            "_whose",
            "return holder\n    known",
            "return holder and next(iter(draft.state.customers.values()), holder)\n    known",
        ),
    ),
    mutant(
        "anybodys_history",
        "a customer who guesses a conversation's id reads it, notes too",
        Patch(
            customers.Customers,
            "_own",
            'or record.type != "customer" or seat.customer not in record.customers',
            "",
        ),
    ),
    mutant(
        "ghosts",
        "a desktop that was closed is offered chats for ever",
        Patch(station.Station, "report", "not self.is_draining", "False"),
    ),
    mutant(
        "session_ahead",
        "a tab is shown a message and then told of it once more",
        Patch(station.Station, "view", "await self.caught_up(position)", "pass"),
    ),
    mutant(
        "session_half_told",
        "a tab is shown what is being told, and told of it once more",
        Patch(
            station.Station,
            "caught_up",
            "self.progress.position != self.replica.position or position",
            "position",
        ),
    ),
    mutant(
        "index_drifts",
        "what is known of somebody's tabs is right only after a restart",
        Patch(
            state.State,
            "put_customer",
            "if before != customer.connections:",
            "if len(before) < len(customer.connections):",
        ),
    ),
    mutant(
        "typing_after_leaving",
        "who left a chat still sees that its customer types",
        Patch(
            translate_messages,
            "typing",
            'for leg in contact.legs if leg.state == "active"',
            "for leg in contact.legs",
        ),
        seed=681,
    ),
    mutant(
        "answers_of_others",
        "a hub takes another hub's answers for its own",
        Patch(client.ShardClient, "resolve", "waiting.hub == answer.hub and ", ""),
    ),
    mutant(
        "anybodys_offer",
        "an agent answers for a colleague",
        Patch(offers, "_open_offer", "offer.agent != agent", "False"),
    ),
)


@contextmanager
def alive(one: Mutant) -> Generator[None]:
    """Let a mutant live."""
    with ExitStack() as stack:
        for patch in one.patches:
            found = inspect.getattr_static(patch.owner, patch.name)
            function: FunctionType = inspect.unwrap(getattr(found, "__func__", found))
            stack.callback(setattr, function, "__code__", function.__code__)
            function.__code__ = _mutated(function, patch)
        yield


def _mutated(function: FunctionType, patch: Patch) -> CodeType:
    """The code of a function with other words; whoever imported the function runs it too."""
    source = textwrap.dedent(inspect.getsource(function))
    assert patch.old in source, f"{patch.name} does not say {patch.old!r} any more"
    changed = source.replace(patch.old, patch.new, 1)
    module = compile(changed, f"<{patch.name}>", "exec", FUTURE)
    names = dict(function.__globals__)
    exec(module, names)  # noqa: S102 - our own source, with a few words exchanged
    made = names[patch.name]
    mutated: FunctionType = getattr(made, "__func__", made)
    return mutated.__code__
