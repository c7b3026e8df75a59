"""Work is offered to who may have it, and every way an offer can end leads somewhere."""

import itertools

import pytest

from tests.e2e.floors import Floor, Tables

SETTINGS = {"presence": {"decline_pause_ms": 600, "customer_grace_ms": 400}}
ONE_AGENT: Tables = {"anna": {}}
# Long enough for a desk to answer on a busy machine when the test wants it to.
QUICK: Tables = {"support": {"offer_timeout_ms": 700}}


async def test_an_offer_says_what_for_how_long_and_why(floor: Floor) -> None:
    """An agent decides in seconds, from this alone."""
    customer = await floor.customer()
    started = await customer.do(
        "chat.start",
        text="one",
        subject="A boat",
        context={"page_url": "https://shop.example/boats", "locale": "sv"},
    )
    for text in ("two", "three", "four", "five", "six", "seven"):
        await customer.do("message.send", conversation=started["conversation"], text=text)
    anna = await floor.desk()
    offer = await anna.offered(started["contact"])
    preview = [message["text"] for message in offer["preview"]]

    assert offer["queue"] == {"id": floor.id("support"), "name": "Support"}
    assert offer["agent"] == {"id": anna.agent, "name": "Anna"}
    assert offer["expires_at"] - offer["offered_at"] == 20_000
    assert offer["offered_at"] <= offer["server_now"] < offer["expires_at"]
    assert offer["why"]
    assert preview == ["three", "four", "five", "six", "seven"]
    assert offer["contact"]["subject"] == "A boat"
    assert offer["contact"]["context"]["page_url"] == "https://shop.example/boats"
    assert offer["contact"]["state"] == "offered"
    assert offer["contact"]["customer"]["connected"] is True


async def test_only_available_agents_get_offers(floor: Floor) -> None:
    """Idle means not now; an agent asks for work itself."""
    anna = await floor.desk(state=None)
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    await anna.do("directory.queues")
    before = anna.named("offer.created")
    await anna.available()
    offer = await anna.offered(started["contact"])

    assert anna.hello["agent"]["state"] == "idle"
    assert before == []
    assert offer["contact"]["id"] == started["contact"]


@pytest.mark.floor(agents={"anna": {"capacity": 2}})
async def test_a_pending_offer_takes_a_slot(floor: Floor) -> None:
    """Two slots are two customers, whether already accepted or still ringing."""
    anna = await floor.desk()
    customers = await floor.customers(3)
    started = [await customer.do("chat.start", text="Hello") for customer in customers]
    await anna.take(started[0]["contact"])
    await anna.offered(started[1]["contact"])
    mirror = await floor.desk(state=None)

    assert mirror.hello["agent"]["load"] == 2
    assert len(mirror.hello["offers"]) == 1
    assert len(anna.named("offer.created")) == 2
    assert started[2]["state"] == "queued"
    assert started[2]["position"] == 3


async def test_a_chat_that_can_be_offered_at_once_has_no_position(floor: Floor) -> None:
    """Nobody stands in a line of none."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    await anna.offered(started["contact"])

    assert started["state"] == "offered"
    assert started["position"] is None


@pytest.mark.floor(agents=ONE_AGENT)
async def test_a_declined_contact_rests_before_it_comes_back(floor: Floor) -> None:
    """Ringing at once with what was just declined would make declining useless."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    first = await anna.offered(started["contact"])
    await anna.do("offer.decline", offer=first["id"])
    closed = await anna.until("offer.closed", offer=first["id"])
    again = await anna.offered(started["contact"], since=anna.index("offer.closed"))
    mirror = await floor.desk(state=None)

    assert closed["outcome"] == "declined"
    assert again["id"] != first["id"]
    assert again["offered_at"] - closed["at"] >= 590
    assert again["contact"]["queued_at"] == first["contact"]["queued_at"]
    assert mirror.hello["agent"]["state"] == "available"


async def test_a_declined_contact_goes_to_the_next_agent(floor: Floor) -> None:
    """The customer must not wait because one agent would rather not."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    offer = await anna.offered(started["contact"])
    bo = await floor.desk("bo")
    await anna.do("offer.decline", offer=offer["id"])
    next_offer = await bo.offered(started["contact"])

    assert next_offer["agent"]["id"] == bo.agent


async def test_a_decliner_is_asked_again_only_when_nobody_else_can(floor: Floor) -> None:
    """Declining lasts while others can help; after that somebody must."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    first = await anna.offered(started["contact"])
    bo = await floor.desk("bo")
    await anna.do("offer.decline", offer=first["id"])
    await bo.offered(started["contact"])
    since = anna.mark
    await bo.do("presence.set", state="idle")
    again = await anna.offered(started["contact"], since=since)

    assert again["agent"]["id"] == anna.agent


@pytest.mark.floor(agents={"anna": {"capacity": 1}})
async def test_contacts_behind_a_declined_one_are_offered_meanwhile(floor: Floor) -> None:
    """One unpopular chat must not block the line."""
    anna = await floor.desk()
    first, second = await floor.customers(2)
    one = await first.do("chat.start", text="one")
    two = await second.do("chat.start", text="two")
    offer = await anna.offered(one["contact"])
    await anna.do("offer.decline", offer=offer["id"])
    behind = await anna.offered(two["contact"])
    await anna.do("offer.accept", offer=behind["id"])

    assert behind["offered_at"] - offer["offered_at"] < 5_000


@pytest.mark.floor(queues=QUICK)
async def test_an_unanswered_offer_makes_the_agent_rona_and_moves_on(floor: Floor) -> None:
    """Whoever does not answer is not there; the customer is offered to who is."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    offer = await anna.offered(started["contact"])
    bo = await floor.desk("bo")
    closed = await anna.until("offer.closed", offer=offer["id"])
    changed = await anna.until("presence.changed", cause="rona")
    moved = await bo.offered(started["contact"])
    late = await anna.refused("offer.accept", offer=offer["id"])
    declined = await anna.refused("offer.decline", offer=offer["id"])
    await bo.do("offer.accept", offer=moved["id"])

    assert closed["outcome"] == "rona"
    assert closed["at"] >= offer["expires_at"]
    assert changed["agent"]["state"] == "rona"
    assert moved["offered_at"] - offer["expires_at"] < 1000
    assert moved["contact"]["queued_at"] == offer["contact"]["queued_at"]
    assert late["code"] == "offer_closed"
    assert declined["code"] == "offer_closed"


@pytest.mark.floor(queues=QUICK, agents=ONE_AGENT)
async def test_an_agent_in_rona_gets_nothing_until_it_asks(floor: Floor) -> None:
    """RONA exists so that an empty chair costs one customer a wait, not every one."""
    anna = await floor.desk()
    first, second = await floor.customers(2)
    one = await first.do("chat.start", text="one")
    await anna.until("presence.changed", cause="rona")
    two = await second.do("chat.start", text="two")
    await anna.lose()
    back = await floor.desk(state=None)
    await back.do("directory.queues")
    before = back.named("offer.created")
    await back.available()
    await back.offered(one["contact"])
    await back.offered(two["contact"])

    assert back.hello["agent"]["state"] == "rona"
    assert (back.hello["offers"], before) == ([], [])
    assert (two["state"], two["position"]) == ("queued", 2)


@pytest.mark.floor(
    queues={"support": {"offer_timeout_ms": 400}, "patient": {"offer_timeout_ms": 30_000}},
    entry_points={"shop": {"queue": "support"}, "club": {"queue": "patient"}},
    agents=ONE_AGENT,
)
async def test_rona_takes_back_the_other_offers_and_leaves_the_chats(floor: Floor) -> None:
    """What rings unheard must ring elsewhere; who is being talked to must not notice."""
    anna = await floor.desk()
    talking, ringing = await floor.customer("club"), await floor.customer("club")
    chat = await floor.chat(talking, anna)
    other = await ringing.do("chat.start", text="patient")
    other_offer = await anna.offered(other["contact"])
    quick = await (await floor.customer()).do("chat.start", text="quick")
    await anna.offered(quick["contact"])
    closed = await anna.until("offer.closed", contact=quick["contact"])
    rescinded = await anna.until("offer.closed", offer=other_offer["id"])
    said = await anna.do("message.send", contact=chat.contact, text="still here")
    heard = await talking.until("message", seq=said["seq"])

    assert closed["outcome"] == "rona"
    assert (rescinded["outcome"], rescinded["reason"]) == ("rescinded", "state_changed")
    assert heard["text"] == "still here"


@pytest.mark.floor(queues=QUICK)
async def test_states_take_effect_at_once_from_rona_too(floor: Floor) -> None:
    """The agent is back in its chair and says so; whoever waits is offered at once."""
    anna = await floor.desk()
    first = await floor.customer()
    started = await first.do("chat.start", text="Hello")
    await anna.until("presence.changed", cause="rona")
    idle = await anna.do("presence.set", state="idle")
    since = anna.mark
    available = await anna.available()
    await anna.take(started["contact"], since=since)

    assert idle["agent"]["state"] == "idle"
    assert available["agent"]["state"] == "available"


async def test_an_offer_is_answered_once(floor: Floor) -> None:
    """A double click, or two desktops, must not take a chat twice."""
    anna = await floor.desk()
    bo = await floor.desk("bo")
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    offer = await anna.offered(started["contact"])
    stranger = await bo.refused("offer.accept", offer=offer["id"])
    await anna.do("offer.accept", offer=offer["id"])
    second = await anna.refused("offer.accept", offer=offer["id"])
    decline = await anna.refused("offer.decline", offer=offer["id"])
    unknown = await anna.refused("offer.accept", offer="no such offer")

    assert stranger["code"] in {"forbidden", "not_found", "offer_closed"}
    assert second["code"] == "offer_closed"
    assert decline["code"] == "offer_closed"
    assert unknown["code"] in {"not_found", "offer_closed"}


async def test_a_customer_who_ends_takes_the_offer_away(floor: Floor) -> None:
    """No agent may be led into a chat that nobody is in, nor blamed for not answering."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    offer = await anna.offered(started["contact"])
    await customer.do("chat.end", conversation=started["conversation"])
    closed = await anna.until("offer.closed", offer=offer["id"])
    late = await anna.refused("offer.accept", offer=offer["id"])
    mirror = await floor.desk(state=None)

    assert closed["outcome"] == "rescinded"
    assert closed["reason"] in {"ended", "customer_left"}
    assert late["code"] == "offer_closed"
    assert mirror.hello["agent"]["state"] == "available"
    assert mirror.hello["agent"]["load"] == 0


async def test_a_customer_who_leaves_takes_the_offer_away(floor: Floor) -> None:
    """Past the grace time the customer is gone and the agent free for another."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    offer = await anna.offered(started["contact"])
    await customer.lose()
    closed = await anna.until("offer.closed", offer=offer["id"])
    mirror = await floor.desk(state=None)

    assert (closed["outcome"], closed["reason"]) == ("rescinded", "customer_left")
    assert mirror.hello["agent"]["state"] == "available"


async def test_an_agent_who_goes_idle_gives_its_offers_back(floor: Floor) -> None:
    """Pausing is allowed at any time, and the customer is offered to another at once."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    offer = await anna.offered(started["contact"])
    bo = await floor.desk("bo")
    answer = await anna.do("presence.set", state="idle", idle_code="lunch")
    closed = await anna.until("offer.closed", offer=offer["id"])
    moved = await bo.offered(started["contact"])

    assert (closed["outcome"], closed["reason"]) == ("rescinded", "state_changed")
    assert (answer["agent"]["state"], answer["agent"]["idle_code"]) == ("idle", "lunch")
    assert answer["agent"]["load"] == 0
    assert moved["contact"]["queued_at"] == offer["contact"]["queued_at"]


async def test_presence_is_what_the_agent_says_and_its_desktops_hear_it(floor: Floor) -> None:
    """States take effect at once; a wrong one is refused and changes nothing."""
    anna = await floor.desk(state=None)
    mirror = await floor.desk(state=None)
    await anna.available()
    first = await mirror.until("presence.changed", cause="agent")
    unknown = await anna.refused("presence.set", state="idle", idle_code="nap")
    rona = await anna.refused("presence.set", state="rona")
    third = await floor.desk(state=None)
    await anna.do("presence.set", state="idle", idle_code="lunch")
    cleared = await anna.available()
    await anna.do("presence.set", state="offline")
    offline = await mirror.until(
        "presence.changed", lambda event: event["agent"]["state"] == "offline"
    )

    assert first["agent"]["state"] == "available"
    assert unknown["code"] in {"invalid", "not_found"}
    assert rona["code"] == "invalid"
    assert third.hello["agent"]["state"] == "available"
    assert "idle_code" not in cleared["agent"]
    assert offline["agent"]["connected"] is True


async def test_an_agent_with_a_chat_cannot_go_offline(floor: Floor) -> None:
    """Going home in the middle of a chat would leave the customer alone."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    talking = await anna.refused("presence.set", state="offline")
    await anna.do("contact.end", contact=chat.contact)
    owing = await anna.refused("presence.set", state="offline")
    await anna.do("contact.wrapup", contact=chat.contact, code="resolved")
    answer = await anna.do("presence.set", state="offline")

    assert talking["code"] == owing["code"] == "conflict"
    assert talking["details"]["contacts"] == [chat.contact]
    assert owing["details"]["contacts"] == [chat.contact]
    assert answer["agent"]["state"] == "offline"


async def test_chats_in_hand_go_on_while_idle(floor: Floor) -> None:
    """A pause is for new work only."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    await anna.do("presence.set", state="idle")
    said = await anna.do("message.send", contact=chat.contact, text="a moment")
    heard = await customer.until("message", seq=said["seq"])

    assert heard["text"] == "a moment"


async def test_waiting_customers_know_their_place(floor: Floor) -> None:
    """A number that falls is what makes waiting bearable."""
    first, second, third = await floor.customers(3)
    one = await first.do("chat.start", text="one")
    two = await second.do("chat.start", text="two")
    three = await third.do("chat.start", text="three")
    since = third.mark
    await first.do("chat.end", conversation=one["conversation"])
    moved = await third.until("chat.queued", position=2, since=since)
    await second.until("chat.queued", position=1)

    assert [answer["position"] for answer in (one, two, three)] == [1, 2, 3]
    assert [answer["state"] for answer in (one, two, three)] == ["queued"] * 3
    assert one["estimated_wait_ms"] is None
    assert moved["contact"] == three["contact"]


@pytest.mark.floor(agents={"anna": {"capacity": 1}})
async def test_a_position_counts_offered_contacts_too(floor: Floor) -> None:
    """Who is being offered has no agent yet, and is still ahead."""
    await floor.desk()
    first, second = await floor.customers(2)
    one = await first.do("chat.start", text="one")
    two = await second.do("chat.start", text="two")

    assert one["state"] == "offered"
    assert (two["state"], two["position"]) == ("queued", 2)


async def test_a_customer_has_one_live_chat(floor: Floor) -> None:
    """Two agents must not work on the same question of the same customer."""
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    second = await customer.refused("chat.start", text="Hello?")
    await floor.desk()
    await customer.until("message", text="Hello")
    offered = await customer.refused("chat.start", text="Hello?")

    for error in (second, offered):
        assert error["code"] == "conflict"
        assert error["details"]["contact"] == started["contact"]
        assert error["details"]["conversation"] == started["conversation"]
    assert second["details"]["state"] == "queued"
    assert offered["details"]["state"] == "offered"


async def test_positions_are_told_at_most_once_a_second(floor: Floor) -> None:
    """A number that flickers calms nobody, and a long line would drown in it."""
    customers = await floor.customers(5)
    started = [await customer.do("chat.start", text="Hello") for customer in customers]
    for customer, answer in zip(customers[:4], started, strict=False):
        await customer.do("chat.end", conversation=answer["conversation"])
    last = customers[-1]
    await last.until("chat.queued", position=1)
    times = [event["at"] for event in last.named("chat.queued")]
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]

    assert all(pause >= 900 for pause in pauses), pauses


async def test_an_agent_who_has_not_accepted_is_not_in_the_chat(floor: Floor) -> None:
    """An offer shows a preview; it does not give a voice."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    await anna.offered(started["contact"])
    errors = [
        await anna.refused("message.send", contact=started["contact"], text="Hi"),
        await anna.refused("contact.end", contact=started["contact"]),
        await anna.refused("typing", contact=started["contact"], on=True),
    ]
    await customer.history(started["conversation"])

    assert {error["code"] for error in errors} <= {"not_found", "forbidden", "conflict"}
    assert customer.named("typing") == []
