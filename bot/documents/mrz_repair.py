"""Puts right what readers confuse, O for 0 and S for 5, where the place allows only one and the check digits agree.

Where they do not, or several readings would do, nothing is changed and the doubtful characters are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product

from bot.documents.mrz_layout import (
    ALLOWED,
    DIGITS,
    FILLER,
    CheckSpan,
    Layout,
    check_digit,
    with_long_number,
)

LIKE: Mapping[str, str] = {
    "O": "0",
    "Q": "0",
    "D": "0",
    "U": "0",
    "I": "1",
    "L": "1",
    "J": "1",
    "Z": "2",
    "A": "4",
    "S": "5",
    "G": "6",
    "T": "7",
    "Y": "7",
    "B": "8",
    "P": "9",
    "0": "ODQU",
    "1": "ILJ",
    "2": "Z",
    "4": "A",
    "5": "S",
    "6": "G",
    "7": "TY",
    "8": "B",
    "9": "P",
}
"""What a letter or digit is taken for, the likeliest first; always a digit for a letter and the other way round."""

MOST_REPAIRS = 6
"""Characters put right in one zone; more than that and it was not read but guessed."""


@dataclass(slots=True)
class Repaired:
    """The zone after repair, what stood at the places that changed, and the places that stay doubtful."""

    zone: str
    repaired: dict[int, str] = field(default_factory=dict)
    doubts: dict[int, tuple[str, ...]] = field(default_factory=dict)


def repair(layout: Layout, zone: str) -> Repaired:
    """Repair a zone of this layout; of all ways to make the misplaced characters fit, exactly one must pass."""
    long = with_long_number(layout, zone)
    odd = _misplaced(long, zone)
    checked = {place: options for place, options in odd.items() if _is_checked(long, place)}
    outcome = Repaired(zone)
    if checked:
        passing = list(_passing(long, zone, checked)) if len(checked) <= MOST_REPAIRS else []
        if len(passing) == 1:
            outcome.zone = passing[0]
            outcome.repaired = {place: zone[place] for place in checked}
        else:
            outcome.doubts.update(checked)
    for place, options in odd.items():
        if place not in checked:
            # Letters without a check digit: the likeliest is shown, and doubted.
            outcome.doubts[place] = options
            if options:
                outcome.zone = outcome.zone[:place] + options[0] + outcome.zone[place + 1 :]
    if not outcome.repaired:
        for check in with_long_number(layout, outcome.zone).checks:
            if check.name != "composite" and not _is_right(check, outcome.zone):
                _suspect(layout, check, outcome)
    return outcome


def _misplaced(layout: Layout, zone: str) -> dict[int, tuple[str, ...]]:
    """Places whose character cannot stand there, with what it may be instead."""
    odd: dict[int, tuple[str, ...]] = {}
    for span in layout.spans:
        for place in range(span.start, span.end):
            if zone[place] not in ALLOWED[span.letters]:
                odd[place] = _instead(zone[place], ALLOWED[span.letters])
    for check in layout.checks:
        stands = zone[check.place]
        if stands not in DIGITS and not (check.may_be_filler and stands == FILLER):
            odd[check.place] = _instead(stands, DIGITS)
    return odd


def _instead(sign: str, allowed: str) -> tuple[str, ...]:
    return tuple(like for like in LIKE.get(sign, "") if like in allowed)


def _is_checked(layout: Layout, place: int) -> bool:
    """Whether a place is a check digit or goes into one."""
    return any(
        place == check.place or any(start <= place < end for start, end in check.made_of) for check in layout.checks
    )


def _passing(layout: Layout, zone: str, odd: Mapping[int, tuple[str, ...]]) -> Iterable[str]:
    """The zones in which every check digit is right after one of the readings was put at each odd place."""
    for chosen in product(*odd.values()):
        signs = list(zone)
        for place, sign in zip(odd, chosen, strict=True):
            signs[place] = sign
        candidate = "".join(signs)
        if all(_is_right(check, candidate) for check in layout.checks):
            yield candidate


def _is_right(check: CheckSpan, zone: str) -> bool:
    covered = "".join(zone[start:end] for start, end in check.made_of)
    stands = zone[check.place]
    return stands == check_digit(covered) or (check.may_be_filler and stands == FILLER and not covered.strip(FILLER))


def _suspect(layout: Layout, check: CheckSpan, outcome: Repaired) -> None:
    """Name the characters of which one alone, read differently, would make this check digit right."""
    places = [place for start, end in check.made_of for place in range(start, end)]
    for place in places:
        letters = (span.letters for span in layout.spans if span.start <= place < span.end)
        allowed = ALLOWED[next(letters, "any")]
        likes = tuple(
            like
            for like in _instead(outcome.zone[place], allowed)
            if _is_right(check, outcome.zone[:place] + like + outcome.zone[place + 1 :])
        )
        if likes and place not in outcome.doubts:
            outcome.doubts[place] = likes
