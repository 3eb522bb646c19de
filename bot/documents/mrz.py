"""Parses the machine readable zone of a passport, card or visa after ICAO Doc 9303, parts 3 to 7.

Nothing is taken on trust: a field that no valid check digit covers stays unconfirmed, and a character that does not
fit is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.documents import mrz_values
from bot.documents.mrz_layout import (
    ALLOWED,
    FILLER,
    CheckSpan,
    Kind,
    Layout,
    check_digit,
    layout_of,
    with_long_number,
)
from bot.documents.mrz_repair import repair

Mark = Literal["confirmed", "unconfirmed"]

FIELDS = (
    "document_code",
    "issuing_state",
    "document_number",
    "nationality",
    "birth_date",
    "sex",
    "expiry_date",
    "names",
    "optional_data",
    "optional_data_2",
)
"""All fields, in the order in which they are shown."""


class MrzError(ValueError):
    """No machine readable zone.

    MrzError
    ├── NoZone    nothing in the text has the form of one
    └── TooLong   more text than anybody pastes
    """


class NoZone(MrzError):  # the names in the tree say what happened
    """Nothing in the text has the form of a machine readable zone."""


class TooLong(MrzError):
    """More text than anybody pastes."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it stands in the zone, fillers included.

    It is confirmed when every check digit that covers it is right, and at least one does.
    """

    name: str
    text: str
    mark: Mark
    sound: bool
    """Whether the text can stand in this field at all: a day of the calendar, a known state, a name."""

    @property
    def value(self) -> str:
        """The text without fillers; between words of a name they become blanks."""
        return " ".join(part for part in self.text.split(FILLER) if part)


@dataclass(frozen=True, slots=True)
class Check:
    """One check digit: what stands there and what ought to."""

    name: str
    line: int
    column: int
    stands: str
    ought: str
    valid: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """A character that cannot be relied on, by line and column from 1, and what it may be instead."""

    field: str
    line: int
    column: int
    read: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mrz:
    """A parsed zone; `repairs` are characters that were replaced because the check digits allow nothing else."""

    kind: Kind
    lines: tuple[str, ...]
    fields: Mapping[str, Field]
    checks: tuple[Check, ...]
    doubts: tuple[Doubt, ...] = ()
    repairs: tuple[Doubt, ...] = ()

    @property
    def names(self) -> mrz_values.Names:
        """The holder's names."""
        return mrz_values.read_names(self.fields["names"].text)

    @property
    def valid(self) -> bool:
        """Whether every check digit is right, every field possible, and no character doubtful."""
        sound = all(field.sound for field in self.fields.values())
        return sound and not self.doubts and all(check.valid for check in self.checks)

    @property
    def to_ask(self) -> tuple[str, ...]:
        """Fields whose text cannot be used: their own check digit is wrong, or a character is doubtful or odd."""
        doubtful = {doubt.field for doubt in self.doubts}
        wrong = {check.name for check in self.checks if not check.valid}
        return tuple(
            name for name, field in self.fields.items() if name in doubtful or name in wrong or not field.sound
        )

    @property
    def to_confirm(self) -> tuple[str, ...]:
        """Fields that can be shown but not relied on, for no check digit vouches for them."""
        asked = self.to_ask
        return tuple(name for name, field in self.fields.items() if field.mark == "unconfirmed" and name not in asked)


def parse_zone(lines: Sequence[str], doubted: Mapping[int, tuple[str, ...]] | None = None) -> Mrz:
    """Parse whole lines of A-Z, 0-9 and `<` in their full length; raises NoZone for any other form.

    `doubted` gives places, counted through all lines from 0, that the reader of a picture was not sure of.
    """
    layout = layout_of(lines)
    if layout is None or not set("".join(lines)) <= set(ALLOWED["any"]):
        raise NoZone("these are not the lines of a machine readable zone")
    outcome = repair(layout, "".join(lines))
    zone, layout = outcome.zone, with_long_number(layout, outcome.zone)
    doubts = {place: candidates for place, candidates in (doubted or {}).items() if place not in outcome.repaired}
    doubts.update(outcome.doubts)
    checks = tuple(_check(layout, check, zone) for check in layout.checks)
    fields = {name: _field(layout, name, zone, checks, doubts) for name in _names(layout)}
    width = layout.width
    return Mrz(
        layout.kind,
        tuple(zone[start : start + width] for start in range(0, len(zone), width)),
        fields,
        checks,
        tuple(_doubt(layout, place, zone[place], candidates) for place, candidates in sorted(doubts.items())),
        tuple(_doubt(layout, place, read, (zone[place],)) for place, read in sorted(outcome.repaired.items())),
    )


def _names(layout: Layout) -> list[str]:
    present = {span.field for span in layout.spans}
    return [name for name in FIELDS if name in present]


def _check(layout: Layout, check: CheckSpan, zone: str) -> Check:
    covered = "".join(zone[start:end] for start, end in check.made_of)
    stands, ought = zone[check.place], check_digit(covered)
    empty = check.may_be_filler and stands == FILLER and not covered.strip(FILLER)
    return Check(check.name, *layout.at(check.place), stands, ought, stands == ought or empty)


def _field(layout: Layout, name: str, zone: str, checks: Sequence[Check], doubts: Mapping[int, object]) -> Field:
    span = layout.span(name)
    text = zone[span.start : span.end]
    if name == "document_number":
        own = next(check for check in layout.checks if check.name == name)
        text = "".join(zone[start:end] for start, end in own.made_of)
    covering = [check.valid for check, where in zip(checks, layout.checks, strict=True) if name in where.covers]
    doubtful = any(_field_of(layout, place) == name for place in doubts)
    sound = _is_sound(name, text)
    sure = bool(covering) and all(covering) and sound and not doubtful
    return Field(name, text, "confirmed" if sure else "unconfirmed", sound)


def _is_sound(name: str, text: str) -> bool:
    match name:
        case "birth_date" | "expiry_date":
            return mrz_values.read_zone_date(text) is not None
        case "issuing_state" | "nationality":
            return mrz_values.is_state(text)
        case "sex":
            return text in ("M", "F", FILLER)
        case "names":
            return mrz_values.read_names(text).regular
        case "document_number":
            return any(sign != FILLER for sign in text)
        case "document_code":
            return text[0] in "PVACI" and text[1] in ALLOWED["letters"]
    return True


def _doubt(layout: Layout, place: int, read: str, candidates: tuple[str, ...]) -> Doubt:
    return Doubt(_field_of(layout, place), *layout.at(place), read, candidates)


def _field_of(layout: Layout, place: int) -> str:
    """The field, or the check digit's name, that a place belongs to."""
    for check in layout.checks:
        if check.place == place:
            return check.name
    for check in layout.checks:
        if check.name == "document_number" and any(start <= place < end for start, end in check.made_of):
            return check.name
    return next((span.field for span in layout.spans if span.start <= place < span.end), "composite")
