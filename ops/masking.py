"""What privacy officers look at: what is masked, and what is not usual."""

from ops.board import Dashboard
from ops.panels import Panel, Row
from ops.queries import ask, growth, rate

MASKED = (
    Panel(
        "Values masked",
        "ops",
        (ask(rate("frontdesk_masked_total{@tenant}", "kind"), "{{kind}}"),),
        "A jump may be a form on the site that asks for what belongs elsewhere.",
        width=12,
        is_stacked=True,
    ),
    Panel(
        "Values masked, in the time shown",
        "short",
        (ask("sum by (kind) (increase(frontdesk_masked_total{@tenant}[$__range]))", "{{kind}}"),),
        "By kind.",
        type="stat",
        width=12,
    ),
    Panel(
        "Values for each message",
        "short",
        (
            ask(
                f"{rate('frontdesk_masked_total{@tenant}')} / "
                + rate('frontdesk_messages_total{@tenant,role=~"customer|agent"}'),
                "values",
            ),
        ),
        "How much of what people write has to be masked.",
        width=12,
    ),
    Panel(
        "Only counted",
        "ops",
        (ask(rate("frontdesk_masking_shadow_total{@tenant}", "kind"), "{{kind}}"),),
        "What a policy in shadow would have masked: look here before switching it on.",
        width=12,
    ),
)

EXCEPTIONS = (
    Panel(
        "Masking failures",
        "short",
        (ask(growth("frontdesk_masking_failures_total{@tenant}"), "texts"),),
        "Texts starred as a whole: nothing leaked, but their readers saw nothing.",
        bad_from=1,
    ),
    Panel(
        "Redacted afterwards",
        "ops",
        (ask(rate("frontdesk_redacted_total{@tenant}"), "messages"),),
        "Values that were spread over several messages.",
    ),
    Panel(
        "Reveals",
        "short",
        (
            ask(
                growth("frontdesk_reveals_total{@tenant}", "field"),
                "{{field}}",
            ),
        ),
        "Sealed values shown to agents. Who asked and why is in the store.",
    ),
)

MASKING = Dashboard(
    uid="frontdesk-masking",
    title="Frontdesk: masking",
    rows=(Row("What is masked", MASKED), Row("What is not usual", EXCEPTIONS)),
)
