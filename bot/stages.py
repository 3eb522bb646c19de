"""Stages: what is said at the place where a conversation stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from bot import sentences as say
from bot.case import Case
from bot.commands import DO, command_button
from bot.declaration.journey import Journey, before, walk
from bot.declaration.proof import differences
from bot.declaration.question import Asking, Proposed, Question
from bot.doubts import doubts
from bot.messages import Button, Said
from bot.summary import rows
from bot.words.catalog import LANGUAGES
from bot.words.text import Line, Value
from bot.world import World

# A proposal's presses: `ok:birth_date:0`.
OK = "ok"


class _Answers:
    """Answers that are the same only if they are the very same object: a case is never changed, only replaced."""

    __slots__ = ("kept",)

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self.kept = kept

    def __hash__(self) -> int:
        return id(self.kept)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Answers) and self.kept is other.kept


# One turn asks several times; nothing is remembered for long.
@lru_cache(maxsize=4)
def _walked(answers: _Answers, today: date) -> Journey:
    return walk(answers.kept, today)


def journey_of(case: Case, world: World) -> Journey:
    """The way through this case's declaration today."""
    return _walked(_Answers(case.answers), world.today)


def current_question(case: Case, journey: Journey) -> Question | None:
    """The question at hand: the one gone back to, else the first without a valid answer; None at the review."""
    reopened = next((step for step in journey.path if step.id == case.reopened), None)
    return reopened or journey.next


def stage_of(case: Case, journey: Journey) -> str:
    """The name of the stage, or of the question at hand; for lists and the funnel."""
    if case.with_person:
        return "person"
    if case.consent is None:
        return "declined" if case.declined else "consent"
    if case.permit:
        return "permit"
    question = current_question(case, journey)
    return question.id if question else "review"


def present(case: Case, world: World, *notes: Line) -> Said:
    """What is said where this conversation stands, after the notes."""
    if case.consent is None:
        return _consent(case, notes)
    if case.permit:
        return permit(case, world, *notes)
    journey = journey_of(case, world)
    question = current_question(case, journey)
    return _review(case, journey, notes) if question is None else _question(case, journey, question, world, notes)


def greeting(case: Case, world: World) -> Said:
    """The first message of all."""
    return _consent(case, (say.WELCOME(), say.FREE(), say.PRIVACY_SHORT(days=world.photo_days)))


def languages() -> Said:
    """The picker, with each language's own name."""
    buttons = tuple(Button(f"{DO}:language-{language}", name) for language, name in LANGUAGES.items())
    return Said((say.CHOOSE_LANGUAGE(),), buttons, expects="choice")


def asking(case: Case, journey: Journey, question: Question, world: World) -> Asking:
    """What the question's kind may look at."""
    draft = case.proposal.answers[0] if case.proposal and case.proposal.question == question.id else None
    return Asking(question.id, case.language, world.today, world.words, journey.answers, draft)


def permit(case: Case, world: World, *notes: Line) -> Said:
    """The permit of this declaration."""
    if case.permit is None:
        raise ValueError("there is no permit to show")
    watched = (say.PERMIT_WATCHED(),) if doubts(journey_of(case, world)) - case.settled else ()
    lines = (say.PERMIT_READY(reference=case.permit.reference), say.PERMIT_SHOW(), *watched, say.PERMIT_FREE())
    buttons = command_button("status"), command_button("new"), command_button("person")
    return Said((*notes, *lines), buttons, expects="nothing")


def _consent(case: Case, notes: tuple[Line, ...]) -> Said:
    if case.declined:
        return Said((*notes, say.DECLINED()), (Button("consent:yes", say.BEGIN_AFTER_ALL),), expects="choice")
    buttons = (
        Button("consent:yes", say.CONSENT_YES),
        Button("consent:no", say.CONSENT_NO),
        command_button("privacy"),
        command_button("language"),
    )
    return Said((*notes, say.CONSENT_ASK()), buttons, expects="choice")


def _question(case: Case, journey: Journey, question: Question, world: World, notes: tuple[Line, ...]) -> Said:
    unfit = journey.unfit.get(question.id)
    why_again = [unfit] if unfit and unfit not in notes else []
    lines = [*notes, *why_again, question.ask(**question.fill(journey.answers))]
    asides = [text() for text in (question.hint, question.why) if text]
    buttons = list(question.kind.buttons(asking(case, journey, question, world)))
    if question.id in journey.answers:
        lines.append(say.SO_FAR(value=question.kind.show(journey.answers[question.id])))
        buttons.append(command_button("keep"))
    elif journey.progress.left:
        asides.append(say.QUESTIONS_LEFT(count=journey.progress.left))
    if before(journey, question.id):
        buttons.append(command_button("back"))
    return Said(
        (*lines, *asides),
        tuple(buttons),
        expects=question.kind.expects,
        progress=journey.progress,
        asides=len(asides),
    )


def _review(case: Case, journey: Journey, notes: tuple[Line, ...]) -> Said:
    proof = journey.answers.get("certificate")
    differing = differences(proof.verdict, journey.answers) if proof and proof.verdict else []
    doubtful = (say.REVIEW_DOUBTS(),) if doubts(journey) - case.settled else ()
    lines = (*notes, say.REVIEW(), *differing, *doubtful, say.REVIEW_SUBMIT())
    buttons = command_button("submit"), command_button("person")
    return Said(lines, buttons, rows(journey), expects="choice", progress=journey.progress)


def propose(case: Case, journey: Journey, question: Question, world: World, read: Proposed) -> Said:
    """Ask which of the proposed answers is meant; a question that is answered by tapping keeps its own buttons."""
    kind = question.kind
    likely = tuple(
        Button(f"{OK}:{question.id}:{place}", read.label or _likely(kind.show(value), len(read.values)))
        for place, value in enumerate(read.values)
    )
    own = kind.buttons(asking(case, journey, question, world)) if kind.expects in ("choice", "photo") else ()
    again = () if own else (command_button("again"),)
    buttons = (*likely, *own, *again)
    return Said((read.line,), buttons, expects=kind.expects, progress=journey.progress, replaces=bool(own))


def _likely(shown: Value, choices: int) -> Value:
    """One reading is asked for with a yes; of several each stands for itself."""
    return say.YES_LIKE_THIS(answer=shown) if choices == 1 else shown
