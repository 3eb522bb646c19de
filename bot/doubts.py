"""Doubts: what in a case a person should look at; none of them refuses anybody anything."""

from __future__ import annotations

from bot.case import Case
from bot.declaration.journey import Journey
from bot.declaration.proof import same_person

PERSON_ASKED = "person_asked"
THREE_TRIES = "three_tries"


def doubts(journey: Journey) -> frozenset[str]:
    """The doubts that follow from the answers alone; a corrected answer takes its doubt away."""
    found: set[str] = set()
    proof = journey.answers.get("certificate")
    if proof is not None and proof.have == "unverified":
        found.add("certificate_unverified")
    if proof is not None and proof.have == "unreadable":
        found.add("certificate_unreadable")
    comparison = same_person(proof.verdict, journey.answers) if proof is not None and proof.verdict else None
    if comparison is not None and comparison.name == "differs":
        found.add("name_differs")
    if comparison is not None and comparison.birth == "differs":
        found.add("birth_date_differs")
    arrives, expires = journey.answers.get("arrival_date"), journey.answers.get("passport_expires")
    if arrives and expires and expires < arrives:
        found.add("passport_expires_early")
    return frozenset(found)


def flags_of(case: Case, journey: Journey) -> tuple[str, ...]:
    """The reasons for which staff should see this case now, in alphabetical order."""
    return tuple(sorted((case.flags | doubts(journey)) - case.settled))
