"""What supervisors and planners look at: who waits, what is worked on, who works."""

from ops.board import Dashboard
from ops.panels import Panel, Row
from ops.queries import ask, quantile, rate, share

IN_TIME = 'frontdesk_service_level_total{@queue,outcome="answered_in_time"}'
ANSWERED = 'frontdesk_service_level_total{@queue,outcome=~"answered_.*"}'
WAITED = "frontdesk_service_level_total{@queue}"
ABANDONED = 'frontdesk_service_level_total{@queue,outcome=~"abandoned_.*"}'
ANSWER_SUM = 'frontdesk_wait_seconds_sum{@queue,outcome="answered"}'
ANSWER_COUNT = 'frontdesk_wait_seconds_count{@queue,outcome="answered"}'
HANDLED = "frontdesk_handle_seconds_count{@queue}"
RONA = 'frontdesk_offers_total{@queue,outcome="rona"}'
OFFERED = 'frontdesk_offers_total{@queue,outcome=~"accepted|declined|rona"}'
OCCUPANCY = 'sum(frontdesk_slots{@tenant,state="held"}) / sum(frontdesk_slots{@tenant})'
AHT = (
    f"({rate('frontdesk_handle_seconds_sum{@queue}')} +"
    f" {rate('frontdesk_wrapup_seconds_sum{@queue}')}) / {rate(HANDLED)}"
)


def _stat(panel: Panel) -> Panel:
    return panel._replace(type="stat", width=3, height=4)


NOW = (
    Panel(
        "Waiting",
        "short",
        (ask("sum(frontdesk_contacts_waiting{@queue})"),),
        "Contacts without an agent, offered ones too.",
    ),
    Panel(
        "Oldest wait",
        "s",
        (ask("max(frontdesk_oldest_wait_seconds{@queue})"),),
        "How long the contact has waited that waits longest.",
        bad_from=300,
    ),
    Panel(
        "Service level",
        "percentunit",
        (ask(share(IN_TIME, WAITED)),),
        "Of all whose wait ended, those answered within service_level_ms of their queue.",
        bad_from=0.8,
        is_less_worse=True,
    ),
    Panel(
        "Abandonment",
        "percentunit",
        (ask(share(ABANDONED, WAITED)),),
        "Of all whose wait ended, those who gave up.",
        bad_from=0.1,
    ),
    Panel(
        "ASA",
        "s",
        (ask(f"{rate(ANSWER_SUM)} / {rate(ANSWER_COUNT)}"),),
        "Average speed of answer: from queued to talking, of those who were answered.",
    ),
    Panel(
        "AHT",
        "s",
        (ask(AHT),),
        "Average handling time: from the first agent's joining to the end, and the wrap-up.",
    ),
    Panel(
        "Occupancy",
        "percentunit",
        (ask(OCCUPANCY),),
        "Slots in use, of those in use and those that available agents could still take. An agent"
        " with one of three chats counts a third.",
        bad_from=0.9,
    ),
    Panel(
        "Agents available",
        "short",
        (ask('sum(frontdesk_agents{@tenant,state="available"})'),),
        "Agents who may be offered contacts, whether or not they have a slot left.",
        bad_from=1,
        is_less_worse=True,
    ),
)

WAITS = (
    Panel(
        "Waiting by queue",
        "short",
        (ask("sum by (queue) (frontdesk_contacts_waiting{@queue})", "{{queue}}"),),
        "A line that only grows needs people, or their skills.",
        is_stacked=True,
    ),
    Panel(
        "Oldest wait by queue",
        "s",
        (ask("max by (queue) (frontdesk_oldest_wait_seconds{@queue})", "{{queue}}"),),
        "One who waits long while others are answered asks for a skill that is rare.",
    ),
    Panel(
        "Time to answer",
        "s",
        (
            ask(
                quantile('frontdesk_wait_seconds_bucket{@queue,outcome="answered"}', 0.5), "median"
            ),
            ask(quantile('frontdesk_wait_seconds_bucket{@queue,outcome="answered"}', 0.95), "95 %"),
            ask(f"{rate(ANSWER_SUM)} / {rate(ANSWER_COUNT)}", "average (ASA)"),
        ),
        "From queued to talking to an agent.",
    ),
    Panel(
        "Service level, abandons included",
        "percentunit",
        (ask(share(IN_TIME, WAITED, "queue"), "{{queue}}"),),
        "Answered in time, of all whose wait ended.",
        bad_from=0.8,
        is_less_worse=True,
    ),
    Panel(
        "Service level, abandons left out",
        "percentunit",
        (ask(share(IN_TIME, ANSWERED, "queue"), "{{queue}}"),),
        "Answered in time, of those who were answered: higher than the other when people give up.",
        bad_from=0.8,
        is_less_worse=True,
    ),
    Panel(
        "Abandonment by queue",
        "percentunit",
        (ask(share(ABANDONED, WAITED, "queue"), "{{queue}}"),),
        "Gave up, of all whose wait ended.",
        bad_from=0.1,
    ),
)

WORK = (
    Panel(
        "Contacts",
        "ops",
        (
            ask(rate("frontdesk_contacts_opened_total{@queue}"), "opened"),
            ask(
                rate("frontdesk_contacts_ended_total{@queue}", "ended_by"), "ended by {{ended_by}}"
            ),
        ),
        "What comes in, and who ends it.",
    ),
    Panel(
        "Contacts talked in",
        "short",
        (ask("sum by (queue) (frontdesk_contacts_active{@queue})", "{{queue}}"),),
        "Contacts in which an agent talks to the customer.",
        is_stacked=True,
    ),
    Panel(
        "Handling time",
        "s",
        (
            ask(f"{rate('frontdesk_handle_seconds_sum{@queue}')} / {rate(HANDLED)}", "talk"),
            ask(f"{rate('frontdesk_wrapup_seconds_sum{@queue}')} / {rate(HANDLED)}", "wrap-up"),
        ),
        "For each contact; both together are AHT.",
        is_stacked=True,
    ),
    Panel(
        "Transfers and conferences",
        "percentunit",
        (
            ask(
                f"{rate('frontdesk_transfers_total{@tenant}', 'to')} / on () group_left"
                f" {rate('frontdesk_contacts_ended_total{@tenant}')}",
                "transfers to {{to}}",
            ),
            ask(
                share(
                    "frontdesk_conferences_total{@tenant}",
                    "frontdesk_contacts_ended_total{@tenant}",
                ),
                "conferences",
            ),
        ),
        "For each contact that ended, in all queues.",
    ),
    Panel(
        "Messages",
        "ops",
        (ask(rate("frontdesk_messages_total{@tenant}", "role"), "{{role}}"),),
        "Lines written to transcripts.",
    ),
)

PEOPLE = (
    Panel(
        "Agents by state",
        "short",
        (ask("sum by (state) (frontdesk_agents{@tenant})", "{{state}}"),),
        "Those in rona did not answer and are asked no more until they say that they are back.",
        is_stacked=True,
    ),
    Panel(
        "Slots",
        "short",
        (ask("sum by (state) (frontdesk_slots{@tenant})", "{{state}}"),),
        "What agents hold, and what those available could take beside it.",
        is_stacked=True,
    ),
    Panel("Occupancy", "percentunit", (ask(OCCUPANCY, "occupancy"),), "Held, of all slots."),
    Panel(
        "Offers",
        "ops",
        (ask(rate("frontdesk_offers_total{@queue}", "outcome"), "{{outcome}}"),),
        "Rescinded ones were taken back before an answer, because the customer left or the agent.",
        is_stacked=True,
    ),
    Panel(
        "RONA rate",
        "percentunit",
        (ask(share(RONA, OFFERED, "queue"), "{{queue}}"),),
        "Offers nobody answered, of those accepted, declined or not answered.",
        bad_from=0.2,
    ),
    Panel(
        "Time to accept",
        "s",
        (
            ask(
                quantile('frontdesk_offer_answer_seconds_bucket{@tenant,outcome="accepted"}', 0.5),
                "median",
            ),
            ask(
                quantile('frontdesk_offer_answer_seconds_bucket{@tenant,outcome="accepted"}', 0.95),
                "95 %",
            ),
        ),
        "From an offer to its acceptance.",
    ),
)

CONTACT_CENTER = Dashboard(
    uid="frontdesk-contact-center",
    title="Frontdesk: contact center",
    variables=("queue",),
    rows=(
        Row("Now", tuple(_stat(panel) for panel in NOW)),
        Row("Who waits", WAITS),
        Row("What is worked on", WORK),
        Row("Who works", PEOPLE),
    ),
)
