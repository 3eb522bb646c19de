"""The summary: the rows of a case, for review and permit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.declaration.journey import Journey
from bot.messages import Row
from bot.words.text import keep

# A press that opens a question for a new answer.
EDIT = "edit"


def rows(journey: Journey) -> tuple[Row, ...]:
    """One row for each answered question, in the order asked."""
    return tuple(
        Row(question.label, question.kind.show(journey.answers[question.id]), f"{EDIT}:{question.id}")
        for question in journey.path
        if question.id in journey.answers
    )


def kept_rows(journey: Journey) -> list[Mapping[str, Any]]:
    """The rows as JSON, each with the question's id, for the permit's record."""
    return [
        {"question": row.press.partition(":")[2], "label": keep(row.label), "value": keep(row.value)}
        for row in rows(journey)
    ]
