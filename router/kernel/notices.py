"""System notices: the lines everyone in a conversation reads about what happened."""

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

from masking.text import own_text
from router.kernel.model import Body

Notice = Literal[
    "contact.assigned",
    "participant.joined",
    "participant.left",
    "contact.transferred",
    "contact.ended",
    "contact.interrupted",
    "customer.silent",
    "customer.left",
    "customer.returned",
]


def _said(template: str) -> Callable[[str], Body]:
    @lru_cache(maxsize=1_024)  # as many agents' names as are likely to be busy at once
    def body(name: str) -> Body:
        return Body(own_text(template.replace("{name}", name)))

    return body


NOTICES: dict[Notice, Callable[[str], Body]] = {
    "contact.assigned": _said("{name} is with you now."),
    "participant.joined": _said("{name} joined."),
    "participant.left": _said("{name} left."),
    "contact.transferred": _said("The chat is being handed over."),
    "contact.ended": _said("The chat has ended."),
    "contact.interrupted": _said("The chat was interrupted."),
    "customer.silent": _said("The customer has been quiet for a while."),
    "customer.left": _said("The customer left."),
    "customer.returned": _said("The customer is back."),
}
"""Each notice's text, from the name it is about; agents' names are the administrator's texts."""
