"""A question: one frozen value that serves conversation, summary, edit, permit and catalogs alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from bot.messages import Button, Expects, Pictured, Pressed, Typed
from bot.words.catalog import Words
from bot.words.text import Line, Text, Value

# The valid answers so far, as values of their kinds, by the question's id.
Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """What a kind may look at while it reads an answer or makes its buttons.

    `draft` is the kept form of what was proposed last for this question, if anything.
    """

    question: str
    language: str
    today: date
    words: Words
    answers: Answers
    draft: Any = None

    def button(self, choice: str, label: Value) -> Button:
        """A button that answers this question."""
        return Button(f"{self.question}:{choice}", label)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer was understood; `notes` say what the traveller should know about it."""

    value: Any
    notes: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """The answer can be meant in these ways; `line` asks which, `label` stands on the button that takes it."""

    values: tuple[Any, ...]
    line: Line
    label: Text | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer cannot be taken; `line` says which rule it misses and what to do."""

    line: Line


Read = Accepted | Proposed | Refused


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an answer does not go with the others; one that `may_stand` is taken once the traveller confirms it."""

    line: Line
    may_stand: bool = False


class Kind(Protocol):
    """How answers of one kind are read, shown and kept, on every surface."""

    @property
    def expects(self) -> Expects:
        """What a channel should make easy to send."""

    def read(self, content: Typed | Pressed | Pictured, asking: Asking) -> Read:
        """Understand an answer; of a press only the choice is given, without the question's name."""

    def show(self, value: Any) -> Value:
        """The answer as it is shown."""

    def keep(self, value: Any) -> Any:
        """The answer as JSON."""

    def recall(self, kept: Any) -> Any:
        """The answer that `keep` wrote; ValueError, KeyError or TypeError if this kind cannot read it."""

    def buttons(self, asking: Asking) -> tuple[Button, ...]:
        """The answers to offer for tapping."""


def _always(_answers: Answers) -> bool:
    return True


def _nothing(_value: Any, _answers: Answers, _today: date) -> Objection | None:
    return None


def _empty(_answers: Answers) -> Mapping[str, Value]:
    return {}


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the declaration.

    `applies` says whether it makes sense after the answers before it, `objects` what speaks against an answer,
    `fill` gives the values of the fields in `ask`, `brings` says how many further questions any answer brings, and
    `private` marks personal data.
    """

    id: str
    section: Text
    label: Text
    ask: Text
    kind: Kind
    hint: Text | None = None
    why: Text | None = None
    applies: Callable[[Answers], bool] = _always
    objects: Callable[[Any, Answers, date], Objection | None] = _nothing
    fill: Callable[[Answers], Mapping[str, Value]] = _empty
    brings: int = 0
    private: bool = False
