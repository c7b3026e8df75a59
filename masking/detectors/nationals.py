"""Find national identity numbers: Swedish personnummer, Danish CPR and Brazilian CPF numbers.

A CPR number, whose only rule is a date, is found beside words alone; so is a row of eleven digits.
"""

import re
from typing import Final, NamedTuple

from masking.checks import cpf_holds, cpr_holds, personnummer_holds
from masking.model import MaskKind, Rule, Span
from masking.scan import by_first_letter
from masking.words import is_beside, says

_GAP: Final = r"[\s\u200b\-+./\\_,:|~()\[\]{}<>]"
_RUN: Final = re.compile(rf"[0-9](?<![0-9].)(?:{_GAP}{{0,8}}+[0-9]){{9,11}}(?!{_GAP}?[0-9])")
_DIGITS: Final = re.compile("[0-9]+")
_GROUP: Final = re.compile(r"[0-9]+(?:\u200b+[0-9]+)*")
_SWEDISH: Final = re.compile(
    by_first_letter(
        "person(?:en)? ?n",
        r"pers\.? ?n",
        "p(?<![a-z].) ?nr",
        "personal (?:id|no|num)",
        "identity num",
        "samordning",
        "folkbok",
        r"i(?<![a-z].)d[ -]?(?:number|nummer|no[.:]|nr)",
        "個人番号",
        "الرقم الشخصي",
        "رقمي الشخصي",
        "رقم شخصي",
    )
)
_DANISH: Final = re.compile(
    by_first_letter("cpr(?<![a-z]...)", "person ?n", "personal (?:id|no|num)", "civil reg")
)
_BRAZILIAN: Final = re.compile("c(?:pf(?<![a-z]...)|adastro de pessoa|ontribuinte)")
_HOUR: Final = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9]\Z")

_PERSONNUMMER: Final = Rule("national_id.personnummer", "date and Luhn")
_CPR: Final = Rule("national_id.cpr", "date")
_CPF: Final = Rule("national_id.cpf", "mod 11 twice")


class _Run(NamedTuple):
    """Ten to twelve digits in groups."""

    view: str
    start: int
    end: int
    digits: str
    sizes: list[int]

    def is_beside(self, words: re.Pattern[str]) -> bool:
        """Tell whether one of ``words`` stands before or after it."""
        return is_beside(words, self.view, (self.start, self.end))

    def is_free(self) -> bool:
        """Tell that nothing sticks to it and that no words say it is something else."""
        before, after = self.view[self.start - 1 : self.start], self.view[self.end : self.end + 1]
        is_part = before in {"-", "_", "#", "/", "."} or after in {"-", "_"}
        letters = before + after
        is_stuck = letters.isascii() and any(letter.isalpha() for letter in letters)
        return not is_part and not is_stuck and not says(self.view, self.start, self.end)


def find_nationals(view: str) -> list[Span]:
    """Answer every national identity number in ``view``."""
    spans: list[Span] = []
    for match in _RUN.finditer(view):
        digits = "".join(_DIGITS.findall(match[0]))
        rules = _rules(digits)
        if rules:
            groups = [group.replace("\u200b", "") for group in _GROUP.findall(match[0])]
            run = _Run(view, *match.span(), digits, list(map(len, groups)))
            rule = next((rule for rule in rules if _is_meant(run, rule)), None)
            if rule is not None:
                spans.append(Span(MaskKind.NATIONAL_ID, run.start, run.end, rule=rule))
    return spans


def _rules(digits: str) -> list[Rule]:
    """Answer by which rules ``digits`` are an identity number, if they are meant to be one."""
    if len(digits) == 11:
        return [_CPF] if cpf_holds(digits) else []
    if not "01" <= digits[-8:-6] <= "12":  # the month of both
        return []
    rules = [_PERSONNUMMER] if personnummer_holds(digits) else []
    return [*rules, _CPR] if cpr_holds(digits) else rules


def _is_meant(run: _Run, rule: Rule) -> bool:
    """Tell whether ``run`` is written so, or has words beside it, that it is what ``rule`` says."""
    if rule is _CPF:
        is_written = run.sizes in ([3, 3, 3, 2], [9, 2]) and run.is_free()
        return is_written or run.is_beside(_BRAZILIAN)
    if rule is _PERSONNUMMER:
        return _is_swedish(run) or run.is_beside(_SWEDISH)
    return run.is_beside(_DANISH)


def _is_swedish(run: _Run) -> bool:
    """Tell a personnummer without words from a time, a phone number and the end of another."""
    is_time = len(run.digits) == 12 and run.digits >= "2010" and _HOUR.search(run.digits)
    is_row = run.sizes == [4, 4, 2]  # the end of an account
    is_phone = run.sizes == [10] and run.digits[0] == "0"
    is_written = run.sizes in ([10], [12], [6, 4], [8, 4]) or run.digits[0] != "0"
    return is_written and not (is_time or is_phone or is_row) and run.is_free()
