"""Kinds of answer that are chosen: one of a few, several of a few, a yes or no, a place from a long list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from bot.declaration.question import Accepted, Answers, Asking, Proposed, Read, Refused
from bot.messages import Button, Expects, Pictured, Pressed, Typed
from bot.words.catalog import fold, without_marks
from bot.words.text import P_, Listing, Text, Value
from bot.written.digits import read_number

# How close a spelling must be to a label to be proposed, of 100.
CLOSE_ENOUGH = 78
# Shorter words stand inside too many others to be guessed at ("y" in "maybe", "ho" in "kho").
SHORTEST_GUESSED = 4

NOT_A_CHOICE = P_("choice.unknown", "That is not one of the choices. Tap one of them, or answer with its number.")
DID_YOU_MEAN = P_("choice.did_you_mean", "Did you mean: {answer}?")
WHICH_DID_YOU_MEAN = P_("choice.which_did_you_mean", "Which one did you mean?")
NOT_A_PICTURE_HERE = P_("choice.picture", "This question needs a written answer, not a picture.")
SEVERAL_SO_FAR = P_("choice.several_so_far", "Marked so far: {answers}. Tap more, or confirm.")
NONE_OF_THESE = P_("choice.none", "None of these")
YES = P_("choice.yes", "Yes")
NO = P_("choice.no", "No")
YES_WORDS = P_("choice.yes_words", "yes, y, yes please, yep, yeah, correct, right, true, ok, okay")
NO_WORDS = P_("choice.no_words", "no, n, none, no thanks, nope, not, wrong, false")


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers to choose from; `also` lists other words for it between commas."""

    id: str
    label: Text
    also: Text | None = None


def _find(text: str, options: tuple[Option, ...], asking: Asking) -> tuple[Option, bool] | None:
    """The option that the text names, and whether it names it for certain."""
    number = read_number(text, 1, len(options))
    if number is not None:
        return options[number - 1], True
    spelled: dict[str, Option] = {}
    for option in options:
        names = asking.words.alternatives(option.also, asking.language) if option.also else frozenset()
        own = {fold(asking.words.say(option.label, asking.language)), fold(option.label.source), fold(option.id)}
        spelled |= dict.fromkeys(own | names, option)
    wanted = fold(text)
    if wanted in spelled:
        return spelled[wanted], True
    bare = {without_marks(name): option for name, option in spelled.items()}
    wanted = without_marks(wanted)
    if wanted in bare:
        return bare[wanted], False
    guessable = [name for name in bare if len(name) >= SHORTEST_GUESSED]
    if len(wanted) < SHORTEST_GUESSED or not guessable:
        return None
    close = process.extractOne(wanted, guessable, scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH)
    return (bare[close[0]], False) if close else None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few answers, kept as the option's id."""

    options: tuple[Option, ...]
    expects: Expects = "choice"

    def read(self, content: Typed | Pressed | Pictured, asking: Asking) -> Read:
        match content:
            case Pressed(press):
                known = any(option.id == press for option in self.options)
                return Accepted(press) if known else Refused(NOT_A_CHOICE())
            case Pictured():
                return Refused(NOT_A_PICTURE_HERE())
            case Typed(text):
                match _find(text, self.options, asking):
                    case None:
                        return Refused(NOT_A_CHOICE())
                    case option, True:
                        return Accepted(option.id)
                    case option, _:
                        return Proposed((option.id,), DID_YOU_MEAN(answer=option.label))

    def show(self, value: Any) -> Value:
        return next(option.label for option in self.options if option.id == value)

    def keep(self, value: Any) -> Any:
        return value

    def recall(self, kept: Any) -> Any:
        if not any(option.id == kept for option in self.options):
            raise ValueError("no such option")
        return kept

    def buttons(self, asking: Asking) -> tuple[Button, ...]:
        return tuple(asking.button(option.id, option.label) for option in self.options)


YES_OR_NO = Choice((Option("yes", YES, YES_WORDS), Option("no", NO, NO_WORDS)))


@dataclass(frozen=True, slots=True)
class Several:
    """None, one or several of a few answers, kept as a list of ids; taps are gathered until they are confirmed."""

    options: tuple[Option, ...]
    expects: Expects = "choice"

    def read(self, content: Typed | Pressed | Pictured, asking: Asking) -> Read:
        match content:
            case Pressed("none"):
                return Accepted(())
            case Pressed(press) if any(option.id == press for option in self.options):
                marked = set(asking.draft or ()) ^ {press}
                return self._so_far(marked)
            case Pictured():
                return Refused(NOT_A_PICTURE_HERE())
            case Typed(text):
                return self._typed(text, asking)
        return Refused(NOT_A_CHOICE())

    def show(self, value: Any) -> Value:
        labels = tuple(option.label for option in self.options if option.id in value)
        return Listing(labels) if labels else NONE_OF_THESE

    def keep(self, value: Any) -> Any:
        return list(value)

    def recall(self, kept: Any) -> Any:
        known = {option.id for option in self.options}
        if not isinstance(kept, list) or not known.issuperset(kept):
            raise ValueError("no such options")
        return tuple(kept)

    def buttons(self, asking: Asking) -> tuple[Button, ...]:
        return (asking.button("none", NONE_OF_THESE), *(asking.button(one.id, one.label) for one in self.options))

    def _so_far(self, marked: set[str]) -> Read:
        value = tuple(option.id for option in self.options if option.id in marked)
        return Proposed((value,), SEVERAL_SO_FAR(answers=self.show(value)))

    def _typed(self, text: str, asking: Asking) -> Read:
        none = asking.words.alternatives(NO_WORDS, asking.language)
        if fold(text) in none | {fold(asking.words.say(NONE_OF_THESE, asking.language)), fold(NONE_OF_THESE.source)}:
            return Accepted(())
        offered = (Option("none", NONE_OF_THESE), *self.options)
        certain, found = True, set()
        for piece in text.replace(";", ",").replace("、", ",").replace("，", ",").split(","):
            match _find(piece, offered, asking):
                case None:
                    return Refused(NOT_A_CHOICE())
                case option, sure:
                    found.add(option.id)
                    certain = certain and sure
        if found == {"none"}:
            return Accepted(()) if certain else Proposed(((),), DID_YOU_MEAN(answer=NONE_OF_THESE))
        read = self._so_far(found - {"none"})
        return Accepted(read.values[0]) if certain and isinstance(read, Proposed) else read


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a long list, found by name; `find` gives (the place's id or None, ids it may be)."""

    find: Callable[[str], tuple[str | None, tuple[str, ...]]]
    name: Callable[[str], Value]
    often: tuple[str, ...]
    unknown: Text
    expects: Expects = "text"

    def read(self, content: Typed | Pressed | Pictured, asking: Asking) -> Read:
        match content:
            case Pressed(press):
                return Accepted(self.recall(press)) if self._known(press) else Refused(self.unknown())
            case Pictured():
                return Refused(NOT_A_PICTURE_HERE())
            case Typed(text):
                number = read_number(text, 1, len(self.often))
                if number is not None:
                    return Accepted(self.often[number - 1])
                one, some = self.find(text)
                if one is not None:
                    return Accepted(one)
                if not some:
                    return Refused(self.unknown())
                line = DID_YOU_MEAN(answer=self.name(some[0])) if len(some) == 1 else WHICH_DID_YOU_MEAN()
                return Proposed(some, line)

    def show(self, value: Any) -> Value:
        return self.name(value)

    def keep(self, value: Any) -> Any:
        return value

    def recall(self, kept: Any) -> Any:
        if not self._known(kept):
            raise ValueError("no such place")
        return kept

    def buttons(self, asking: Asking) -> tuple[Button, ...]:
        return tuple(asking.button(place, self.name(place)) for place in self.often)

    def _known(self, place: Any) -> bool:
        try:
            self.name(place)
        except KeyError:
            return False
        return True


# Used where a question applies only after certain answers.
def is_one_of(question: str, *values: str) -> Callable[[Answers], bool]:
    """A condition: the question was answered with one of these values."""
    return lambda answers: answers.get(question) in values
