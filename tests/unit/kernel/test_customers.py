"""Customers: who they are, what they may start, and what happens when they go."""

import pytest
from msgspec.structs import replace

from masking.text import own_text
from presence import Connection
from router.kernel.configuration import EntryPoint, Queue
from router.kernel.errors import Refusal, RefusalCode
from router.kernel.ids import (
    ContactId,
    ConversationId,
    CustomerId,
    EntryPointId,
    QueueId,
    TokenHash,
)
from router.kernel.messages import (
    AttachCustomer,
    ChatStarted,
    ContactEnded,
    CustomerSeen,
    EndChat,
    IdentifyCustomer,
    MessageWritten,
    ReadAsCustomer,
    SendCustomerMessage,
    SetPresence,
    StartChat,
    TokenIssued,
)
from router.kernel.model import ConversationRecord, CustomerRecord, Identity
from tests.support.kernel import (
    ANNA,
    BO,
    FILED,
    POLICY,
    SALES,
    SHOP,
    SUPPORT,
    TABS,
    World,
    a_body,
    a_configuration,
    an_agent,
    an_identity,
)

GRACE_MS = POLICY.customer_grace_ms
DAY_MS = 86_400_000


def customer_of(world: World, name: CustomerId) -> CustomerRecord:
    """A customer as last stored."""
    record = world.stored["customer", name]
    assert isinstance(record, CustomerRecord)
    return record


def notices(world: World) -> list[str | None]:
    """The system notices so far."""
    written = (event.message for event in world.events(MessageWritten))
    return [message.event for message in written if message.role == "system"]


def start(customer: CustomerId, queue: QueueId | None = None) -> StartChat:
    """A chat with nothing filled in."""
    return StartChat(customer=customer, entry_point=SHOP, queue=queue)


# -- starting --------------------------------------------------------------------------------------


def test_a_second_chat_while_one_is_live_is_a_conflict_that_names_it() -> None:
    """Several tabs are one customer; the other tab's chat is the one to go on in."""
    world = World(an_agent(ANNA))
    contact = world.contact(world.chat())
    for state in ("queued", "offered", "connected"):
        refusal = world.refusal(start(contact.customer.id))

        assert refusal.code == RefusalCode.CONFLICT
        assert refusal.details == {
            "state": state,
            "conversation": contact.conversation,
            "contact": contact.id,
        }

        if state == "queued":
            world.sign_in(ANNA)
        elif state == "offered":
            world.accept(contact.id)


def test_only_the_entry_points_queues_may_be_chosen() -> None:
    """Others are forbidden, unknown ones not found."""
    hidden = QueueId("hidden")
    queues = (Queue(id=SUPPORT), Queue(id=SALES), Queue(id=hidden))
    world = World(configuration=a_configuration(*queues))
    customer = world.visit().customer

    assert world.refused(start(customer, hidden)) == RefusalCode.FORBIDDEN
    assert world.refused(start(customer, QueueId("none"))) == RefusalCode.NOT_FOUND

    started = world.accepted(start(customer, SALES))

    assert isinstance(started, ChatStarted)
    assert world.contact(started.contact).queue == SALES


def test_what_does_not_exist_is_not_found() -> None:
    """Unknown customers, entry points and conversations, and those of others."""
    world = World()
    other = world.contact(world.chat("lee")).conversation
    kim = world.visit().customer
    nobody, nowhere = CustomerId("nobody"), EntryPointId("nowhere")
    commands = (
        start(nobody),
        StartChat(customer=kim, entry_point=nowhere),
        StartChat(customer=kim, entry_point=SHOP, conversation=other),
        StartChat(customer=kim, entry_point=SHOP, conversation=ConversationId("none")),
        SendCustomerMessage(customer=kim, entry_point=SHOP, conversation=other, body=a_body()),
        SendCustomerMessage(customer=nobody, entry_point=SHOP, conversation=other, body=a_body()),
        ReadAsCustomer(customer=kim, conversation=other, seq=1),
        EndChat(customer=kim, conversation=other),
        IdentifyCustomer(
            customer=nobody,
            connection=Connection(TABS, "x"),
            entry_point=SHOP,
            identity=an_identity(),
            fresh_token=TokenHash("x"),
        ),
        AttachCustomer(
            connection=Connection(TABS, "x"), entry_point=nowhere, fresh_token=TokenHash("x")
        ),
    )

    assert [world.refused(command) for command in commands] == [RefusalCode.NOT_FOUND] * len(
        commands
    )


def test_ending_where_nothing_goes_on_is_a_conflict() -> None:
    """A second goodbye changes nothing, also while agents wrap up."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.contact(world.connect())
    command = EndChat(customer=contact.customer.id, conversation=contact.conversation)
    world.accepted(command)

    assert world.refused(command) == RefusalCode.CONFLICT
    assert len(world.events(ContactEnded)) == 1


def test_writing_into_an_ended_conversation_starts_a_new_contact_in_it() -> None:
    """The conversation outlives its contacts, and its numbers go on."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    first = world.contact(world.connect())
    world.end(ANNA, first.id)
    world.ask(first.id)
    second = world.offer(ContactId(world.conversation(first.conversation).contact))

    assert second.contact != first.id
    assert world.contact(second.contact).conversation == first.conversation
    assert world.contact(first.id).state == "wrapup"
    assert world.contact(second.contact).first_seq == 4
    assert world.conversation(first.conversation).open_contacts == (first.id, second.contact)


def test_a_chat_live_elsewhere_keeps_an_old_conversation_closed() -> None:
    """One customer, one live contact."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    old = world.contact(world.connect())
    world.end(ANNA, old.id, FILED)
    world.start(old.customer.id)
    command = SendCustomerMessage(
        customer=old.customer.id, entry_point=SHOP, conversation=old.conversation, body=a_body()
    )

    assert world.refused(command) == RefusalCode.CONFLICT


def test_what_a_customer_types_does_not_overwrite_what_its_site_signed() -> None:
    """A signed name is a fact; a typed one is a claim."""
    world = World()
    signed = an_identity()
    customer = world.visit(identity=signed).customer
    typed = StartChat(
        customer=customer, entry_point=SHOP, name=own_text("Kim"), email=own_text("k@x")
    )
    world.accepted(typed)
    person = customer_of(world, customer).person

    assert (person.verified, person.name, person.external_id) == (True, "Kim", "site-1")

    again = IdentifyCustomer(
        customer=customer,
        connection=Connection(TABS, "kim"),
        entry_point=SHOP,
        identity=an_identity_named("Kim Ek"),
        fresh_token=TokenHash("t"),
    )
    world.accepted(again)
    world.accepted(EndChat(customer=customer, conversation=conversation_of(world, customer)))
    world.accepted(typed)

    assert customer_of(world, customer).person.name == "Kim Ek"


def an_identity_named(name: str) -> Identity:
    """A signed identity with a name."""
    return replace(an_identity(), name=own_text(name))


def conversation_of(world: World, customer: CustomerId) -> ConversationId:
    """A customer's newest conversation."""
    return customer_of(world, customer).conversations[0]


# -- tokens and identities -------------------------------------------------------------------------


@pytest.mark.parametrize(("late_ms", "is_known"), [(-1, True), (0, False), (1, False)])
def test_a_token_resumes_its_customer_for_thirty_days(late_ms: int, *, is_known: bool) -> None:
    """Exclusive, like every expiry; after that somebody new has come."""
    world = World()
    kim = world.visit("kim").customer
    world.close_tab(kim)
    world.wait(30 * DAY_MS + late_ms)
    back = world.visit("tab-2", token="kim")

    assert (back.customer == kim) == is_known


@pytest.mark.parametrize(("after_ms", "is_kept"), [(-1, True), (0, False), (1, False)])
def test_an_ageing_token_is_replaced_and_keeps_working(after_ms: int, *, is_kept: bool) -> None:
    """Whoever comes back now and then is never forgotten."""
    world = World()
    kim = world.visit("kim").customer
    world.wait(15 * DAY_MS + after_ms)
    back = world.visit("tab-2", token="kim")

    assert (back.customer, back.token_kept) == (kim, is_kept)

    world.wait(14 * DAY_MS)

    assert world.visit("tab-3", token="kim").customer == kim


def test_several_tabs_with_one_token_are_one_customer() -> None:
    """Only the last one to close counts as leaving."""
    world = World()
    contact = world.contact(world.chat("kim"))
    customer = world.visit("tab-2", token="kim").customer
    world.close_tab(customer)
    world.wait(GRACE_MS)

    assert customer == contact.customer.id
    assert world.contact(contact.id).state == "queued"


def test_an_unknown_token_is_somebody_new() -> None:
    """A guessed token opens nothing."""
    world = World()
    first = world.visit("kim").customer
    other = world.visit("lee", token="guess")

    assert other.customer != first
    assert not other.token_kept


def test_an_identity_wins_over_no_token_and_finds_its_customer_again() -> None:
    """The site's word recognises the customer on any device."""
    world = World()
    kim = world.visit("phone", identity=an_identity()).customer

    assert world.visit("laptop", identity=an_identity()).customer == kim
    assert world.visit("other", identity=an_identity("site-2")).customer != kim


def test_an_anonymous_customer_who_shows_an_identity_stays_the_same() -> None:
    """What was said before signing in is still theirs."""
    world = World()
    kim = world.visit("kim").customer
    back = world.visit("tab-2", token="kim", identity=an_identity())

    assert back.customer == kim
    assert customer_of(world, kim).person.verified
    assert world.visit("tab-3", identity=an_identity()).customer == kim


def test_an_anonymous_token_resumes_the_identified_customer_afterwards() -> None:
    """The browser that was anonymous is signed in from then on."""
    world = World()
    kim = world.visit("phone", identity=an_identity()).customer
    world.visit("laptop")
    world.visit("laptop-2", token="laptop", identity=an_identity())

    assert world.visit("laptop-3", token="laptop").customer == kim


@pytest.mark.parametrize(("late_ms", "is_known"), [(-1, True), (0, False)])
def test_a_token_that_changes_hands_is_good_no_longer_for_it(
    late_ms: int, *, is_known: bool
) -> None:
    """Thirty days from when it was given, whoever it turned out to belong to."""
    world = World()
    kim = world.visit("phone", identity=an_identity()).customer
    world.visit("laptop")
    world.wait(20 * DAY_MS)
    world.visit("laptop-2", token="laptop", identity=an_identity())
    world.wait(10 * DAY_MS + late_ms)

    assert (world.visit("laptop-3", token="laptop").customer == kim) is is_known
    assert world.visit("laptop-4", token="laptop-2").customer == kim


def test_what_an_anonymous_customer_said_passes_to_the_one_the_site_knows() -> None:
    """Who signs in on a second device finds there what was said before signing in, and goes on."""
    world = World(an_agent(ANNA))
    kim = world.visit("phone", identity=an_identity()).customer
    older = world.start(kim)
    world.accepted(EndChat(customer=kim, conversation=older.conversation))
    nobody = world.visit("laptop").customer
    live = world.start(nobody)
    world.sign_in(ANNA)
    world.accept(live.contact)
    seen = world.visit("laptop-2", token="laptop", identity=an_identity())
    record, contact = customer_of(world, kim), world.contact(live.contact)
    conversation = world.stored["conversation", live.conversation]
    assert isinstance(conversation, ConversationRecord)

    assert seen.customer == kim
    assert record.formerly == ((nobody, world.now_ms),)
    assert record.conversations == (live.conversation, older.conversation)
    assert record.contact == live.contact
    assert {tab.id for tab in record.connections} == {"phone", "laptop", "laptop-2"}
    assert (contact.customer.id, contact.customer.verified) == (kim, True)
    assert conversation.customers == (kim,)
    assert conversation.reads[f"customer:{kim}"].unread == 0
    assert f"customer:{nobody}" not in conversation.reads


def test_a_customer_remembers_the_last_four_whom_they_were() -> None:
    """Everything is bounded; their answers are kept for an hour only."""
    world = World()
    kim = world.visit("phone", identity=an_identity()).customer
    names = [f"laptop-{number}" for number in range(5)]
    were = [world.visit(name).customer for name in names]
    for name in names:
        world.visit(f"{name}-signed", token=name, identity=an_identity())

    assert [name for name, _ in customer_of(world, kim).formerly] == were[1:]


def test_a_tab_that_was_open_before_signing_in_goes_on_as_who_they_are() -> None:
    """Its commands may be on their way under the name it had."""
    world = World()
    kim = world.visit("phone", identity=an_identity()).customer
    nobody = world.visit("laptop").customer
    live = world.start(nobody)
    world.visit("laptop-2", token="laptop", identity=an_identity())
    world.accepted(
        SendCustomerMessage(
            customer=nobody, entry_point=SHOP, conversation=live.conversation, body=a_body()
        )
    )
    refusal = world.refusal(start(nobody))
    world.close_tab(nobody, "laptop")

    assert refusal.details["contact"] == live.contact
    assert {tab.id for tab in customer_of(world, kim).connections} == {"phone", "laptop-2"}
    assert world.visit("laptop-3", token="laptop").customer == kim


def test_identifying_in_the_middle_as_who_is_known_passes_the_chat_on() -> None:
    """Signing in during a chat is no reason to lose it."""
    world = World()
    kim = world.visit("phone", identity=an_identity()).customer
    nobody = world.visit("laptop").customer
    live = world.start(nobody)
    seen = world.accepted(identifying(nobody))

    assert seen == CustomerSeen(customer=kim, token_kept=False)
    assert customer_of(world, kim).conversations == (live.conversation,)
    assert world.visit("laptop-2", token="fresh").customer == kim


def test_two_live_chats_never_become_one_customers() -> None:
    """A customer has one live chat: asked to choose, nobody's is ended."""
    world = World()
    kim = world.visit("phone", identity=an_identity()).customer
    theirs = world.start(kim)
    nobody = world.visit("laptop").customer
    other = world.start(nobody)
    refusal = world.refusal(identifying(nobody))
    seen = world.visit("laptop-2", token="laptop", identity=an_identity())

    assert (refusal.code, refusal.details["contact"]) == (RefusalCode.CONFLICT, theirs.contact)
    assert seen.customer == kim
    assert customer_of(world, kim).conversations == (theirs.conversation,)
    assert customer_of(world, nobody).contact == other.contact
    assert world.visit("laptop-3", token="laptop").customer == kim


def identifying(customer: CustomerId) -> IdentifyCustomer:
    """The customer in the tab named laptop is who the site signed first."""
    return IdentifyCustomer(
        customer=customer,
        connection=Connection(TABS, "laptop"),
        entry_point=SHOP,
        identity=an_identity(),
        fresh_token=TokenHash("fresh"),
    )


def test_a_token_of_one_customer_beside_the_identity_of_another_is_forbidden() -> None:
    """Conversations never pass between two identified customers."""
    world = World()
    world.visit("kim", identity=an_identity())
    world.visit("lee", identity=an_identity("site-2"))
    for identity in (an_identity("site-2"), an_identity("site-3")):
        command = AttachCustomer(
            connection=Connection(TABS, "tab"),
            entry_point=SHOP,
            fresh_token=TokenHash("new"),
            token=TokenHash("kim"),
            identity=identity,
        )

        assert world.refused(command) == RefusalCode.FORBIDDEN


def test_identifying_in_the_middle_raises_what_the_site_signed() -> None:
    """The same customer, with a new token and a priority for its next chat."""
    world = World()
    kim = world.visit().customer

    def identify(key: str) -> IdentifyCustomer:
        return IdentifyCustomer(
            customer=kim,
            connection=Connection(TABS, "kim"),
            entry_point=SHOP,
            identity=an_identity(key, priority=4),
            fresh_token=TokenHash("fresh"),
        )

    world.accepted(identify("site-1"))

    assert world.last(TokenIssued).token == "fresh"
    assert world.contact(world.start(kim).contact).priority == 4
    assert world.refused(identify("site-2")) == RefusalCode.FORBIDDEN

    world.accepted(identify("site-1"))


def test_a_customer_has_at_most_twenty_tabs() -> None:
    """Everything is bounded."""
    world = World()
    world.visit("tab-1")
    for number in range(2, 21):
        world.visit(f"tab-{number}", token="tab-1")
    command = AttachCustomer(
        connection=Connection(TABS, "tab-21"),
        entry_point=SHOP,
        fresh_token=TokenHash("tab-21"),
        token=TokenHash("tab-1"),
    )

    assert world.refused(command) == RefusalCode.RATE_LIMITED


# -- leaving ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after_ms", "is_over"), [(-1, False), (0, True), (1, True)])
@pytest.mark.parametrize("is_offered", [False, True])
def test_a_waiting_customer_who_stays_away_abandons_the_contact(
    after_ms: int, *, is_over: bool, is_offered: bool
) -> None:
    """It ended when the customer was lost, not when it was noticed."""
    queue = Queue(id=SUPPORT, offer_timeout_ms=10 * GRACE_MS)
    world = World(an_agent(ANNA), configuration=a_configuration(queue))
    if is_offered:
        world.sign_in(ANNA)
    contact = world.chat()
    world.wait(50)
    lost_ms = world.now_ms
    world.close_tab(world.contact(contact).customer.id)
    world.wait(GRACE_MS + after_ms)
    record = world.contact(contact)

    assert (record.state == "closed") == is_over
    if is_over:
        assert (record.ended_by, record.end_reason) == ("customer", "abandoned")
        assert record.ended_at_ms == lost_ms


def test_a_waiting_customer_who_is_back_in_time_keeps_the_place() -> None:
    """A page reload is not a goodbye."""
    world = World()
    contact = world.contact(world.chat())
    world.close_tab(contact.customer.id)
    world.wait(GRACE_MS - 1)
    world.visit("tab-2", token="kim")
    world.wait(GRACE_MS)

    assert world.contact(contact.id).state == "queued"
    assert world.contact(contact.id).rank == contact.rank


@pytest.mark.parametrize(("after_ms", "told"), [(-1, 0), (0, 1), (GRACE_MS, 1)])
def test_a_connected_customer_who_stays_away_keeps_the_chat(after_ms: int, told: int) -> None:
    """The agents read a notice, once, and another when the customer is back."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.contact(world.connect())
    world.close_tab(contact.customer.id)
    world.wait(GRACE_MS + after_ms)

    assert world.contact(contact.id).state == "connected"
    assert notices(world).count("customer.left") == told

    world.visit("tab-2", token="kim")

    assert notices(world).count("customer.returned") == told


def test_each_absence_of_a_connected_customer_is_told_once() -> None:
    """Coming back ends an absence; the next one is another."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.contact(world.connect())
    for _ in range(2):
        world.close_tab(contact.customer.id)
        world.wait(2 * GRACE_MS)
        world.visit("kim", token="kim")
        world.visit("tab-2", token="kim")
        world.close_tab(contact.customer.id, "tab-2")

    assert notices(world).count("customer.left") == 2
    assert notices(world).count("customer.returned") == 2


def test_queued_again_while_the_customer_is_away_the_grace_starts_then() -> None:
    """The customer did not choose to wait again."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    contact = world.contact(world.connect())
    world.close_tab(contact.customer.id)
    world.wait(3 * GRACE_MS)
    world.accepted(SetPresence(agent=ANNA, state="idle"))
    world.give_back(ANNA, contact.id)
    queued_ms = world.now_ms
    world.wait(GRACE_MS - 1)

    assert world.contact(contact.id).state == "queued"

    world.wait(1)

    assert world.contact(contact.id).end_reason == "abandoned"
    assert world.contact(contact.id).ended_at_ms == queued_ms


def test_a_customer_without_a_live_chat_may_stay_away() -> None:
    """There is nothing to abandon."""
    world = World(an_agent(BO))
    customer = world.visit().customer
    world.close_tab(customer)

    assert world.kernel.first_deadline() is None


def test_a_chat_in_a_removed_entry_point_goes_on_and_a_new_one_is_not_found() -> None:
    """Removing a place closes its door, not the talks inside."""
    world = World(an_agent(ANNA))
    contact = world.chat()
    world.configure(
        an_agent(ANNA),
        configuration=a_configuration(
            entry_points=(EntryPoint(id=EntryPointId("other"), queue=SUPPORT),)
        ),
    )
    world.ask(contact)
    record = world.contact(contact)
    world.accepted(EndChat(customer=record.customer.id, conversation=record.conversation))
    result = world.send(start(record.customer.id))

    assert isinstance(result, Refusal)
    assert result.code == RefusalCode.NOT_FOUND
