"""Sentences by name: what is to be said, before any language is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence: its stable name (the gettext context), its English source, and the plural source if it counts.

    A sentence that counts has a field named `count`, which chooses the plural form.
    """

    name: str
    source: str
    plural: str | None = None

    def __call__(self, **values: Value) -> Line:
        """This sentence with the values of its fields."""
        return Line(self, values)


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory by ISO 3166-1 alpha-2 code (or a code of ICAO 9303-3), named by CLDR when shown."""

    code: str


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A place with its name in some languages (pairs of language and name); others see the English name."""

    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Several values that are shown as a list of the language: a, b and c."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with values, the unit in which the mind speaks."""

    text: Text
    values: Mapping[str, Value] = field(default_factory=dict)


# What a field of a sentence may hold. A plain str is somebody's own words or a code and is never translated.
Value = str | int | date | datetime | Text | Country | PlaceName | Listing | Line


def P_(name: str, source: str) -> Text:
    """Declare a sentence: its name, and its English source for the translators."""
    return Text(name, source)


def NP_(name: str, singular: str, plural: str) -> Text:
    """Declare a sentence that counts: its name, and both its English sources, with the field `count`."""
    return Text(name, singular, plural)


def keep(value: Value) -> Any:
    """The value as JSON; `recall` gives it back."""
    match value:
        # What is said most stands first.
        case Text(name, source, plural):
            return {"text": [name, source] if plural is None else [name, source, plural]}
        case Line(text, values):
            return {**keep(text), "with": {name: keep(held) for name, held in values.items()}}
        case str() | int():
            return value
        case datetime():
            return {"time": value.astimezone(UTC).isoformat()}
        case date():
            return {"date": value.isoformat()}
        case Country(code):
            return {"country": code}
        case PlaceName(names):
            return {"place": dict(names)}
        case Listing(items):
            return {"list": [keep(item) for item in items]}


def recall(kept: Any) -> Value:
    """The value that `keep` wrote; ValueError if it did not write this."""
    match kept:
        case str() | int():
            return kept
        case {"time": str(time)}:
            return datetime.fromisoformat(time)
        case {"date": str(day)}:
            return date.fromisoformat(day)
        case {"country": str(code)}:
            return Country(code)
        case {"place": dict(names)}:
            return PlaceName(tuple(names.items()))
        case {"list": list(items)}:
            return Listing(tuple(recall(item) for item in items))
        case {"text": [str(), str(), *_] as text, "with": dict(values)}:
            return Line(Text(*text), {name: recall(held) for name, held in values.items()})
        case {"text": [str(), str(), *_] as text}:
            return Text(*text)
    raise ValueError("not a value that was kept")


def recall_line(kept: Any) -> Line:
    """The line that `keep` wrote; ValueError if it wrote something else."""
    value = recall(kept)
    if not isinstance(value, Line):
        raise ValueError("not a line that was kept")
    return value
