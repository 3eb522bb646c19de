"""Issuing: the record of everything that a permit rests on."""

from __future__ import annotations

from datetime import UTC

from bot.case import Case
from bot.certificates import verdict as verdicts
from bot.declaration.journey import Journey
from bot.doubts import doubts
from bot.messages import Said, keep_said
from bot.permit.permit import OPEN_REGIME, Permit
from bot.summary import kept_rows
from bot.world import World


def record(case: Case, journey: Journey, said: tuple[Said, ...], world: World) -> Permit:
    """The permit of a case that was just submitted, with the words shown as they stand in the case's language."""
    if case.permit is None or case.consent is None:
        raise ValueError("a permit is recorded only after consent and submission")
    doubtful = sorted(doubts(journey) - case.settled)
    proof = journey.answers.get("certificate")
    return Permit(
        reference=case.permit.reference,
        declaration=case.declaration,
        issued_at=case.permit.at,
        passport_number=journey.answers["passport_number"],
        snapshot={
            "answers": {question.id: case.answers[question.id] for question in journey.path},
            "summary": kept_rows(journey),
            "said": [keep_said(message) for message in said],
            "words": [world.words.say(line, case.language) for message in said for line in message.lines],
            "language": case.language,
            "consent": {"version": case.consent.version, "at": case.consent.at.astimezone(UTC).isoformat()},
            "verdicts": [verdicts.keep(proof.verdict)] if proof and proof.verdict else [],
            "conditions": {**OPEN_REGIME, "outcome": "for a person" if doubtful else "permitted", "doubts": doubtful},
        },
    )
