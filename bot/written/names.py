"""Reads a name as people write it, in any script, and spells it in the letters A-Z of a machine readable zone.

The tables are those of ICAO Doc 9303, part 3, section 6 (A: Latin, B: Cyrillic, C: Arabic). The standard has none for
other scripts; there anyascii gives a reading that the traveller has to approve.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from anyascii import anyascii

LONGEST_NAME = 150
"""Characters of one name field; the longest names in passports known to us have about 120."""

MRZ_NAME_LENGTH = 39
"""Characters of the name field of a passport's machine readable zone (ICAO 9303-4, TD3)."""

LONGEST_READ = 4000
"""Characters of a message looked at; nobody types a longer name, and a longer text must not cost time."""

NoNameReason = Literal["empty", "digits", "no_letters", "too_long", "looks_like_something_else"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written, cleaned of what cannot be seen."""

    written: str


@dataclass(frozen=True, slots=True)
class NoName:
    """What was typed is not a name, and why."""

    reason: NoNameReason


NameRead = Name | NoName


def _pairs(table: str) -> dict[str, str]:
    """Read a table written as letter, spelling, letter, spelling …"""
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


# Letters not listed lose their diacritic: the standard does the same with them (9303-3 section 6 A).
_LATIN = _pairs(
    "Ä AE Å AA Æ AE Ð D Đ D Ħ H ı I İ I Ĳ IJ ĸ K Ł L Ŋ N Ñ N Ö OE Ø OE Œ OE ẞ SS ß SS Ŧ T Þ TH Ü UE Ə E Ɖ D Ƒ F Ɨ I"
)

# 9303-3 section 6 B, with the spelling that is not bound to one country where the standard gives several.
_CYRILLIC = _pairs(
    "А A Б B В V Г G Д D Е E Ё E Ж ZH З Z И I Й I К K Л L М M Н N О O П P Р R С S Т T У U Ф F Х KH Ц TS Ч CH Ш SH "
    "Щ SHCH Ъ IE Ы Y Э E Ю IU Я IA І I Ї I Є IE Ґ G Ў U Ј J Љ LJ Њ NJ Ћ C Ђ D Џ DZ Ѓ G Ќ K Ѕ DZ Ѫ U Ѵ Y Ғ F Һ C"
)

# 9303-3 section 6 C by code point, so that lines do not turn around in an editor.
_ARABIC = {
    chr(int(code, 16)): spelling
    for code, spelling in _pairs(
        "0621 XE 0622 XAA 0623 XE 0624 U 0625 I 0626 XI 0627 A 0628 B 0629 XTA 062A T 062B XTH 062C J 062D XH 062E XKH "
        "062F D 0630 XDH 0631 R 0632 Z 0633 S 0634 XSH 0635 XSS 0636 XDZ 0637 XTT 0638 XZZ 0639 E 063A G 0641 F 0642 Q "
        "0643 K 0644 L 0645 M 0646 N 0647 H 0648 W 0649 XAY 064A Y 0671 XXA 0679 XXT 067C XRT 067E P 0681 XKE 0685 XXH "
        "0686 XC 0688 XXD 0689 XDR 0691 XXR 0693 XRR 0696 XRX 0698 XJ 069A XXS 06A9 XKK 06AB XXK 06AD XNG 06AF XGG "
        "06BA XNN 06BC XXN 06BE XDO 06C0 XYH 06C1 XXG 06C2 XGE 06C3 XTG 06CC XYA 06CD XXY 06D0 Y 06D2 XYB 06D3 XBE"
    ).items()
}
_ARABIC_MARKS = frozenset(chr(code) for code in (0x0640, *range(0x064B, 0x0660), 0x0670))
_SHADDA = "\u0651"
_TEH_MARBUTA = "\u0629"
_TEH_MARBUTA_AT_END = "XAH"

_SPELLING = {**_LATIN, **_CYRILLIC, **_ARABIC}

_APOSTROPHES = frozenset("'`´’‘‛ʼʻʹ′＇")
_MIDDLE_DOTS = frozenset("·•‧・⸱")
_COMMAS = frozenset(",،、;")
_MINUS = "\u2212"


def latin(text: str) -> str:
    """Spell any text in upper-case A-Z with single spaces between words; always the same spelling for the same text.

    Hyphens and commas become spaces, apostrophes and all other signs and digits disappear (ICAO 9303-3 section 4.6).
    Arabic comes out in the reversible spelling of section 6 C: محمد is MXHMD. A text without letters gives "".
    """
    return _latin(text[:LONGEST_READ])


@lru_cache(maxsize=4096)
def _latin(text: str) -> str:
    composed = unicodedata.normalize("NFKC", text)
    spelled: list[str] = []
    for place, character in enumerate(composed):
        after = composed[place + 1 : place + 2]
        if character == _SHADDA:
            # The letter under a shadda is written twice.
            spelled.append(spelled[-1] if spelled and spelled[-1].isalpha() else "")
        elif character == _TEH_MARBUTA and not after.isalpha():
            spelled.append(_TEH_MARBUTA_AT_END)
        elif character not in _ARABIC_MARKS:
            before = composed[place - 1 : place]
            spelled.append(_sign(character, before, after) or _letter(character))
    return " ".join("".join(spelled).split())


def _sign(character: str, before: str, after: str) -> str:
    """A space for what separates words, "" for everything else."""
    if character in _MIDDLE_DOTS:
        # Catalan writes Gal·la in one word; between words of other scripts the dot is a separator.
        return "" if _is_western(before) and _is_western(after) else " "
    if character.isspace() or character in _COMMAS or character == _MINUS or unicodedata.category(character) == "Pd":
        return " "
    return ""


def _is_western(character: str) -> bool:
    return "A" <= character[:1] < "\u0250" and character.isalpha()


@lru_cache(maxsize=8192)
def _letter(character: str) -> str:
    """The spelling of one letter or combining sign, "" where it has none."""
    if unicodedata.category(character)[0] not in "LM" or character in _APOSTROPHES:
        return ""
    return "".join(_capital(character, capital) for capital in character.upper())


def _capital(written: str, capital: str) -> str:
    if "A" <= capital <= "Z":
        return capital
    if capital in _SPELLING:
        return _SPELLING[capital]
    code = ord(capital)
    if code < 0x0590 or 0x1E00 <= code < 0x2000:  # Latin, Greek and Cyrillic: take one diacritic away and look again.
        parts = unicodedata.decomposition(capital).split()
        if parts and not parts[0].startswith("<"):
            return _letter(chr(int(parts[0], 16)))
    # Georgian and others have capitals that only fonts know; there the letter as written is looked up.
    ascii_text = anyascii(written if code > 0x0590 else capital)
    return "".join(sign for sign in ascii_text.upper() if "A" <= sign <= "Z")


_JOINERS = frozenset("\u200c\u200d")
_ENDS = ' "“”„«»,;:，、。'
_NOT_IN_NAMES = re.compile(r"[@<>{}\[\]=\\|#%^*~$?？؟]|https?:|www\.|://|^/|\.(?:com|net|org|vn|ru)\b", re.IGNORECASE)


def read_name(text: str) -> NameRead:
    """Read one name field as written: one letter is enough, no script is refused, nothing is split or re-ordered.

    White space is collapsed; control and direction characters, pictures and quotation marks around it are dropped.
    """
    shown = _visible(text[:LONGEST_READ])
    if not shown:
        return NoName("empty")
    if _NOT_IN_NAMES.search(shown):
        return NoName("looks_like_something_else")
    if any(unicodedata.category(character) in ("Nd", "No") for character in shown):
        return NoName("digits")
    written = _collapse("".join(character for character in shown if not _is_picture(character)))
    if not any(unicodedata.category(character)[0] == "L" for character in written):
        return NoName("looks_like_something_else" if _has_picture(shown) else "no_letters")
    if len(written) > LONGEST_NAME:
        return NoName("too_long")
    return Name(written)


def _visible(text: str) -> str:
    """The text without control, direction and unassigned characters, in NFC, with single spaces."""
    composed = unicodedata.normalize("NFC", text)
    kept: list[str] = []
    for place, character in enumerate(composed):
        if character.isspace():
            kept.append(" ")
        elif character in _JOINERS:
            if _joins(composed[place - 1 : place]) and _joins(composed[place + 1 : place + 2]):
                kept.append(character)
        elif unicodedata.category(character)[0] != "C":
            kept.append(character)
    return _collapse("".join(kept))


def _collapse(text: str) -> str:
    return " ".join(text.split()).strip(_ENDS)


def _joins(neighbour: str) -> bool:
    """Arabic and the scripts of India, Tibet, Burma and Cambodia write with joiners and non-joiners."""
    return "\u0600" <= neighbour < "\u1100" or "\u1780" <= neighbour < "\u1900"


def _is_picture(character: str) -> bool:
    if "\ufe00" <= character <= "\ufe0f":  # Chooses between the drawings of a picture.
        return True
    return unicodedata.category(character) in ("So", "Sk", "Me") and character not in _APOSTROPHES


def _has_picture(text: str) -> bool:
    return any(unicodedata.category(character) in ("So", "Sk") for character in text)


def icao_name(family: str, given: str) -> str:
    """The name field of a passport's machine readable zone without its trailing fillers: FAMILY<<GIVEN<NAMES.

    At most 39 characters, cut as ICAO 9303-4 section 4.2.3 says: room for one letter of the given name is always kept,
    and a name that was cut ends in a letter. A holder of a single name has it in either field; the other one is empty.
    """
    primary, secondary = latin(family).split(), latin(given).split()
    if not primary or not secondary:
        return _cut(primary or secondary, MRZ_NAME_LENGTH)
    room_for_initial = len("<<") + 1
    first = "<".join(primary)
    if len(first) + room_for_initial > MRZ_NAME_LENGTH:
        first = _cut(primary, MRZ_NAME_LENGTH - room_for_initial)
    return first + "<<" + _cut(secondary, MRZ_NAME_LENGTH - len(first) - len("<<"))


def _cut(words: list[str], room: int) -> str:
    """Words joined by fillers in at most `room` characters, the last of them a letter."""
    whole = "<".join(words)
    if len(whole) <= room or whole[room - 1] != "<":
        return whole[:room]
    # The cut falls on a filler: one letter of the word before it makes room for an initial of the word after it.
    before, following = whole[: room - 1], whole[room]
    shorter = before[:-1]
    return before if not shorter or shorter.endswith("<") else f"{shorter}<{following}"


def needs_approval(written: str) -> bool:
    """Whether the spelling in A-Z is more than the same letters in capitals, so that the traveller looks at it."""
    return latin(written) != " ".join(written.upper().split())
