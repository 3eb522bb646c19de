"""Reads digits of any script as the digits 0-9."""

import re
import unicodedata

MOST_COUNTED = 99
"""Numerals written as words of Chinese characters are read up to here; larger ones are more likely a name."""

LONGEST_NUMBER = 40
"""Characters of an answer that is read as one number."""

_KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")
_KEYCAP_TEN = "\U0001f51f"

# Characters for small numbers as used in China, Japan and Korea, with the forms that cheques use.
_HAN_DIGITS = (
    dict(zip("〇一二三四五六七八九", range(10), strict=True))
    | dict(zip("零壹贰叁肆伍陆柒捌玖", range(10), strict=True))
    | {"两": 2, "兩": 2, "貳": 2, "參": 3, "陸": 6, "弐": 2, "参": 3, "壱": 1}
)
_HAN_TENS = "十拾"
_HAN_NUMERAL = "".join(_HAN_DIGITS) + _HAN_TENS
_HAN_TOKEN = re.compile(rf"(?<!\w)[{_HAN_NUMERAL}]+(?!\w)")

# At most one word may stand after a number: "3", "3.", "#3", "3 people", "3人".
_NUMBER = re.compile(
    r"(?:#|№|no\.?)?\s*(\d{1,9}|\d{1,3}(?:[,\u00a0 ]\d{3}){1,2})\s*[.)]?\s*[^\W\d_]{0,12}", re.IGNORECASE
)


def plain_digits(text: str) -> str:
    """The text with every digit as 0-9: Thai, Khmer, Devanagari, Arabic, full-width, circled ① and keycap digits.

    A token of Chinese numerals up to 99 (二十五) becomes digits too; inside a word (三亚) they stay.
    """
    if text.isascii():
        return text
    spelled = "".join(_digit(character) for character in _KEYCAP.sub(r"\1", text.replace(_KEYCAP_TEN, "10")))
    return _HAN_TOKEN.sub(_small_token, spelled)


def _digit(character: str) -> str:
    if character.isascii() or unicodedata.category(character) not in ("Nd", "No"):
        return character
    value = unicodedata.numeric(character, -1.0)
    return str(int(value)) if 0 <= value <= MOST_COUNTED and value == int(value) else character


def _small_token(token: re.Match[str]) -> str:
    value = han_number(token.group())
    return token.group() if value is None or value > MOST_COUNTED else str(value)


def han_number(numeral: str) -> int | None:
    """The value of a Chinese numeral: with ten (二十五) or digit by digit (二〇二六); None if neither."""
    tens, ten, ones = _around_ten(numeral)
    if not ten:
        digits = [_HAN_DIGITS.get(character) for character in numeral]
        if not digits or len(digits) > len("2026") or None in digits:
            return None
        return int("".join(str(digit) for digit in digits))
    if len(tens) > 1 or len(ones) > 1 or not set(tens + ones) <= _HAN_DIGITS.keys():
        return None
    return (_HAN_DIGITS[tens] if tens else 1) * 10 + (_HAN_DIGITS[ones] if ones else 0)


def _around_ten(numeral: str) -> tuple[str, str, str]:
    for ten in _HAN_TENS:
        if ten in numeral:
            return numeral.partition(ten)
    return numeral, "", ""


def read_number(text: str, least: int, most: int) -> int | None:
    """The one whole number of a short answer, if it lies between `least` and `most`, both included; else None."""
    if len(text) > LONGEST_NUMBER:
        return None
    found = _NUMBER.fullmatch(plain_digits(text).strip())
    if found is None:
        return None
    value = int(re.sub(r"\D", "", found.group(1)))
    return value if least <= value <= most else None
