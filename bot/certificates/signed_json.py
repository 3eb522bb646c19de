"""JSON (RFC 8259) as signed certificates may hold it: bounded, without duplicate names, without numbers of no value.

Two readers of one text must find the same content in it, so what readers disagree about is refused (RFC 8725, 3.11;
RFC 7493, 2): a name that stands twice, half a surrogate pair, NaN.
"""

import json
import re
from collections.abc import Mapping
from typing import NoReturn

MAX_DEPTH = 40
"""Objects and arrays inside one another; a FHIR bundle in a health card needs about twelve."""

MAX_DIGITS = 40
"""Digits of one number; times have seventeen."""

MAX_FIELD = 300
"""Characters of one field that are kept."""

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
Object = Mapping[str, Json]

# A string that never ends is taken to the end, so that no text is looked at twice.
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
# The marks that join and part letters in Persian and in the scripts of India.
_JOINERS = "\u200c\u200d"


class JsonError(ValueError):
    """The text is not the JSON that a certificate may hold."""


def read(content: bytes | str) -> Json:
    """The value in UTF-8 bytes or text; raises JsonError. The caller bounds the length."""
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
        if _depth(text) > MAX_DEPTH:
            raise JsonError("nested too deep")
        value: Json = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse, parse_int=_whole, parse_float=_decimal
        )
        # Half a surrogate pair is no character; it could be neither stored nor hashed.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except JsonError:
        raise
    except (ValueError, RecursionError) as wrong:
        raise JsonError("not JSON in UTF-8") from wrong
    return value


def read_object(content: bytes | str) -> Object:
    """The object in UTF-8 bytes or text; JsonError where it is another value."""
    value = read(content)
    if not isinstance(value, dict):
        raise JsonError("not an object")
    return value


def text_in(group: Json | Object, name: str) -> str:
    """A text field without blanks around it and signs that cannot be shown; "" where there is none."""
    value = group.get(name) if isinstance(group, Mapping) else None
    if not isinstance(value, str):
        return ""
    shown = "".join(sign if sign.isprintable() or sign in _JOINERS else " " for sign in value[: 2 * MAX_FIELD])
    return shown.strip()[:MAX_FIELD]


def group_in(group: Json | Object, name: str) -> Object:
    """An object in a field; an empty one where there is none."""
    value = group.get(name) if isinstance(group, Mapping) else None
    return value if isinstance(value, dict) else {}


def list_in(group: Json | Object, name: str) -> list[Json]:
    """A list in a field; an empty one where there is none."""
    value = group.get(name) if isinstance(group, Mapping) else None
    return value if isinstance(value, list) else []


def count_in(group: Json | Object, name: str, most: int = 99) -> int | None:
    """A whole number from 1 to `most` in a field; None where there is none."""
    value = group.get(name) if isinstance(group, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most else None


def _depth(text: str) -> int:
    deepest = depth = 0
    for sign in _STRINGS.sub("", text):
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise JsonError("a name stands twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise JsonError(f"{constant} is not JSON")


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise JsonError("a number of too many digits")
    return int(digits)


def _decimal(digits: str) -> float:
    number = float(digits)
    if len(digits) > MAX_DIGITS or number in (float("inf"), float("-inf")):
        raise JsonError("a number of too many digits")
    return number
