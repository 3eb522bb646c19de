"""Folds a text so that differences of writing that carry no meaning disappear: case, width, accents, space."""

import unicodedata

_STROKES = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_QUOTES = dict.fromkeys(map(ord, "'`´’‘‛ʼʻʹ′"))
_FIRST_ACCENT, _LAST_ACCENT = "\u0300", "\u036f"


def fold(text: str) -> str:
    """The text in small letters without accents, apostrophes and unseen characters, words one space apart.

    Signs that carry vowels in Thai, Khmer and Hindi stay, for there they are letters. Folding twice changes nothing.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().translate(_QUOTES).split())
    small = unicodedata.normalize("NFKC", text).casefold().translate(_QUOTES)
    bare = "".join(
        character
        for character in unicodedata.normalize("NFD", small)
        if not _FIRST_ACCENT <= character <= _LAST_ACCENT and (character.isspace() or not _is_unseen(character))
    )
    return " ".join(unicodedata.normalize("NFKC", bare.translate(_STROKES)).split())


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character)[0] == "C" or "\ufe00" <= character <= "\ufe0f"
