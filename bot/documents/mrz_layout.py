"""The five machine readable zones of ICAO Doc 9303: which field stands where, and which check digit covers what.

Places count from 0 along all lines of a zone written one behind the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["TD1", "TD2", "TD3", "MRV-A", "MRV-B"]
Letters = Literal["letters", "digits", "sex", "any"]
"""Which characters a field may hold besides the filler."""

FILLER: Final = "<"
DIGITS: Final = "0123456789"
CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALLOWED: Final[dict[Letters, str]] = {
    "letters": CAPITALS + FILLER,
    "digits": DIGITS + FILLER,
    "sex": "MF" + FILLER,
    "any": DIGITS + CAPITALS + FILLER,
}
_WEIGHTS: Final = (7, 3, 1)
_VALUES: Final = {sign: place for place, sign in enumerate(DIGITS + CAPITALS)} | {FILLER: 0}


@dataclass(frozen=True, slots=True)
class Span:
    """The places of one field."""

    field: str
    start: int
    end: int
    letters: Letters


@dataclass(frozen=True, slots=True)
class CheckSpan:
    """One check digit: its own place, the places it is made of, and the fields it covers."""

    name: str
    place: int
    made_of: tuple[tuple[int, int], ...]
    covers: tuple[str, ...]
    may_be_filler: bool = False
    """Whether a filler may stand for the digit of an empty field (ICAO 9303-4, 4.2.2.2 note k)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of zone."""

    kind: Kind
    lines: int
    width: int
    spans: tuple[Span, ...]
    checks: tuple[CheckSpan, ...]

    def span(self, field: str) -> Span:
        """The places of a field."""
        return next(span for span in self.spans if span.field == field)

    def at(self, place: int) -> tuple[int, int]:
        """Line and column of a place, from 1 as the standard counts them."""
        return place // self.width + 1, place % self.width + 1


def check_digit(text: str) -> str:
    """The check digit of a text (ICAO 9303-3, 4.9): weights 7, 3, 1; KeyError for a character of no zone."""
    return str(sum(_VALUES[sign] * _WEIGHTS[place % 3] for place, sign in enumerate(text)) % 10)


def sign_value(sign: str) -> int:
    """What a character counts in a check digit (ICAO 9303-3, 4.9)."""
    return _VALUES[sign]


def weights(check: CheckSpan) -> list[tuple[int, int]]:
    """The places that make a check digit, each with its weight."""
    places = [place for start, end in check.made_of for place in range(start, end)]
    return [(place, _WEIGHTS[order % 3]) for order, place in enumerate(places)]


def _two_lines(kind: Kind, width: int, *, visa: bool, own_digit: bool) -> Layout:
    """TD2, TD3 and both visas share their first 28 columns of the second line."""
    begin, data_end = width, 2 * width - (0 if visa else 2 if own_digit else 1)
    number = Span("document_number", begin, begin + 9, "any")
    birth = Span("birth_date", begin + 13, begin + 19, "digits")
    expiry = Span("expiry_date", begin + 21, begin + 27, "digits")
    optional = Span("optional_data", begin + 28, data_end, "any")
    checks = [_own(number), _own(birth), _own(expiry)]
    if own_digit:
        checks.append(CheckSpan(optional.field, data_end, ((optional.start, data_end),), (optional.field,), True))
    if not visa:
        made_of = ((begin, begin + 10), (begin + 13, begin + 20), (begin + 21, 2 * width - 1))
        covers = (number.field, birth.field, expiry.field, optional.field)
        checks.append(CheckSpan("composite", 2 * width - 1, made_of, covers))
    spans = (
        Span("document_code", 0, 2, "letters"),
        Span("issuing_state", 2, 5, "letters"),
        Span("names", 5, width, "letters"),
        number,
        Span("nationality", begin + 10, begin + 13, "letters"),
        birth,
        Span("sex", begin + 20, begin + 21, "sex"),
        expiry,
        optional,
    )
    return Layout(kind, 2, width, spans, tuple(checks))


def _own(span: Span) -> CheckSpan:
    return CheckSpan(span.field, span.end, ((span.start, span.end),), (span.field,))


def _three_lines() -> Layout:
    """TD1 (ICAO 9303-5, 4.2)."""
    number = Span("document_number", 5, 14, "any")
    optional = Span("optional_data", 15, 30, "any")
    birth = Span("birth_date", 30, 36, "digits")
    expiry = Span("expiry_date", 38, 44, "digits")
    more = Span("optional_data_2", 48, 59, "any")
    made_of = ((5, 30), (30, 37), (38, 45), (48, 59))
    covers = (number.field, optional.field, birth.field, expiry.field, more.field)
    spans = (
        Span("document_code", 0, 2, "letters"),
        Span("issuing_state", 2, 5, "letters"),
        number,
        optional,
        birth,
        Span("sex", 37, 38, "sex"),
        expiry,
        Span("nationality", 45, 48, "letters"),
        more,
        Span("names", 60, 90, "letters"),
    )
    checks = (_own(number), _own(birth), _own(expiry), CheckSpan("composite", 59, made_of, covers))
    return Layout("TD1", 3, 30, spans, checks)


LAYOUTS: Final[dict[Kind, Layout]] = {
    "TD1": _three_lines(),
    "TD2": _two_lines("TD2", 36, visa=False, own_digit=False),
    "TD3": _two_lines("TD3", 44, visa=False, own_digit=True),
    "MRV-A": _two_lines("MRV-A", 44, visa=True, own_digit=False),
    "MRV-B": _two_lines("MRV-B", 36, visa=True, own_digit=False),
}


def layout_of(lines: Sequence[str]) -> Layout | None:
    """The layout that lines of these lengths and this beginning have; None for any other."""
    if len({len(line) for line in lines}) != 1:
        return None
    visa = lines[0].startswith("V")
    for layout in layouts_of(len(lines), len(lines[0])):
        if layout.kind.startswith("MRV") == visa:
            return layout
    return None


def layouts_of(lines: int, width: int) -> Iterable[Layout]:
    """The layouts with so many lines of this width."""
    return (layout for layout in LAYOUTS.values() if (layout.lines, layout.width) == (lines, width))


def with_long_number(layout: Layout, zone: str) -> Layout:
    """The layout of this zone; a number of more than nine characters goes on in the optional data.

    ICAO 9303-5, 4.2.4 and 9303-6, 4.2.4: a filler stands for the check digit, the rest of the number and then its
    check digit stand at the beginning of the optional data, and a filler ends them.
    """
    if layout.kind not in ("TD1", "TD2"):
        return layout
    number, optional = layout.span("document_number"), layout.span("optional_data")
    rest = zone[optional.start : optional.end].split(FILLER)[0]
    goes_on = zone[number.end] == FILLER and FILLER not in zone[number.start : number.end]
    if not goes_on or len(rest) < 2 or rest[-1] not in DIGITS:
        return layout
    digit = optional.start + len(rest) - 1
    own = CheckSpan(number.field, digit, ((number.start, number.end), (optional.start, digit)), (number.field,))
    spans = tuple(
        Span(span.field, digit + 1, span.end, span.letters) if span is optional else span for span in layout.spans
    )
    checks = tuple(own if check.name == number.field else check for check in layout.checks)
    return Layout(layout.kind, layout.lines, layout.width, spans, checks)
