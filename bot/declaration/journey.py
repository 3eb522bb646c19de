"""The way through the declaration: which questions apply, which are answered, which comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.declaration.question import Answers, Question
from bot.declaration.questions import QUESTIONS
from bot.messages import Progress
from bot.words.text import Line


@dataclass(frozen=True, slots=True)
class Journey:
    """The questions that apply, in order; the valid answers among them; and those without a valid answer.

    `unfit` says of answers that were given why they no longer go with the others.
    """

    path: tuple[Question, ...]
    answers: Answers
    missing: tuple[Question, ...]
    unfit: Mapping[str, Line]

    @property
    def next(self) -> Question | None:
        """The first question without a valid answer, or None when all are answered."""
        return self.missing[0] if self.missing else None

    @property
    def progress(self) -> Progress:
        """How far the traveller has come on this branch."""
        left = len(self.missing) + sum(question.brings for question in self.missing)
        return Progress(len(self.path) - len(self.missing), left)


def walk(kept: Mapping[str, Any], today: date, questions: tuple[Question, ...] = QUESTIONS) -> Journey:
    """Walk the questions in order over the answers in their kept form.

    An answer that its kind cannot read, or that no longer goes with the others, counts as not given.
    """
    path: list[Question] = []
    answers: dict[str, Any] = {}
    missing: list[Question] = []
    unfit: dict[str, Line] = {}
    for question in questions:
        if not question.applies(answers):
            continue
        path.append(question)
        if question.id not in kept:
            missing.append(question)
            continue
        try:
            value = question.kind.recall(kept[question.id])
        except (KeyError, ValueError, TypeError):
            missing.append(question)
            continue
        objection = question.objects(value, answers, today)
        if objection is None or objection.may_stand:
            answers[question.id] = value
        else:
            missing.append(question)
            unfit[question.id] = objection.line
    return Journey(tuple(path), answers, tuple(missing), unfit)


def before(journey: Journey, question: str | None) -> Question | None:
    """The question before this one on the path (before the end, if None), or None at the beginning."""
    ids = [step.id for step in journey.path]
    place = ids.index(question) if question in ids else len(ids)
    return journey.path[place - 1] if place > 0 else None
