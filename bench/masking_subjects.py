"""The maskers that are compared, each behind one function, and how one of them is run and timed.

`python -m bench.masking_subjects NAME` reads work as JSON from its input and writes what came of it
as JSON: so a peer runs in an environment of its own. Peers answer spans, and each span of a kind
that the corpus knows is starred whole, which is the best that can be made of it.
"""

import importlib
import json
import logging
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from time import process_time
from typing import Any, Final, NamedTuple

Mask = Callable[[str], str]
Span = tuple[int, int]

PEERS: Final = ("presidio", "datafog", "scrubadub", "stdnum")

SLOW_S: Final = 0.2
"""An input of 1 000 characters that takes longer is not tried with 10 000."""


class Work(NamedTuple):
    """What a masker is given: conversations of texts with senders, and inputs meant to be slow."""

    chats: list[tuple[list[str], list[str]]]
    benign: list[int]
    slow: list[tuple[str, str, str]]
    rounds: int


class Outcome(NamedTuple):
    """What a masker answered, and how long it took on the processor."""

    shown: list[list[str]]
    us_mean: float
    us_benign: float
    us_conversation: float
    us_calibration: float
    worst_1k_ms: float
    worst_10k_ms: float
    worst_input: str


def starred(text: str, spans: Iterable[Span]) -> str:
    """``text`` with stars in place of ``spans``."""
    for start, end in spans:
        text = text[:start] + "*" * (end - start) + text[end:]
    return text


def frontdesk() -> Mask:
    """Our own."""
    mask: Any = importlib.import_module("masking").mask
    return lambda text: mask(text).text


def presidio() -> Mask:
    """Presidio's recognisers of patterns and check digits, with a blank spaCy model of English.

    No trained model is on PyPI; it would add names and places, which are not judged here.
    """
    analyzer: Any = importlib.import_module("presidio_analyzer")
    engines: Any = importlib.import_module("presidio_analyzer.nlp_engine")
    spacy: Any = importlib.import_module("spacy")
    engine = engines.SpacyNlpEngine()
    engine.nlp = {"en": spacy.blank("en")}
    registry = analyzer.RecognizerRegistry()
    registry.load_predefined_recognizers()
    found = analyzer.AnalyzerEngine(nlp_engine=engine, registry=registry)
    kinds = ["CREDIT_CARD", "IBAN_CODE", "US_SSN", "EMAIL_ADDRESS", "PHONE_NUMBER"]

    def mask(text: str) -> str:
        results = found.analyze(text, language="en", entities=kinds)
        return starred(text, [(result.start, result.end) for result in results])

    return mask


def datafog() -> Mask:
    """DataFog's patterns."""
    scan: Any = importlib.import_module("datafog").scan
    kinds = {"EMAIL", "PHONE", "SSN", "CREDIT_CARD"}

    def mask(text: str) -> str:
        entities = scan(text).entities
        return starred(text, [(e.start, e.end) for e in entities if e.type in kinds])

    return mask


def scrubadub() -> Mask:
    """Scrubadub's detectors of the kinds that are judged."""
    package: Any = importlib.import_module("scrubadub")
    scrubber = package.Scrubber()
    for name in ("credential", "twitter", "url"):
        scrubber.remove_detector(name)

    def mask(text: str) -> str:
        return starred(text, [(filth.beg, filth.end) for filth in scrubber.iter_filth(text)])

    return mask


NUMBER: Final = re.compile(r"\d(?:[ .\-]?\d){8,18}")
ACCOUNT: Final = re.compile(r"\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30}\b")
ADDRESS: Final = re.compile(r"[\w.+'\-]+@[\w\-]+(?:\.[\w\-]+)+")


def stdnum() -> Mask:
    """What one would put together: runs of digits, python-stdnum's checks, and phonenumbers."""
    luhn, iban, ssn, personnummer, cpf = (
        importlib.import_module(f"stdnum.{name}")
        for name in ("luhn", "iban", "us.ssn", "se.personnummer", "br.cpf")
    )
    phonenumbers: Any = importlib.import_module("phonenumbers")

    def is_number(text: str) -> bool:
        digits = re.sub(r"\D", "", text)
        is_card = 12 <= len(digits) <= 19 and luhn.is_valid(digits)
        is_id = (ssn.is_valid(text) and "-" in text) or personnummer.is_valid(text)
        return is_card or is_id or cpf.is_valid(text)

    def mask(text: str) -> str:
        spans = [match.span() for match in ADDRESS.finditer(text)]
        spans += [match.span() for match in ACCOUNT.finditer(text) if iban.is_valid(match[0])]
        spans += [match.span() for match in NUMBER.finditer(text) if is_number(match[0])]
        for region in (None, "US"):
            matches = phonenumbers.PhoneNumberMatcher(text, region)
            spans += [(match.start, match.end) for match in matches]
        return starred(text, spans)

    return mask


SUBJECTS: Final[dict[str, Callable[[], Mask]]] = {
    "frontdesk": frontdesk,
    "presidio": presidio,
    "datafog": datafog,
    "scrubadub": scrubadub,
    "stdnum": stdnum,
}


def spent(mask: Mask, texts: Sequence[str]) -> float:
    """Seconds on the processor for ``texts``."""
    before = process_time()
    for text in texts:
        mask(text)
    return process_time() - before


def us_each(mask: Mask, texts: Sequence[str], rounds: int) -> float:
    """Microseconds for each of ``texts``, in the best of ``rounds``."""
    return 1e6 * min(spent(mask, texts) for _ in range(rounds)) / len(texts)


def us_calibration() -> float:
    """What `re.search('[0-9@]')` takes here on 100 characters that hold neither."""
    search, text = re.compile("[0-9@]").search, "x" * 100
    times: list[float] = []
    for _ in range(7):
        before = process_time()
        for _ in range(10_000):
            search(text)
        times.append(process_time() - before)
    return 1e6 * min(times) / 10_000


def conversation_of(name: str, mask: Mask) -> Callable[[list[str], list[str]], list[str]]:
    """How ``name`` masks a conversation: message by message, unless it knows better."""
    together: Any = None
    if name == "frontdesk":
        together = getattr(importlib.import_module("masking"), "mask_conversation", None)
    return together or (lambda texts, _senders: [mask(text) for text in texts])


def run(name: str, work: Work) -> Outcome:
    """Give ``work`` to the masker called ``name``."""
    mask = SUBJECTS[name]()
    mask("warm up: 4111 1111 1111 1111, a@example.org, +46 70 123 45 67")
    converse = conversation_of(name, mask)
    shown = [
        [mask(texts[0])] if len(texts) == 1 else list(converse(texts, senders))
        for texts, senders in work.chats
    ]
    texts = [text for chat, _ in work.chats for text in chat]
    together = [chat for chat in work.chats if len(chat[0]) > 1]
    before = process_time()
    for chat in together:
        converse(*chat)
    took = process_time() - before
    short = [(spent(mask, [text]), longer, name) for name, text, longer in work.slow]
    worst = max((spent(mask, [text]), name) for took, text, name in short if took < SLOW_S)
    return Outcome(
        shown=shown,
        us_mean=us_each(mask, texts, work.rounds),
        us_benign=us_each(mask, [texts[number] for number in work.benign], work.rounds),
        us_conversation=1e6 * took / max(1, sum(len(chat) for chat, _ in together)),
        us_calibration=us_calibration(),
        worst_1k_ms=1e3 * max(took for took, _, _ in short),
        worst_10k_ms=1e3 * worst[0],
        worst_input=worst[1],
    )


def main() -> None:
    """Run the masker named on the command line on the work that comes in."""
    logging.disable()
    warnings.simplefilter("ignore")
    work = Work(*json.load(sys.stdin))
    outcome = run(sys.argv[1], work)
    json.dump(outcome, sys.stdout)


if __name__ == "__main__":
    main()
