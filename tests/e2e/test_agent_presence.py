"""An agent's line may break for a moment: nothing is lost, and nobody rings an empty desk."""

from tests.e2e.floors import Floor

# Longer than the two seconds after which offers are taken back.
GRACE_MS = 2800
SETTINGS = {"presence": {"reconnect_grace_ms": GRACE_MS, "decline_pause_ms": 300}}


async def test_offers_of_a_lost_agent_are_rescinded_after_two_seconds(floor: Floor) -> None:
    """A short break is ridden out; a longer one must not keep a customer ringing an empty desk."""
    anna = await floor.desk()
    customer = await floor.customer()
    started = await customer.do("chat.start", text="Hello")
    offer = await anna.offered(started["contact"])
    bo = await floor.desk("bo")
    await anna.lose()
    moved = await bo.offered(started["contact"])
    back = await floor.desk(state=None)
    late = await back.refused("offer.accept", offer=offer["id"])

    assert 1_800 <= moved["offered_at"] - offer["offered_at"] <= 5_000
    assert moved["contact"]["queued_at"] == offer["contact"]["queued_at"]
    assert back.hello["agent"]["state"] != "rona"
    assert back.hello["offers"] == []
    assert late["code"] == "offer_closed"


async def test_who_asked_learns_that_the_target_was_lost(floor: Floor) -> None:
    """The owner of a chat must not wait for an answer that cannot come."""
    anna = await floor.desk()
    customer = await floor.customer()
    chat = await floor.chat(customer, anna)
    bo = await floor.desk("bo")
    await anna.do("contact.transfer", contact=chat.contact, to={"agent": bo.agent})
    await bo.lose()
    closed = await anna.until("offer.closed", outcome="rescinded")
    await anna.do("message.send", contact=chat.contact, text="Still me")

    assert closed["reason"] == "connection_lost"


async def test_reconnecting_in_time_restores_everything(floor: Floor) -> None:
    """A desktop that reloads goes on as if nothing had been."""
    anna = await floor.desk()
    customer, ringing = await floor.customers(2)
    chat = await floor.chat(customer, anna)
    offered = await ringing.do("chat.start", text="ringing")
    offer = await anna.offered(offered["contact"])
    await anna.lose()
    sent = await customer.do("message.send", conversation=chat.conversation, text="Still there?")
    back = await floor.desk(state=None)
    [contact] = back.hello["contacts"]
    await back.do("message.send", contact=chat.contact, text="Here again")
    await back.do("offer.accept", offer=offer["id"])

    assert back.hello["agent"]["state"] == "available"
    assert back.hello["agent"]["load"] == 2
    assert [one["id"] for one in back.hello["offers"]] == [offer["id"]]
    assert back.hello["offers"][0]["expires_at"] == offer["expires_at"]
    assert (contact["id"], contact["owner"]) == (chat.contact, anna.agent)
    assert contact["messages"][-1]["seq"] == sent["seq"]
    assert customer.named("contact.ended") == []
