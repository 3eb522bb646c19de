"""Where a list of keys comes from, and what its reader is told that the list itself does not say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from bot.certificates.trust import Problem, TrustedKey, TrustError

Found = TrustedKey | Problem

MAX_TEXT = 500
"""Characters of an identifier, an issuer or a country in a list."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The name of a list, and what holds for its keys where the list does not say it."""

    source: str
    scheme: str = ""
    country: str = ""
    issuer: str = ""
    listed_on: date | None = None


def each(origin: Origin, entry: str, read: Callable[[], TrustedKey]) -> Iterator[Found]:
    """The key that `read` gives, or the problem with it."""
    try:
        yield read()
    except TrustError as wrong:
        yield Problem(origin.source, entry, str(wrong))


def text_in(entry: dict[str, object], name: str) -> str:
    """A text field of an entry; "" where it is missing, of another kind or far too long."""
    value = entry.get(name)
    return value.strip() if isinstance(value, str) and len(value) <= MAX_TEXT else ""


def moment(text: object) -> datetime | None:
    """A time in ISO 8601 with its zone; None where there is none."""
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def day_in(text: object) -> date | None:
    """The day at the start of an ISO 8601 text."""
    try:
        return date.fromisoformat(text[:10]) if isinstance(text, str) else None
    except ValueError:
        return None
