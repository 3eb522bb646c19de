"""Finds Vietnam's border gates and provinces in what people type, with or without the signs of Vietnamese."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from bot.written.folding import fold
from bot.written.place_tables import PORTS, PROVINCES, Mode, Port, Province

__all__ = [
    "PORTS",
    "PROVINCES",
    "Mode",
    "NoPlace",
    "OnePlace",
    "PlaceRead",
    "Port",
    "Province",
    "SomePlaces",
    "find_port",
    "find_province",
    "port_by_id",
    "province_by_id",
    "province_in",
]

LONGEST_PLACE = 120
"""Characters of an answer that is read as one place."""

LONGEST_ADDRESS = 500
"""Characters of an address that are looked through."""

MOST_GUESSES = 4
"""Places offered as "did you mean"."""

CLOSE_ENOUGH = 80
"""Similarity in percent from which a name is offered."""

SHORTEST_GUESSED = 4
"""Letters from which a spelling is guessed."""


@dataclass(frozen=True, slots=True)
class OnePlace:
    """The id of the one place that was named."""

    id: str


@dataclass(frozen=True, slots=True)
class SomePlaces:
    """Did you mean one of these? The best first, at most four."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoPlace:
    """No place was recognised."""


PlaceRead = OnePlace | SomePlaces | NoPlace


def port_by_id(id: str) -> Port:
    """The border gate with an id; KeyError if there is none."""
    return _ports_by_id()[id]


def province_by_id(id: str) -> Province:
    """The province with an id; KeyError if there is none."""
    return _provinces_by_id()[id]


@cache
def _ports_by_id() -> dict[str, Port]:
    return {port.id: port for port in PORTS}


@cache
def _provinces_by_id() -> dict[str, Province]:
    return {province.id: province for province in PROVINCES}


# Words that say what kind of gate is meant.
_KIND_WORDS: dict[Mode, str] = {
    "air": "international airport|airport|intl airport|cảng hàng không quốc tế|cảng hàng không|sân bay quốc tế|"
    "sân bay|nhà ga|"
    "aéroport|flughafen|аэропорт|机场|機場|国际机场|空港|공항|국제공항|สนามบิน|ท่าอากาศยาน|អាកាសយានដ្ឋាន|हवाई अड्डा|"
    "by air|flight",
    "land": "international border gate|border gate|border crossing|border|checkpoint|land port|gate|crossing|cửa "
    "khẩu quốc tế|cửa khẩu|"
    "poste frontière|frontière|grenzübergang|grenze|кпп|граница|口岸|关口|국경|ด่าน|ច្រកទ្វារ|ព្រំដែន|सीमा|railway "
    "station|by land|by bus",
    "sea": "seaport|sea port|cruise port|port|harbour|harbor|cảng biển quốc tế|cảng biển|cảng|bến cảng|hafen|порт|"
    "港口|港|항구|항|"
    "ท่าเรือ|កំពង់ផែ|बंदरगाह|by sea|by ship|cruise",
}
_EMPTY_WORDS = "international|quốc tế|việt nam|vietnam|terminal|t1|t2|city|thành phố|tp|the|at|in|via|tỉnh|province"


def find_port(text: str, mode: Mode | None = None) -> PlaceRead:
    """Find the border gate an answer names, among those of one `mode` where the question knows it.

    By name, IATA code, town or province; "Da Nang" alone is an airport and a sea port and gives both.
    """
    if len(text) > LONGEST_PLACE:
        return NoPlace()
    code = text.strip().upper()
    by_code = [port.id for port in PORTS if code in port.codes and mode in (None, port.mode)]
    if by_code:
        return OnePlace(by_code[0])
    spaced = _spaced(text)
    rest, said = _without_kind(spaced)
    wanted = mode or said
    for ids in (_ports().get(_tight(spaced), ()), _ports().get(_tight(rest), ()), _ports_within(rest)):
        found = [place for place in ids if _has_mode(place, wanted)]
        if found:
            return _read(found)
    return _guess(_tight(rest), _ports(), wanted)


def find_province(text: str) -> PlaceRead:
    """Find the province of today that an answer names by its own name, a former province or a well-known town."""
    if len(text) > LONGEST_PLACE:
        return NoPlace()
    spaced = _spaced(text)
    for key in (_tight(spaced), _tight(_empty_words().sub(" ", spaced))):
        if key in _provinces():
            return _read(_provinces()[key])
    mentioned = province_in(text)
    return OnePlace(mentioned) if mentioned else _guess(_tight(spaced), _provinces(), None)


# A turn walks the declaration several times; a long memory of people's addresses is not wanted.
@lru_cache(maxsize=16)
def province_in(address: str) -> str | None:
    """The id of the province an address lies in: the last one mentioned that is not the name of a street.

    The name of a hotel (Saigon Morin Hotel) counts only if nothing else does.
    """
    folded = re.sub(r"[-–_]", " ", fold(address[:LONGEST_ADDRESS]))
    found: str | None = None
    house: str | None = None
    for mention in _mention().finditer(folded):
        before, after = folded[: mention.start()], folded[mention.end() :]
        if _STREET_BEFORE.search(before) or _STREET_AFTER.match(after) or _NUMBER_BEFORE.search(before):
            continue
        place = _provinces()[_tight(mention.group())][0]
        if _HOUSE_BEFORE.search(before) or _HOUSE_AFTER.match(after):
            house = place
        else:
            found = place
    return found or house


# Nguyễn Huệ was an emperor, and every town has a street of his.
_STREET_BEFORE = re.compile(
    r"\b(?:duong|xa lo|dai lo|quoc lo|tinh lo|cao toc|ngo|ngach|hem|kiet|cau|street|road|rue|nguyen|(?<!thanh )pho)\s*$"
)
_STREET_AFTER = re.compile(
    r"\s*(?:street|str|st|road|rd|highway|hwy|avenue|ave|boulevard|blvd|lane|alley|expressway|bridge)\b"
)
# A house number stands before the name of a street; the number of a ward, a district or a postal code does not.
_NUMBER_BEFORE = re.compile(
    r"(?<![\d/])(?<!district )(?<!quan )(?<!ward )(?<!phuong )(?<!\bq\.)(?<!\bq)(?<!\bp)(?<!\bd)"
    r"\d{1,4}[a-z]?(?:/\d+[a-z]?)*\s+$"
)
_HOUSE_BEFORE = re.compile(r"\b(?:hotel|khach san|resort|restaurant|hostel|homestay|nha hang|cafe)\s+$")
_HOUSE_AFTER = re.compile(r"(?:\s+[^\W\d]+){0,2}\s+(?:hotel|resort|restaurant|hostel|homestay|tower|cafe|palace|inn)\b")


# ---- matching ----


def _read(ids: list[str] | tuple[str, ...]) -> PlaceRead:
    distinct = tuple(dict.fromkeys(ids))[:MOST_GUESSES]
    return OnePlace(distinct[0]) if len(distinct) == 1 else SomePlaces(distinct)


def _guess(key: str, index: dict[str, tuple[str, ...]], wanted: Mode | None) -> PlaceRead:
    """Places whose name begins so or is spelled much like it; never certain."""
    if len(key) < SHORTEST_GUESSED:
        return NoPlace()
    close = process.extract(key, index.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH, limit=3 * MOST_GUESSES)
    names = [name for name, _, _ in close] + [name for name in index if name.startswith(key)]
    ids = [place for name in names for place in index[name] if _has_mode(place, wanted)]
    return SomePlaces(tuple(dict.fromkeys(ids))[:MOST_GUESSES]) if ids else NoPlace()


def _has_mode(id: str, wanted: Mode | None) -> bool:
    return wanted is None or port_by_id(id).mode == wanted


def _spaced(text: str) -> str:
    """Folded, signs to spaces, letters and vowel signs of all scripts kept."""
    return " ".join(re.sub(r"[\s!-/:-@\[-`{-~、。，．・·–—«»“”„]+", " ", fold(text)).split())


def _tight(text: str) -> str:
    """Without spaces, so that Danang, Da Nang and Đà Nẵng are one."""
    return _spaced(text).replace(" ", "")


def _alternatives(words: str) -> str:
    """A pattern for any of the words; in scripts that write no spaces it need not end at a word."""
    ordered = sorted({_spaced(word) for word in words.split("|")}, key=len, reverse=True)
    return "|".join(rf"\b{re.escape(word)}\b" if word[0] < "\u0900" else re.escape(word) for word in ordered)


@cache
def _kinds() -> tuple[tuple[Mode, re.Pattern[str]], ...]:
    return tuple((mode, re.compile(_alternatives(words))) for mode, words in _KIND_WORDS.items())


@cache
def _empty_words() -> re.Pattern[str]:
    return re.compile(_alternatives(_EMPTY_WORDS))


def _without_kind(spaced: str) -> tuple[str, Mode | None]:
    """The name alone, and the kind of gate that was said with it."""
    said: Mode | None = None
    for mode, pattern in _kinds():
        shorter = pattern.sub(" ", spaced)
        if shorter != spaced:
            said = said or mode
            spaced = shorter
    return _empty_words().sub(" ", spaced), said


@cache
def _ports() -> dict[str, tuple[str, ...]]:
    """Names, towns and provinces of gates; a gate's own name goes before a town, a town before a province."""
    own: defaultdict[str, list[str]] = defaultdict(list)
    town: defaultdict[str, list[str]] = defaultdict(list)
    around: defaultdict[str, list[str]] = defaultdict(list)
    for gate in PORTS:
        for name in gate.names.values():
            own[_tight(name)].append(gate.id)
            town[_tight(_without_kind(_spaced(name))[0])].append(gate.id)
        for name in gate.also:
            town[_tight(name)].append(gate.id)
        for name in province_by_id(gate.province).names.values():
            around[_tight(name)].append(gate.id)
    merged = dict(around) | dict(town) | dict(own)
    return {name: tuple(dict.fromkeys(ids)) for name, ids in merged.items() if name}


@cache
def _gates_mentioned() -> re.Pattern[str]:
    names = [name for gate in PORTS for name in (*gate.also, _without_kind(_spaced(gate.names["vi"]))[0])]
    return _any_name(names)


def _ports_within(rest: str) -> tuple[str, ...]:
    mention = _gates_mentioned().search(rest)
    return _ports().get(_tight(mention.group()), ()) if mention else ()


@cache
def _provinces() -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for place in PROVINCES:
        for name in (*place.names.values(), *place.aliases):
            found[_tight(name)].append(place.id)
    return {name: tuple(dict.fromkeys(ids)) for name, ids in found.items()}


@cache
def _mention() -> re.Pattern[str]:
    return _any_name([name for place in PROVINCES for name in (*place.names.values(), *place.aliases)])


def _any_name(names: list[str]) -> re.Pattern[str]:
    """A pattern of any of the names as whole words, the longest first, written in one word or several."""
    spelled = sorted({_spaced(name) for name in names if _spaced(name)}, key=len, reverse=True)
    joined = (r"\s?".join(re.escape(word) for word in name.split()) for name in spelled)
    return re.compile(rf"(?<!\w)(?:{'|'.join(joined)})(?!\w)")
