"""Catalogs: the sentences of each language, and how a line becomes words in it."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from gettext import c2py
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_time, get_datetime_format
from babel.lists import format_list
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.vietnam import VIETNAM
from bot.words.text import Country, Line, Listing, PlaceName, Text, Value
from bot.written.countries import country_name

# The languages that are whole, each with its own name for itself; the first is the source.
LANGUAGES: Mapping[str, str] = {"en": "English", "vi": "Tiếng Việt"}
SOURCE_LANGUAGE = "en"
# An invented language for tests: the source with every letter accented, so that untranslated words stand out.
PSEUDO_LANGUAGE = "en-XA"

_ACCENTED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "åƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ",
)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The approved sentences of one language: per name its forms (one, or one for each plural), and the plural rule."""

    forms: Mapping[str, tuple[str, ...]]
    plural: Callable[[int], int]


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Every sentence in every language that is loaded; a missing one falls back to English, never to its name."""

    catalogs: Mapping[str, Catalog]

    def say(self, value: Value, language: str) -> str:
        """The value as words of the language: sentences, CLDR names, dates, numbers; a plain str stays as it is."""
        match value:
            # What is said most stands first.
            case Text():
                return _plain(self, value, language)
            case Line(text, values):
                return self.filled(text, values, language) if values else _plain(self, text, language)
            case str():
                return value
            case bool() | int():
                return _number(value, language)
            case datetime():
                return _accented(_moment(value, locale_of(language)), language)
            case date():
                return _accented(format_date(value, "long", locale=locale_of(language)), language)
            case Country(code):
                return _accented(country_name(code, _spoken(language)), language)
            case PlaceName(names):
                named = dict(names)
                return _accented(named.get(language) or named[SOURCE_LANGUAGE], language)
            case Listing(items):
                return format_list([self.say(item, language) for item in items], locale=locale_of(language))

    def raw(self, text: Text, language: str) -> str:
        """The sentence with its fields left open, for a page that fills them itself."""
        catalog = self.catalogs.get(language)
        forms = catalog.forms.get(text.name) if catalog else None
        if forms:
            return forms[0]
        return pseudo(text.source) if language == PSEUDO_LANGUAGE else text.source

    def alternatives(self, text: Text, language: str) -> frozenset[str]:
        """The words that a sentence lists between commas, in the language and in English, folded for comparison."""
        return _alternatives(self, text, language)

    def filled(self, text: Text, values: Mapping[str, Value], language: str) -> str:
        """The sentence with its fields filled; ValueError where the source names a field that there is not."""
        count = values.get("count")
        catalog = self.catalogs.get(language)
        forms = catalog.forms.get(text.name) if catalog else None
        if catalog and forms:
            index = catalog.plural(count) if isinstance(count, int) and len(forms) > 1 else 0
            said = self._fill(forms[min(index, len(forms) - 1)], values, language)
            if said is not None:
                return said
        plural = text.plural is not None and count != 1
        source = text.plural if plural and text.plural else text.source
        if language == PSEUDO_LANGUAGE:
            source = pseudo(source)
        said = self._fill(source, values, language)
        if said is None:
            raise ValueError(f"{text.name} names a field that it was not given")
        return said

    def _fill(self, template: str, values: Mapping[str, Value], language: str) -> str | None:
        """The template with its fields filled, or None where it names a field that there is not."""
        said: list[str] = []
        for literal, field in pieces(template):
            said.append(literal)
            if field is not None:
                if field not in values:
                    return None
                said.append(self.say(values[field], language))
        return "".join(said)


# Every message is compared with dozens of such lists; they change only with the catalogs.
@lru_cache(maxsize=4096)
def _alternatives(words: Words, text: Text, language: str) -> frozenset[str]:
    listed = {words.say(text, language), text.source}
    return frozenset(fold(word) for line in listed for word in line.replace("、", ",").split(","))


# Most of what is said are sentences without fields and small numbers, the same for everybody.
@lru_cache(maxsize=4096)
def _plain(words: Words, text: Text, language: str) -> str:
    return words.filled(text, {}, language)


@lru_cache(maxsize=1024)
def _number(value: int, language: str) -> str:
    return format_decimal(value, locale=locale_of(language))


@cache
def pieces(template: str) -> tuple[tuple[str, str | None], ...]:
    """The template as pairs of literal text and the field after it.

    Fields are plain names: no attribute, index, conversion or format is understood, so that no text of an
    admin can reach into an object. ValueError for anything else in braces.
    """
    found: list[tuple[str, str | None]] = []
    for literal, field, form, conversion in string.Formatter().parse(template):
        if field is not None and (form or conversion or not field.isidentifier()):
            raise ValueError(f"only plain names may stand in braces, not {field!r}")
        found.append((literal, field))
    return tuple(found)


def fold(text: str) -> str:
    """Text for comparison: no case, no surrounding space or punctuation, one Unicode form."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    return folded.strip(" .!?…。！？/✓←✎")


def without_marks(text: str) -> str:
    """Folded text without diacritics, as people type it who lack the keys: đau họng becomes dau hong."""
    parted = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(letter for letter in parted if not unicodedata.combining(letter))


def load_words(folder: Path, languages: Iterable[str] = tuple(LANGUAGES)) -> Words:
    """Read `<folder>/<locale>/LC_MESSAGES/messages.po` of each language but the source; OSError if one is missing."""
    return Words({language: _load(folder, language) for language in languages if language != SOURCE_LANGUAGE})


def _load(folder: Path, language: str) -> Catalog:
    path = folder / str(locale_of(language)) / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        messages = read_po(file)
    forms: dict[str, tuple[str, ...]] = {}
    for message in messages:
        if not message.id or not message.context or message.fuzzy:
            continue
        strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if all(strings):
            forms[message.context] = strings
    return Catalog(forms, c2py(get_plural(str(locale_of(language))).plural_expr))


@cache
def locale_of(language: str) -> Locale:
    """Babel's locale of a language tag; the pseudo-language counts and writes dates as English does."""
    # English is for readers of every country: 5 December, not December 5.
    spoken = _spoken(language)
    return Locale.parse("en-GB" if spoken == SOURCE_LANGUAGE else spoken, sep="-")


def language_for(wanted: str | None) -> str | None:
    """The language of ours that serves what a platform or browser reports (BCP 47), or None."""
    if not wanted:
        return None
    if wanted in LANGUAGES or wanted == PSEUDO_LANGUAGE:
        return wanted
    primary = wanted.replace("_", "-").split("-")[0].lower()
    return primary if primary in LANGUAGES else None


def _spoken(language: str) -> str:
    return SOURCE_LANGUAGE if language == PSEUDO_LANGUAGE else language


def _accented(text: str, language: str) -> str:
    return text.translate(_ACCENTED) if language == PSEUDO_LANGUAGE else text


def pseudo(template: str) -> str:
    """The template with every letter accented that is not in a field."""
    accented = ((literal.translate(_ACCENTED), field) for literal, field in pieces(template))
    return "".join(literal if field is None else f"{literal}{{{field}}}" for literal, field in accented)


def _moment(moment: datetime, locale: Locale) -> str:
    """The day and the time of day in Vietnam, in the order of the language."""
    there = moment.astimezone(VIETNAM)
    pattern = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    return pattern.format(format_time(there, "short", locale=locale), format_date(there, "long", locale=locale))
