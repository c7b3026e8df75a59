"""Says what happened: a static event name and fields, never what a customer wrote.

Any room but the pure ones may use it; how lines look is settled in `router.app.logs`.
"""

import logging
from dataclasses import dataclass

Field = str | int | float | bool | None


@dataclass(frozen=True)
class Log:
    """Events of one module.

    Attributes:
        target: Where they go; every field arrives as `record.fields`.
    """

    target: logging.Logger

    def info(self, event: str, /, **fields: Field) -> None:
        """Note what an operator would act on or audit."""
        self.target.log(logging.INFO, event, extra={"fields": fields})

    def warning(self, event: str, /, **fields: Field) -> None:
        """Note what still works but should not go on."""
        self.target.log(logging.WARNING, event, extra={"fields": fields})

    def error(self, event: str, /, **fields: Field) -> None:
        """Note what failed; inside `except`, the exception's kind and place are added."""
        self.target.log(logging.ERROR, event, extra={"fields": fields}, exc_info=True)


def log(name: str) -> Log:
    """Return the log of a module, called by its `__name__`."""
    return Log(logging.getLogger(name))
