"""Looking up a permit in the chat by its reference and the passport number."""

from __future__ import annotations

import hmac
import re
from dataclasses import replace

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


def look_up(case: Case, text: str, world: World) -> Answered | None:
    """What is said to a message that names a reference; None if it names none.

    An unknown reference and a wrong passport number get the same answer. The traveller's own reference alone shows
    the own permit.
    """
    reference = read_reference(text)
    if reference is None:
        return (case, (_only(say.LOOK_UP_SLIP()),)) if resembles_reference(text) else None
    if case.look_ups >= MOST_LOOK_UPS:
        return case, (_only(say.LOOK_UP_OFTEN()),)
    numbers = passport_numbers(text.upper().replace(reference, " ").replace(reference.replace("-", ""), " "))
    if not numbers and case.permit and case.permit.reference == reference:
        return case, (permit(case, world),)
    if not numbers:
        return case, (_only(say.LOOK_UP_HOW()),)
    found = world.found if world.found and world.found.reference == reference else None
    if found is None or not fits(found, numbers):
        return replace(case, look_ups=case.look_ups + 1), (_only(say.LOOK_UP_NONE()),)
    return case, (_only(say.LOOK_UP_FOUND(reference=reference, date=found.issued_at)),)


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
