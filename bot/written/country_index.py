"""Indexes of everything countries are called, each built when first needed."""

import re
from collections import defaultdict
from functools import cache

from babel import Locale

from bot.written import country_words
from bot.written.folding import fold

SHORTEST_GUESSED = 4
"""Letters from which a spelling is guessed; shorter ones resemble too much."""

_LOCALES = ("en", "vi", "zh_Hans", "zh_Hant", "ko", "ja", "ru", "fr", "de", "th", "km", "hi")


def name_key(text: str) -> str:
    """What two spellings of one name have in common."""
    plain = re.sub(r"^(?:(?:the|les?|la)\s+|l['’])(?=\S{4})", "", text.strip(), flags=re.IGNORECASE)
    folded = re.sub(r"\b(?:st|ste|sankt)\b\.?", "saint", fold(plain).replace("&", " and "))
    signs = re.sub(r"[\s!-/:-@\[-`{-~、。，．・·–—•«»“”„]+", " ", folded)
    return " ".join(signs.split())


def known_locale(language: str) -> str:
    name = language.replace("-", "_")
    return name if name in _LOCALES else "en"


@cache
def territories() -> frozenset[str]:
    codes = {str(code) for code in Locale.parse("en").territories}
    codes = {code for code in codes if len(code) == 2 and code.isalpha()}
    return frozenset(codes - country_words.NOT_COUNTRIES)


@cache
def country_codes() -> dict[str, str]:
    words = country_words.ALPHA3.split()
    return {
        **{code: code for code in territories()},
        **dict(zip(words[::2], words[1::2], strict=True)),
        **country_words.ICAO_SAME_COUNTRY,
        **{code: code for code in country_words.ICAO_SPECIAL},
        "UK": "GB",
    }


@cache
def names_in(locale: str) -> dict[str, tuple[str, ...]]:
    """Names of CLDR in one language, with what stands in brackets as a name of its own: Myanmar (Burma)."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    named = Locale.parse(locale).territories
    for code in sorted(territories() & named.keys()):
        name = str(named[code])
        if name:
            for spelling in {name, *re.split(r"[()（）]", name)}:
                if name_key(spelling):
                    found[name_key(spelling)].append(code)
    return {key: tuple(dict.fromkeys(codes)) for key, codes in found.items()}


@cache
def aliases() -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for codes, names in country_words.ALIASES.items():
        for name in names.split("|"):
            found[name_key(name)].extend(codes.split())
    for table in (country_words.DEMONYMS, country_words.MORE_DEMONYMS):
        codes = ""
        for word in table.split():
            if re.fullmatch("[A-Z]{2}(,[A-Z]{2})*", word):
                codes = word
                continue
            for name in word.split("|"):
                found[name_key(name)].extend(codes.split(","))
    return {key: tuple(dict.fromkeys(codes)) for key, codes in found.items() if key}


@cache
def all_names() -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for names in (aliases(), *map(names_in, _LOCALES)):
        for key, codes in names.items():
            found[key].extend(codes)
    return {key: tuple(dict.fromkeys(codes)) for key, codes in found.items()}


@cache
def spellings() -> tuple[str, ...]:
    return tuple(key for key in all_names() if len(key) >= SHORTEST_GUESSED)


@cache
def words_around() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of what may stand before and after a name; words of letters with spaces end at a space."""
    before = sorted({name_key(word) for word in country_words.BEFORE.split("|")} - {""}, key=len, reverse=True)
    after = sorted({name_key(word) for word in country_words.AFTER.split("|")} - {""}, key=len, reverse=True)
    heads = "|".join(re.escape(word) + (r"(?=\s)" if word[0] < "\u0900" else "") for word in before)
    tails = "|".join((r"(?<=\s)" if word[0] < "\u0900" else "") + re.escape(word) for word in after)
    return re.compile(f"^(?:{heads})"), re.compile(f"(?:{tails})$")
