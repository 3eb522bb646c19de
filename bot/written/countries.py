"""Reads a country however people name it: in twelve languages, as a people, a code, a flag or with a slip of the pen.

Countries are ISO 3166-1 alpha-2 codes; where a passport names no country, the three-letter code of ICAO 9303-3 stands.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from babel import Locale
from rapidfuzz import fuzz, process

from bot.written import country_words
from bot.written.country_index import (
    SHORTEST_GUESSED,
    aliases,
    all_names,
    country_codes,
    known_locale,
    name_key,
    names_in,
    spellings,
    territories,
    words_around,
)

LONGEST_COUNTRY = 120
"""Characters of an answer that is read as one country."""

LONGEST_LIST = 2000
"""Characters of an answer that is read as several countries."""

MOST_GUESSES = 4
"""Countries offered as "did you mean"."""

MOST_WORDS = 12
"""Words without a comma that are tried as countries one after the other; more are a sentence."""

MOST_UNREAD = 20
"""Pieces that are named as not understood; the rest of such a list is not looked at."""

CLOSE_ENOUGH = 83
"""Similarity in percent from which a name is offered; two letters changing places in a name of six pass."""


@dataclass(frozen=True, slots=True)
class OneCountry:
    """The one country that was named."""

    code: str


@dataclass(frozen=True, slots=True)
class SomeCountries:
    """Did you mean one of these? The best first, at most four."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoCountry:
    """No country was recognised."""


CountryRead = OneCountry | SomeCountries | NoCountry


@dataclass(frozen=True, slots=True)
class UnreadCountry:
    """A piece of a list that was not certain, with what it may have meant."""

    text: str
    guesses: tuple[str, ...]


_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_FLAG_A = 0x1F1E6
_FLAG_OF_BRITAIN = "\U0001f3f4\U000e0067\U000e0062"  # The black flag with the letters g, b: England, Scotland, Wales.


def find_country(text: str, language: str) -> CountryRead:
    """Find the one country that an answer names; `language` is a tag such as "fr" or "zh-Hans".

    A guess from close spelling is never certain, and neither is a code in small letters that is also a word ("no").
    """
    if len(text) > LONGEST_COUNTRY:
        return NoCountry()
    flags = _flags(text)
    if flags:
        return _read(flags)
    key = name_key(text)
    if not key:
        return NoCountry()
    return _exactly(text, key, language) or _by_spelling(key)


def _exactly(text: str, key: str, language: str) -> CountryRead | None:
    return _by_code(text, key, language) or _by_name(key, language) or _by_core(key, language)


def country_name(code: str, language: str) -> str:
    """The name of a country in a language (CLDR); special codes of ICAO in English; an unknown code as it is."""
    if code in country_words.ICAO_SPECIAL:
        return country_words.ICAO_SPECIAL[code]
    return Locale.parse(known_locale(language)).territories.get(code) or code


def read_countries(text: str, language: str) -> tuple[tuple[str, ...], tuple[UnreadCountry, ...]]:
    """Read a list of countries parted by commas, semicolons, new lines or the word for "and".

    Gives the codes, each once in the order named, and the pieces that were not certain.
    """
    codes: list[str] = []
    unread: list[UnreadCountry] = []
    for piece in re.split(r"[,;，、；،\n\r/|+•]+", _FLAG.sub(r"\g<0>,", text[:LONGEST_LIST])):
        if len(unread) >= MOST_UNREAD:
            break
        if not piece.strip():
            continue
        found, left = _joined(piece, _AND, language, MOST_UNREAD)
        if left and len(piece.split()) in range(2, MOST_WORDS + 1):
            # People also write countries one after the other; taken only if that reads every word.
            by_word, strange = _joined(piece, _SPACE, language, 1)
            found, left = (found, left) if strange else (by_word, [])
        codes.extend(found)
        unread.extend(left)
    return tuple(dict.fromkeys(codes)), tuple(unread)


_AND = re.compile(
    r"((?<!\w)(?:and|&|và|va|и|et|und|as well as)(?!\w)"
    r"|[和与與及跟と]|(?<=[가-힣])(?:와|과|하고)\s|및|และ|និង|(?<!\w)और(?!\w))",
    re.IGNORECASE,
)
_SPACE = re.compile(r"(\s+)")


def _joined(
    piece: str, between: re.Pattern[str], language: str, most_unread: int
) -> tuple[list[str], list[UnreadCountry]]:
    """Part a piece, but keep together one name (Trinidad and Tobago); give up at `most_unread` strange parts."""
    parts = between.split(piece)
    codes: list[str] = []
    unread: list[UnreadCountry] = []
    start = 0
    while start < len(parts) and len(unread) < most_unread:
        for end in range(min(len(parts), start + 9), start, -2):
            text = "".join(parts[start:end]).strip()
            # Only a single part is guessed at; flags and near misses do not hold parts together.
            read = find_country(text, language) if end == start + 1 else _whole_name(text, language)
            if isinstance(read, OneCountry):
                codes.append(read.code)
                break
            if end == start + 1 and text:
                unread.append(UnreadCountry(text, read.codes if isinstance(read, SomeCountries) else ()))
        start = end + 1
    return codes, unread


def _whole_name(text: str, language: str) -> CountryRead | None:
    return _by_name(name_key(text), language) if len(text) <= LONGEST_COUNTRY else None


# ---- the ways to name a country ----


def _read(codes: Iterable[str]) -> CountryRead:
    distinct = tuple(dict.fromkeys(codes))[:MOST_GUESSES]
    if not distinct:
        return NoCountry()
    return OneCountry(distinct[0]) if len(distinct) == 1 else SomeCountries(distinct)


def _flags(text: str) -> list[str]:
    codes = ["GB"] if _FLAG_OF_BRITAIN in text else []
    for flag in _FLAG.findall(text):
        code = "".join(chr(ord(letter) - _FLAG_A + ord("A")) for letter in flag)
        if code in territories():
            codes.append(code)
    return codes


def _by_code(text: str, key: str, language: str) -> CountryRead | None:
    """A code of ISO or ICAO, unless Vietnamese writes another country with the same letters (Mỹ, Nga)."""
    typed = text.strip(" .\t\n()\"'")
    if not (typed.isascii() and typed.isalpha() and len(typed) <= 3):
        return None
    code = country_codes().get(typed.upper())
    if code is None or (len(typed) == 1 and typed.islower()):
        return None
    named = (names_in("vi").get(key) or aliases().get(key, ())) if language == "vi" else ()
    if named and code not in named:
        return _read([*named, code])
    if not typed.isupper() and key in country_words.CODES_LIKE_WORDS:
        return SomeCountries((code,))
    return OneCountry(code)


def _by_name(key: str, language: str) -> CountryRead | None:
    for names in (names_in(known_locale(language)), aliases(), names_in("en"), all_names()):
        if key in names:
            return _read(names[key])
    return None


def _by_core(key: str, language: str) -> CountryRead | None:
    """Take away what people write around a name: "I am from …", "… 人", "người …"."""
    before, after = words_around()
    for _ in range(3):
        shorter = before.sub("", key).strip()
        for core in (shorter, after.sub("", shorter).strip(), after.sub("", key).strip()):
            if core and core != key:
                found = _by_name(core, language)
                if found:
                    return found
        if shorter == key or not shorter:
            return None
        key = shorter
    return None


def _by_spelling(key: str) -> CountryRead:
    if len(key) < SHORTEST_GUESSED:
        return NoCountry()
    close = process.extract(key, spellings(), scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH, limit=3 * MOST_GUESSES)
    codes = dict.fromkeys(code for spelling, _, _ in close for code in all_names()[spelling])
    return SomeCountries(tuple(codes)[:MOST_GUESSES]) if codes else NoCountry()
