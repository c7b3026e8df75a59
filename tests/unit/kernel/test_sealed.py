"""What customers give sealed: kept as it is shown, recognised, passed on, and shown on record."""

import pytest
from msgspec.structs import replace

from masking.text import SealedKind, SealedText, own_text
from presence import Connection
from router.kernel.errors import RefusalCode
from router.kernel.ids import AgentId, ContactId, ConversationId, CustomerId, TokenHash
from router.kernel.keeping import expires_at_ms, is_hot
from router.kernel.messages import (
    ContactRevealed,
    EndChat,
    HashKeyMade,
    IdentifyCustomer,
    RevealContact,
    SealedFound,
    StartChat,
    TakeOver,
)
from router.kernel.model import (
    ADDRESS_CUSTOMERS_MAX,
    AddressRecord,
    CustomerRecord,
    Identity,
    RevealRecord,
)
from tests.support.kernel import (
    ANNA,
    BO,
    DESKS,
    FILED,
    SHOP,
    TABS,
    World,
    a_sealed,
    an_agent,
    an_identity,
)

MAIL, NUMBER = "kim@private", "0701"


def customer_of(world: World, name: CustomerId) -> CustomerRecord:
    """A customer as last stored."""
    record = world.stored["customer", name]
    assert isinstance(record, CustomerRecord)
    return record


def who_gave(world: World, sealed: SealedText, kind: SealedKind = "email") -> list[CustomerId]:
    """Whom a mailer finds behind an address; nobody when there is no record of it."""
    record = world.stored.get(("address", f"{kind}:{sealed.digest}"))
    assert record is None or isinstance(record, AddressRecord)
    return list(record.customers) if record else []


def fill_in(
    world: World,
    customer: CustomerId,
    email: SealedText | None = None,
    phone: SealedText | None = None,
    *,
    shown: str = "k**@private",
) -> ContactId:
    """A customer starts a chat with a form filled in, and ends it; gives the contact."""
    command = StartChat(
        customer=customer,
        entry_point=SHOP,
        email=own_text(shown),
        phone=own_text("**01") if phone else None,
        sealed_email=email,
        sealed_phone=phone,
    )
    world.accepted(command)
    contact = customer_of(world, customer).contact
    assert contact is not None
    world.accepted(EndChat(customer=customer, conversation=conversation_of(world, contact)))
    return contact


def conversation_of(world: World, contact: ContactId) -> ConversationId:
    """Where a contact is talked in."""
    return world.contact(contact).conversation


def signed(email: SealedText | None, key: str = "site-1") -> Identity:
    """What a site signed, with an address or without one."""
    shown = own_text("k**@private") if email else None
    return replace(an_identity(key), email=shown, sealed_email=email)


def test_what_is_sealed_is_kept_beside_what_is_shown() -> None:
    """Who may open it opens what everybody sees masked."""
    world = World()
    kim = world.visit().customer
    mail, number = a_sealed(MAIL), a_sealed(NUMBER)
    fill_in(world, kim, mail, number)
    record = customer_of(world, kim)

    assert (record.sealed_email, record.sealed_phone) == (mail, number)
    assert (record.person.email, record.person.phone) == ("k**@private", "**01")
    assert who_gave(world, mail) == who_gave(world, number, "phone") == [kim]
    assert who_gave(world, number, "email") == []


def test_the_same_value_sealed_again_is_no_change() -> None:
    """Each sealing is another; only its digest says that nothing is new."""
    world = World()
    kim = world.visit().customer
    fill_in(world, kim, a_sealed(MAIL))
    mark = len(world.written)
    fill_in(world, kim, a_sealed(MAIL, nonce=b"2"))
    written = [record for records in world.written[mark:] for record in records]

    assert customer_of(world, kim).sealed_email == a_sealed(MAIL)
    assert [record for record in written if isinstance(record, AddressRecord)] == []


def test_the_newest_value_counts_and_the_older_one_still_finds_its_customer() -> None:
    """Somebody answers from the address they gave first."""
    world = World()
    kim = world.visit().customer
    fill_in(world, kim, a_sealed(MAIL))
    fill_in(world, kim, a_sealed("new@private"))

    assert customer_of(world, kim).sealed_email == a_sealed("new@private")
    assert who_gave(world, a_sealed(MAIL)) == who_gave(world, a_sealed("new@private")) == [kim]


def test_the_same_value_under_a_new_key_replaces_the_old_sealing() -> None:
    """Otherwise a key that was replaced could never be thrown away."""
    world = World()
    kim = world.visit().customer
    fill_in(world, kim, a_sealed(MAIL))
    fill_in(world, kim, a_sealed(MAIL, key="key-2"))

    assert customer_of(world, kim).sealed_email == a_sealed(MAIL, key="key-2")


def test_a_new_value_that_could_not_be_sealed_removes_the_old_one() -> None:
    """A mailer must not write to an address that is not the one everybody sees."""
    world = World()
    kim = world.visit().customer
    fill_in(world, kim, a_sealed(MAIL), a_sealed(NUMBER))
    fill_in(world, kim, None, shown="****")
    record = customer_of(world, kim)

    assert (record.person.email, record.sealed_email) == ("****", None)
    assert record.sealed_phone == a_sealed(NUMBER)


def test_what_a_customer_types_does_not_replace_what_its_site_sealed() -> None:
    """A signed address is a fact; a typed one is a claim."""
    world = World()
    kim = world.visit(identity=signed(a_sealed(MAIL))).customer
    fill_in(world, kim, a_sealed("typed@private"), a_sealed(NUMBER))
    record = customer_of(world, kim)

    assert (record.sealed_email, record.sealed_phone) == (a_sealed(MAIL), a_sealed(NUMBER))
    assert who_gave(world, a_sealed("typed@private")) == []


def test_the_newest_customers_of_an_address_are_known_up_to_a_bound() -> None:
    """A family shares one address; a whole office would make the record grow for ever."""
    world = World()
    guests = [world.visit(f"tab-{n}").customer for n in range(ADDRESS_CUSTOMERS_MAX + 1)]
    for guest in guests:
        fill_in(world, guest, a_sealed(MAIL))
    newest_first = guests[:0:-1]

    assert who_gave(world, a_sealed(MAIL)) == newest_first

    fill_in(world, guests[5], a_sealed(MAIL))

    assert who_gave(world, a_sealed(MAIL))[0] == guests[5]
    assert sorted(who_gave(world, a_sealed(MAIL))) == sorted(newest_first)


def test_what_was_given_before_signing_in_is_the_known_customers() -> None:
    """It is the same person; the address finds who they are, once."""
    world = World()
    kim = world.visit("phone", identity=an_identity()).customer
    nobody = world.visit("laptop").customer
    fill_in(world, kim, None, a_sealed(NUMBER), shown="")
    fill_in(world, nobody, a_sealed(MAIL), a_sealed(NUMBER))
    world.visit("laptop-2", token="laptop", identity=an_identity())
    record, before = customer_of(world, kim), customer_of(world, nobody)

    assert (record.sealed_email, record.sealed_phone) == (a_sealed(MAIL), a_sealed(NUMBER))
    assert record.person.email == "k**@private"
    assert (before.sealed_email, before.sealed_phone) == (None, None)
    assert who_gave(world, a_sealed(MAIL)) == [kim]
    assert who_gave(world, a_sealed(NUMBER), "phone") == [kim]


def test_the_known_customers_own_address_stays_at_a_hand_over() -> None:
    """What was typed before signing in does not replace what is known."""
    world = World()
    kim = world.visit("phone", identity=signed(a_sealed(MAIL))).customer
    nobody = world.visit("laptop").customer
    fill_in(world, nobody, a_sealed("typed@private"))
    world.accepted(
        IdentifyCustomer(
            customer=nobody,
            connection=Connection(TABS, "laptop"),
            entry_point=SHOP,
            identity=signed(a_sealed(MAIL)),
            fresh_token=TokenHash("fresh"),
        )
    )

    assert customer_of(world, kim).sealed_email == a_sealed(MAIL)
    assert customer_of(world, nobody).sealed_email is None
    assert who_gave(world, a_sealed(MAIL)) == [kim]
    assert who_gave(world, a_sealed("typed@private")) == [kim]


def test_a_chat_in_hand_shows_what_came_with_a_hand_over() -> None:
    """The agent sees masked what it may ask to be shown."""
    world = World(an_agent(ANNA))
    world.sign_in(ANNA)
    kim = world.visit("phone", identity=an_identity()).customer
    live = world.start(kim)
    world.accept(live.contact)
    nobody = world.visit("laptop").customer
    fill_in(world, nobody, a_sealed(MAIL))
    world.visit("laptop-2", token="laptop", identity=an_identity())

    assert world.contact(live.contact).customer.email == "k**@private"
    assert world.accepted(asking(live.contact)) == SealedFound(sealed=a_sealed(MAIL))


# -- revealing -------------------------------------------------------------------------------------


def asking(
    contact: ContactId,
    *,
    agent: AgentId = ANNA,
    field: SealedKind = "email",
    keys: tuple[str, ...] = ("key",),
) -> RevealContact:
    """An agent asks to be shown a value."""
    reason = own_text("asked to be called back")
    return RevealContact(agent=agent, contact=contact, field=field, reason=reason, keys=keys)


def a_chat(world: World, email: SealedText | None = None) -> ContactId:
    """Anna talks to somebody who filled in an address."""
    world.sign_in(ANNA)
    kim = world.visit().customer
    fill_in(world, kim, email or a_sealed(MAIL))
    contact = world.start(kim).contact
    world.accept(contact)
    return contact


def reveals(world: World) -> list[RevealRecord]:
    """Every record of a value that was shown."""
    return [record for record in world.stored.values() if isinstance(record, RevealRecord)]


def test_a_value_is_answered_with_a_record_of_who_saw_it_and_why() -> None:
    """Whoever is asked about it later finds out; the record is kept, and not in memory."""
    world = World(an_agent(ANNA))
    contact = a_chat(world)
    found = world.accepted(asking(contact))
    (record,) = reveals(world)

    assert found == SealedFound(sealed=a_sealed(MAIL))
    assert world.last(ContactRevealed).reveal == record
    assert record == RevealRecord(
        id=record.id,
        agent=ANNA,
        contact=contact,
        customer=world.contact(contact).customer.id,
        field="email",
        reason=own_text("asked to be called back"),
        at_ms=world.now_ms,
    )
    assert not is_hot(record)
    assert expires_at_ms(record) is None


def test_asked_again_it_is_recorded_again() -> None:
    """Each look is a look."""
    world = World(an_agent(ANNA))
    contact = a_chat(world)
    world.accepted(asking(contact))
    world.accepted(asking(contact))

    assert len({record.id for record in reveals(world)}) == 2


def test_a_closed_contact_may_still_be_asked_about() -> None:
    """Calling back is done afterwards; by then everything about it is cold."""
    world = World(an_agent(ANNA))
    contact = a_chat(world)
    world.end(ANNA, contact, FILED)
    world.close_tab(world.contact(contact).customer.id)

    assert world.accepted(asking(contact)) == SealedFound(sealed=a_sealed(MAIL))


def test_a_closed_contact_of_who_turned_out_to_be_known_shows_theirs() -> None:
    """The old name has nothing any more; who they are has it."""
    world = World(an_agent(ANNA))
    contact = a_chat(world)
    world.end(ANNA, contact, FILED)
    world.visit("phone", identity=an_identity())
    world.visit("kim-2", token="kim", identity=an_identity())

    assert world.accepted(asking(contact)) == SealedFound(sealed=a_sealed(MAIL))


def test_who_has_no_part_in_the_contact_is_shown_nothing() -> None:
    """To anybody else the contact does not exist; who was offered it has no part yet."""
    world = World(an_agent(ANNA), an_agent(BO))
    contact = a_chat(world)
    world.sign_in(BO)
    world.hand_over(ANNA, contact, BO)

    assert world.refused(asking(contact, agent=BO)) == RefusalCode.NOT_FOUND
    assert world.refused(asking(ContactId("none"))) == RefusalCode.NOT_FOUND
    assert reveals(world) == []

    world.accept(contact)
    world.accepted(asking(contact, agent=BO))
    world.accepted(asking(contact))

    assert [record.agent for record in reveals(world)] == [BO, ANNA]


@pytest.mark.parametrize(
    ("field", "keys", "code"),
    [
        ("phone", ("key",), RefusalCode.NOT_FOUND),
        ("email", (), RefusalCode.UNAVAILABLE),
        ("phone", (), RefusalCode.UNAVAILABLE),
        ("email", ("key-2", "key-3"), RefusalCode.UNAVAILABLE),
    ],
)
def test_what_cannot_be_shown_is_not_recorded_as_shown(
    field: SealedKind, keys: tuple[str, ...], code: RefusalCode
) -> None:
    """The record says who saw what, not who asked."""
    world = World(an_agent(ANNA))
    contact = a_chat(world)

    assert world.refused(asking(contact, field=field, keys=keys)) == code
    assert reveals(world) == []


def test_any_of_the_keys_at_hand_will_do() -> None:
    """After a change of keys the former one still opens."""
    world = World(an_agent(ANNA))
    contact = a_chat(world, a_sealed(MAIL, key="key-1"))

    assert world.accepted(asking(contact, keys=("key-2", "key-1"))) is not None


# -- the key of hashes -----------------------------------------------------------------------------


def test_the_first_takeover_makes_a_key_and_later_ones_keep_it() -> None:
    """By it signed customers are found again, so nothing may ever change it."""
    world = World(an_agent(ANNA))
    world.send(TakeOver(gap_ms=0, hubs=(DESKS,)))
    key = world.kernel.state.shard.hash_key
    world.sign_in(ANNA)
    world.connect()
    world.crash(5_000)
    other = World()
    other.visit()
    other.send(TakeOver(gap_ms=0))

    assert len(bytes.fromhex(key)) == 32
    assert world.kernel.state.shard.hash_key == key
    assert len(world.events(HashKeyMade)) == 1
    assert other.kernel.state.shard.hash_key not in {"", key}
