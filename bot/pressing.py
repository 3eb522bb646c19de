"""Pressing: what the button that a traveller tapped says, for transcripts and for channels that show it again."""

from __future__ import annotations

from bot import sentences as say
from bot.commands import DO, LABELS, MENU
from bot.declaration.choices import NONE_OF_THESE, YES
from bot.declaration.kinds import SAME_LETTERS
from bot.declaration.questions import BY_ID
from bot.passport import PASSPORT
from bot.stages import OK
from bot.summary import EDIT
from bot.words.catalog import LANGUAGES
from bot.words.text import Value

CONSENT = {"yes": say.CONSENT_YES, "no": say.CONSENT_NO}
FROM_PASSPORT = {"yes": say.PASSPORT_YES, "no": say.PASSPORT_NO}


def label_of(press: str) -> Value:
    """What a press means in words; a press that no question knows is shown as it came."""
    head, _, rest = press.partition(":")
    if head == DO:
        language = rest.removeprefix("language-")
        return LABELS.get(rest) or MENU.get(rest) or LANGUAGES.get(language) or press
    if head == "consent":
        return CONSENT.get(rest, press)
    if head == OK:
        return YES
    if head == PASSPORT and rest in FROM_PASSPORT:
        return FROM_PASSPORT[rest]
    question = BY_ID.get(rest if head in (EDIT, PASSPORT) else head)
    if question is None:
        return press
    if head in (EDIT, PASSPORT):
        return question.label
    found = _choice(question.id, rest)
    return press if found is None else found


def _choice(question: str, choice: str) -> Value | None:
    """The label of a choice, read by the kind of its question."""
    kind = BY_ID[question].kind
    if choice == "none":
        return NONE_OF_THESE
    if question == "name_latin" and choice == "yes":
        return SAME_LETTERS
    for kept in (choice, [choice], {"have": choice, "photo": None, "verdict": None}):
        try:
            return kind.show(kind.recall(kept))
        except (KeyError, ValueError, TypeError):
            continue
    return int(choice) if choice.isdecimal() else None
