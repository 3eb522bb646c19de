"""The permit's reference: short, easy to say, with a check character."""

from __future__ import annotations

import re
from collections.abc import Callable

# No 0 or O, no 1, I or L: what is read out or copied by hand cannot be taken for another. 31 signs, a prime number.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
# Eleven signs of chance are 54 bits; beside it a look-up wants the passport number, so guessing opens nothing.
CHANCE_SIGNS = 11
# 3 is a primitive root modulo 31: every place has a weight of its own, so one wrong sign
# and any two signs exchanged always change the check character (the method of ISO/IEC 7064, pure systems).
_WEIGHTS = tuple(pow(3, place, 31) for place in range(1, CHANCE_SIGNS + 1))
_WRITTEN = re.compile(r"(?<![A-Z0-9-])(?=[A-Z-]*\d)[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}(?![A-Z0-9-])")
_REFERENCE = re.compile(r"(?<![A-Z0-9])([A-Z0-9]{4})[ -]?([A-Z0-9]{4})[ -]?([A-Z0-9]{4})(?![A-Z0-9])")


def make_reference(choose: Callable[[int], int]) -> str:
    """A reference as `XXXX-XXXX-XXXX`; `choose(n)` gives an even, unguessable choice below n (secrets.randbelow)."""
    while True:
        signs = "".join(ALPHABET[choose(len(ALPHABET))] for _ in range(CHANCE_SIGNS))
        if _is_mixed(signs):
            return _grouped(signs + _check(signs))


def read_reference(text: str) -> str | None:
    """The reference that stands in the text, in its proper form, or None; small letters and spaces are understood."""
    for match in _REFERENCE.finditer(text.upper()):
        signs = "".join(match.groups())
        known = all(sign in ALPHABET for sign in signs) and _is_mixed(signs[:-1])
        if known and _check(signs[:-1]) == signs[-1]:
            return _grouped(signs)
    return None


def resembles_reference(text: str) -> bool:
    """Whether the text holds something written as a reference is, with its hyphens, right or wrong."""
    return _WRITTEN.search(text.upper()) is not None


def _is_mixed(signs: str) -> bool:
    """Letters and digits both, so that no words and no telephone number are ever taken for a reference."""
    return not signs.isalpha() and not signs.isdecimal()


def _check(signs: str) -> str:
    total = sum(weight * ALPHABET.index(sign) for weight, sign in zip(_WEIGHTS, signs, strict=True))
    return ALPHABET[-total % 31]


def _grouped(signs: str) -> str:
    return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))
