"""The case: everything the next turn may depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Consent:
    """The traveller agreed to the privacy notice: which version of it, and when."""

    version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the bot asked about last ("did you mean …?"): the question, and the likely answers in their kept form."""

    question: str
    answers: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Issued:
    """The permit that this declaration got."""

    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One traveller's conversation and the declaration in it.

    `answers` holds every answer in the kept (JSON) form of its kind, those of branches not taken as well.
    The question to ask is derived from it and never stored; `reopened` names the one question that the
    traveller went back to or edits. `declaration` counts the declarations of this conversation from 1.
    """

    language: str
    declaration: int = 1
    greeted: bool = False
    consent: Consent | None = None
    declined: bool = False
    answers: Mapping[str, Any] = field(default_factory=dict)
    reopened: str | None = None
    proposal: Proposal | None = None
    tries: int = 0
    with_person: bool = False
    flags: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()
    permit: Issued | None = None
    look_ups: int = 0


def keep(case: Case) -> dict[str, Any]:
    """The case as JSON; what stands at its default is left out."""
    kept: dict[str, Any] = {"language": case.language, "declaration": case.declaration, "answers": dict(case.answers)}
    if case.consent:
        kept["consent"] = [case.consent.version, case.consent.at.astimezone(UTC).isoformat()]
    if case.permit:
        kept["permit"] = [case.permit.reference, case.permit.at.astimezone(UTC).isoformat()]
    if case.proposal:
        kept["proposal"] = [case.proposal.question, list(case.proposal.answers)]
    for name in ("flags", "settled"):
        if getattr(case, name):
            kept[name] = sorted(getattr(case, name))
    for name in ("greeted", "declined", "reopened", "tries", "with_person", "look_ups"):
        if getattr(case, name):
            kept[name] = getattr(case, name)
    return kept


def recall(kept: Mapping[str, Any]) -> Case:
    """The case that `keep` wrote, also when an earlier release wrote it."""
    consent, permit, proposal = kept.get("consent"), kept.get("permit"), kept.get("proposal")
    return Case(
        language=kept["language"],
        declaration=kept["declaration"],
        greeted=kept.get("greeted", False),
        consent=Consent(consent[0], datetime.fromisoformat(consent[1])) if consent else None,
        declined=kept.get("declined", False),
        answers=kept["answers"],
        reopened=kept.get("reopened"),
        proposal=Proposal(proposal[0], tuple(proposal[1])) if proposal else None,
        tries=kept.get("tries", 0),
        with_person=kept.get("with_person", False),
        flags=frozenset(kept.get("flags", ())),
        settled=frozenset(kept.get("settled", ())),
        permit=Issued(permit[0], datetime.fromisoformat(permit[1])) if permit else None,
        look_ups=kept.get("look_ups", 0),
    )
