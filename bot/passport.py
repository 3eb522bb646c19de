"""The passport's machine readable zone as answers: shown, confirmed by the traveller, and only then taken over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot import sentences as say
from bot.answering import Answered
from bot.case import Case, Proposal
from bot.declaration.questions import BY_ID
from bot.documents.mrz import Mrz, MrzError
from bot.documents.mrz_text import parse_lines
from bot.documents.passport import PassportFields, passport_fields
from bot.messages import Button, Row, Said
from bot.stages import present
from bot.words.text import Line, Value
from bot.world import World
from bot.written.names import latin

# What is proposed while the traveller looks at what was read; no question has this name.
PASSPORT = "passport"
# Doubtful characters that are named; with more, a better photo is wanted anyway.
MOST_DOUBTS = 3
# No answer has two fillers in a row, and every zone does.
_FILLERS = ("<<", "«", "‹‹")


def pasted_zone(text: str) -> Mrz | None:
    """The zone in a text that somebody typed or pasted; None if there is none."""
    if not any(fillers in text for fillers in _FILLERS):
        return None
    try:
        return parse_lines(text)
    except MrzError:
        return None


def offer(case: Case, mrz: Mrz, world: World) -> Answered:
    """Show what the zone says and ask whether it is right; nothing is taken over before the traveller confirms it."""
    fields = passport_fields(mrz, world.today)
    answers = {name: value for name, value in fields.answers.items() if not _says_the_same(case, name, value)}
    if not answers:
        return case, (present(case, world, say.PASSPORT_UNCLEAR() if fields.to_ask else say.PASSPORT_NOTHING_NEW()),)
    kept = {question: BY_ID[question].kind.keep(value) for question, value in answers.items()}
    proposed = replace(case, proposal=Proposal(PASSPORT, (kept,)))
    return proposed, (_question(case, answers, fields),)


def press(case: Case, choice: str, world: World) -> Answered:
    """A tap below what was read: all of it is right, all is to be typed, or the one line that was tapped is wrong."""
    kept = _proposed(case)
    if kept is None or case.consent is None or case.permit or choice not in ("yes", "no", *kept):
        return case, (present(case, world, say.OLD_BUTTON()),)
    if choice == "no":
        cleared = replace(case, proposal=None)
        return cleared, (present(cleared, world, say.PASSPORT_DROPPED()),)
    right = {question: answer for question, answer in kept.items() if question != choice}
    wrong = choice if choice in kept else None
    filled = replace(case, answers={**case.answers, **right}, reopened=wrong, proposal=None, tries=0)
    return filled, (present(filled, world, say.PASSPORT_TAKEN()),)


def _proposed(case: Case) -> Mapping[str, Any] | None:
    """The answers in their kept form that wait to be confirmed."""
    if case.proposal is None or case.proposal.question != PASSPORT:
        return None
    (kept,) = case.proposal.answers
    return {question: answer for question, answer in kept.items() if question in BY_ID}


def _question(case: Case, answers: Mapping[str, Any], fields: PassportFields) -> Said:
    """The rows that were read, what could not be read, and the question whether it is right."""
    rows = tuple(
        Row(BY_ID[question].label, BY_ID[question].kind.show(value), f"{PASSPORT}:{question}")
        for question, value in answers.items()
    )
    buttons = Button(f"{PASSPORT}:yes", say.PASSPORT_YES), Button(f"{PASSPORT}:no", say.PASSPORT_NO)
    return Said((say.PASSPORT_READ(), *_left(case, fields), say.PASSPORT_ASK()), buttons, rows, expects="choice")


def _left(case: Case, fields: PassportFields) -> Iterator[Line]:
    """What is still to be asked, with the doubtful characters named."""
    for doubt in fields.doubts[:MOST_DOUBTS]:
        place: dict[str, Value] = {"line": doubt.line, "column": doubt.column, "read": doubt.read}
        if doubt.candidates:
            yield say.PASSPORT_DOUBT(**place, candidates=", ".join(doubt.candidates))
        else:
            yield say.PASSPORT_UNSURE(**place)
    if fields.document != "passport":
        yield say.PASSPORT_OTHER_DOCUMENT()
    if set(fields.to_ask) - case.answers.keys():
        yield say.PASSPORT_REST()


def _says_the_same(case: Case, question: str, value: Any) -> bool:
    """Whether this is answered so already; a name in another script says the same if its Latin reading does."""
    if question not in case.answers:
        return False
    kind = BY_ID[question].kind
    try:
        given = kind.recall(case.answers[question])
    except (KeyError, ValueError, TypeError):
        return False
    if question == "name":
        return sorted(latin(given).split()) == sorted(latin(value).split())
    return bool(given == value)
