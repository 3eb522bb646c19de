"""Objections: what speaks against an answer, seen beside the answers before it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bot.declaration.question import Answers, Objection
from bot.words.text import P_

# A declaration is made for a journey that is planned, not for one in the far future.
FARTHEST_ARRIVAL = timedelta(days=366)
# The longest life that is on record, rounded up.
LONGEST_LIFE_YEARS = 125
# Passports are valid for ten years; a few countries issue longer ones, so only a confirmation is asked.
USUAL_PASSPORT_YEARS = 11

ARRIVAL_PAST = P_("arrival_date.past", "{date} is past.")
ARRIVAL_FAR = P_("arrival_date.far", "{date} is more than a year ahead. Is that right?")
DEPARTURE_EARLY = P_("departure_date.early", "{date} is before your arrival on {arrival}.")
BIRTH_FUTURE = P_("birth_date.future", "{date} has not come yet.")
BIRTH_LONG_AGO = P_("birth_date.long_ago", "{date} is very long ago. Please check the year.")
ISSUED_FUTURE = P_("passport_issued.future", "{date} has not come yet. The date of issue stands on the data page.")
ISSUED_EARLY = P_("passport_issued.early", "{date} is before your birth date.")
EXPIRY_EARLY = P_("passport_expires.early", "{date} is not after the day of issue, {issued}.")
EXPIRED = P_(
    "passport_expires.expired",
    "Then the passport is no longer valid on your arrival on {arrival}. Is {date} what it says? "
    "You can go on, and a person will look at it.",
)
LONG_PASSPORT = P_("passport_expires.long", "That is longer than passports are usually valid. Is {date} what it says?")
DOSE_EARLY = P_("vaccine_last.early", "{date} is before your birth date.")
DOSE_FUTURE = P_("vaccine_last.future", "{date} has not come yet.")


def arrival(value: Any, _answers: Answers, today: date) -> Objection | None:
    """The day of arrival is today or later; more than a year ahead wants a second look."""
    if value < today:
        return Objection(ARRIVAL_PAST(date=value))
    return Objection(ARRIVAL_FAR(date=value), may_stand=True) if value - today > FARTHEST_ARRIVAL else None


def departure(value: Any, answers: Answers, _today: date) -> Objection | None:
    """Nobody leaves before arriving."""
    arrives = answers.get("arrival_date")
    return Objection(DEPARTURE_EARLY(date=value, arrival=arrives)) if arrives and value < arrives else None


def birth(value: Any, _answers: Answers, today: date) -> Objection | None:
    """A birth date is past, and within a human life."""
    if value > today:
        return Objection(BIRTH_FUTURE(date=value))
    return Objection(BIRTH_LONG_AGO(date=value)) if today.year - value.year > LONGEST_LIFE_YEARS else None


def issued(value: Any, answers: Answers, today: date) -> Objection | None:
    """A passport was issued between its holder's birth and today."""
    if value > today:
        return Objection(ISSUED_FUTURE(date=value))
    born = answers.get("birth_date")
    return Objection(ISSUED_EARLY(date=value)) if born and value < born else None


def expiry(value: Any, answers: Answers, _today: date) -> Objection | None:
    """A passport expires after its issue; one that expires before the arrival is for a person, not for a refusal."""
    began, arrives = answers.get("passport_issued"), answers.get("arrival_date")
    if began and value <= began:
        return Objection(EXPIRY_EARLY(date=value, issued=began))
    if arrives and value < arrives:
        return Objection(EXPIRED(date=value, arrival=arrives), may_stand=True)
    if began and value.year - began.year > USUAL_PASSPORT_YEARS:
        return Objection(LONG_PASSPORT(date=value), may_stand=True)
    return None


def last_dose(value: Any, answers: Answers, today: date) -> Objection | None:
    """A dose was given between birth and today."""
    born = answers.get("birth_date")
    if born and value < born:
        return Objection(DOSE_EARLY(date=value))
    return Objection(DOSE_FUTURE(date=value)) if value > today else None
