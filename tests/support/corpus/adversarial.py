"""Rows whose value somebody tries to get past a pattern."""

import random
from collections.abc import Iterator
from typing import Final

from tests.support.corpus import contacts
from tests.support.corpus.evasions import disguised
from tests.support.corpus.positives import MAKERS, glued_template, row_of
from tests.support.corpus.row import KINDS, LANGUAGES, Row, pick
from tests.support.corpus.sentences import SENTENCES

ROWS: Final = 162


def adversarial(chance: random.Random) -> Iterator[Row]:
    """Every kind in disguise, three of four in a sentence and one stuck to something as well."""
    for kind in KINDS:
        languages = [language for language in LANGUAGES if language in SENTENCES[kind]]
        for number in range(ROWS):
            language = languages[number % len(languages)]
            template = pick(chance, SENTENCES[kind][language])
            if number % 4 == 3 and kind not in {"cvv", "expiry", "email"}:
                template = glued_template(chance, kind, language)
            value = MAKERS[kind](chance, language)
            if kind == "phone" and number % 3 == 0:
                value = contacts.world_phone(chance)
            hidden = disguised(chance, value, language)
            at = ("adversarial", kind, language, f"{number:04}")
            yield row_of(chance, template, values={"v": hidden}, at=at)
