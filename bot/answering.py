"""Answering: what becomes of a case when an answer to one of its questions is heard."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot import sentences as say
from bot.case import Case, Proposal
from bot.commands import command_button
from bot.declaration.choices import NO_WORDS, YES_WORDS
from bot.declaration.journey import Journey
from bot.declaration.question import Accepted, Proposed, Question, Refused
from bot.doubts import THREE_TRIES
from bot.messages import Pictured, Pressed, Said, Typed
from bot.stages import asking, journey_of, present, propose
from bot.words.catalog import fold
from bot.words.text import Line
from bot.world import World
from bot.written.digits import read_number

# After so many answers that could not be taken, a person is offered.
TRIES_BEFORE_PERSON = 3
# More than any answer needs; a name, an address or a list of children is far below.
LONGEST_ANSWER = 2000

Answered = tuple[Case, tuple[Said, ...]]


def hear_answer(case: Case, heard: Typed | Pressed | Pictured, question: Question, world: World) -> Answered:
    """The answer to this question; of a press only the choice is given."""
    journey = journey_of(case, world)
    if isinstance(heard, Typed) and len(heard.text) > LONGEST_ANSWER:
        return _refuse(case, world, say.TEXT_TOO_LONG())
    if isinstance(heard, Typed) and case.proposal and case.proposal.question == question.id:
        settled = _on_proposal(case, heard.text, question, world)
        if settled is not None:
            return settled
    match question.kind.read(heard, asking(case, journey, question, world)):
        case Accepted(value, notes):
            return _accept(case, journey, question, value, notes, world, noted=isinstance(heard, Typed))
        case Proposed() as proposed:
            return _propose(case, question, proposed, world)
        case Refused(line):
            return _refuse(case, world, line)


def confirm(case: Case, question: Question, place: int, world: World) -> Answered:
    """The traveller confirms what was proposed for this question."""
    if case.proposal is None or case.proposal.question != question.id or not 0 <= place < len(case.proposal.answers):
        return case, (present(case, world, say.OLD_BUTTON()),)
    value = question.kind.recall(case.proposal.answers[place])
    return _accept(case, journey_of(case, world), question, value, (), world, noted=True, confirmed=True)


def change(case: Case, question: Question, choice: str, world: World) -> Answered:
    """A tap on the button of a question that is not at hand changes its answer, or is politely declined."""
    journey = journey_of(case, world)
    read = question.kind.read(Pressed(choice), asking(case, journey, question, world))
    if question.id not in journey.answers or not isinstance(read, Accepted):
        return case, (present(case, world, say.OLD_BUTTON()),)
    if read.value == journey.answers[question.id]:
        return case, ()
    if question.objects(read.value, journey.answers, world.today):
        return case, (present(case, world, say.OLD_BUTTON()),)
    changed = _with_answer(case, question, read.value)
    note = say.CHANGED(label=question.label, value=question.kind.show(read.value))
    return changed, (present(changed, world, note),)


def keep_certificate(case: Case, heard: Pictured, question: Question, world: World) -> Answered:
    """A picture that came while another question was at hand: a readable certificate is kept for its own question."""
    journey = journey_of(case, world)
    read = question.kind.read(heard, asking(case, journey, question, world))
    if not isinstance(read, Accepted):
        return case, (present(case, world, say.PICTURE_NOT_NOW()),)
    kept = replace(case, answers={**case.answers, question.id: question.kind.keep(read.value)})
    return kept, (present(kept, world, *read.notes, say.PICTURE_KEPT()),)


def _on_proposal(case: Case, text: str, question: Question, world: World) -> Answered | None:
    """What a typed yes, no or number means while something is proposed; None if it is an answer of its own."""
    answers = case.proposal.answers if case.proposal else ()
    if fold(text) in world.words.alternatives(YES_WORDS, case.language) and len(answers) == 1:
        return confirm(case, question, 0, world)
    if fold(text) in world.words.alternatives(NO_WORDS, case.language):
        cleared = replace(case, proposal=None)
        return cleared, (present(cleared, world),)
    number = read_number(text, 1, len(answers)) if len(answers) > 1 else None
    return confirm(case, question, number - 1, world) if number is not None else None


def _with_answer(case: Case, question: Question, value: Any) -> Case:
    reopened = None if case.reopened == question.id else case.reopened
    answers = {**case.answers, question.id: question.kind.keep(value)}
    return replace(case, answers=answers, reopened=reopened, proposal=None, tries=0)


def _accept(
    case: Case,
    journey: Journey,
    question: Question,
    value: Any,
    notes: tuple[Line, ...],
    world: World,
    *,
    noted: bool,
    confirmed: bool = False,
) -> Answered:
    objection = question.objects(value, journey.answers, world.today)
    if objection and objection.may_stand and not confirmed:
        return _propose(case, question, Proposed((value,), objection.line), world)
    if objection and not objection.may_stand:
        return _refuse(case, world, objection.line)
    answered = _with_answer(case, question, value)
    shown = (say.NOTED(label=question.label, value=question.kind.show(value)),) if noted and not notes else ()
    return answered, (present(answered, world, *shown, *notes),)


def _propose(case: Case, question: Question, read: Proposed, world: World) -> Answered:
    proposal = Proposal(question.id, tuple(question.kind.keep(value) for value in read.values))
    proposed = replace(case, proposal=proposal)
    return proposed, (propose(proposed, journey_of(proposed, world), question, world, read),)


def _refuse(case: Case, world: World, line: Line) -> Answered:
    tries = case.tries + 1
    refused = replace(case, tries=tries, proposal=None)
    if tries < TRIES_BEFORE_PERSON:
        return refused, (present(refused, world, line),)
    flagged = replace(refused, flags=refused.flags | {THREE_TRIES})
    said = present(flagged, world, line, say.OFFER_PERSON())
    return flagged, (replace(said, buttons=(*said.buttons, command_button("person"))),)
