"""Looking up a permit in the chat by its reference and the passport number."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, replace

from bot import sentences as say
from bot.answering import Answered
from bot.case import Case
from bot.messages import Said
from bot.permit.permit import Permit
from bot.permit.reference import read_reference, resembles_reference
from bot.stages import permit
from bot.words.text import Line
from bot.world import World
from bot.written.papers import PassportNumber, read_passport_number

# So many wrong look-ups in one conversation; after them only a person helps.
MOST_LOOK_UPS = 5
# So much in one message can be a passport number; who writes more of them is guessing many at once.
MOST_NUMBERS = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """What a message asks for: the permit with this reference, of a passport with one of these numbers."""

    reference: str
    numbers: frozenset[str]


def asked_for(text: str) -> Asked | None:
    """What a message asks for; None if it names no reference."""
    reference = read_reference(text)
    if reference is None:
        return None
    # However it was written: `read_reference` understands spaces, and none of its groups is a passport number.
    numbers = passport_numbers(re.sub("[ -]?".join(reference.split("-")), " ", text.upper()))
    return Asked(reference, numbers if len(numbers) <= MOST_NUMBERS else frozenset())


def look_up(case: Case, text: str, world: World) -> Answered | None:
    """What is said to a message that names a reference; None if it names none.

    An unknown reference and a wrong passport number get the same answer. The traveller's own reference alone shows
    the own permit.
    """
    asked = asked_for(text)
    if asked is None:
        return (case, (_only(say.LOOK_UP_SLIP()),)) if resembles_reference(text) else None
    if not asked.numbers and case.permit and case.permit.reference == asked.reference:
        return case, (permit(case, world),)
    if case.look_ups >= MOST_LOOK_UPS or world.guessed_often:
        return case, (_only(say.LOOK_UP_OFTEN()),)
    if not asked.numbers:
        return case, (_only(say.LOOK_UP_HOW()),)
    found = world.found if world.found and world.found.reference == asked.reference else None
    if found is None or not fits(found, asked.numbers):
        return replace(case, look_ups=case.look_ups + 1), (_only(say.LOOK_UP_NONE()),)
    return case, (_only(say.LOOK_UP_FOUND(reference=asked.reference, date=found.issued_at)),)


def fits(permit: Permit, numbers: frozenset[str]) -> bool:
    """Whether one of the numbers is that of the permit's passport, compared in constant time."""
    own = permit.passport_number.encode()
    return sum(hmac.compare_digest(own, number.encode()) for number in numbers) > 0


def passport_numbers(text: str) -> frozenset[str]:
    """What in the text can be a passport number, in its proper form."""
    read = [read_passport_number(part.strip(".")) for part in (text, *re.split(r"[\s,;:]+", text))]
    return frozenset(number.value for number in read if isinstance(number, PassportNumber))


def _only(line: Line) -> Said:
    return Said((line,))
