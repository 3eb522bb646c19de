"""Commands: the words and buttons that work at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from bot.messages import Button, Pressed, Typed
from bot.words.catalog import Words, fold, language_for
from bot.words.text import P_, Text

# The head of every press that is a command: `do:back`, `do:language-vi`.
DO = "do"
# A command is at most a few words; longer text is never searched for one.
LONGEST_COMMAND = 40

# What travellers may type for each command; translators list the usual words of their language.
COMMAND_WORDS: Mapping[str, Text] = {
    "back": P_("command.back", "back, go back, previous"),
    "edit": P_("command.edit", "edit, change, summary"),
    "language": P_("command.language", "language, languages"),
    "help": P_("command.help", "help, what is this, why"),
    "status": P_("command.status", "status, my permit, permit"),
    "person": P_("command.person", "person, human, agent, talk to a person"),
    "skip": P_("command.skip", "skip, skip this, next"),
    "stop": P_("command.stop", "stop, pause, later"),
    "restart": P_("command.restart", "restart, start over, begin again"),
    "privacy": P_("command.privacy", "privacy, privacy notice"),
    "submit": P_("command.submit", "submit, confirm, send it"),
    "keep": P_("command.keep", "keep, keep it, no change"),
    "resume": P_("command.resume", "continue, go on, resume"),
    "new": P_("command.new", "new declaration, new trip"),
}
# The commands that a channel may list in a menu, with what each does.
MENU: Mapping[str, Text] = {
    "back": P_("menu.back", "Back to the question before"),
    "edit": P_("menu.edit", "See and change my answers"),
    "status": P_("menu.status", "Where my declaration stands"),
    "language": P_("menu.language", "Change the language"),
    "person": P_("menu.person", "Talk to a person"),
    "help": P_("menu.help", "What I can do here"),
    "privacy": P_("menu.privacy", "How my data is protected"),
    "restart": P_("menu.restart", "Start over"),
}

LABELS: Mapping[str, Text] = {
    "back": P_("button.back", "← Back"),
    "keep": P_("button.keep", "Keep it"),
    "person": P_("button.person", "Talk to a person"),
    "resume": P_("button.resume", "Go on with the bot"),
    "submit": P_("button.submit", "✓ Submit the declaration"),
    "restart-yes": P_("button.restart_yes", "Yes, start over"),
    "new": P_("button.new", "New declaration"),
    "status": P_("button.status", "Show my permit"),
    "again": P_("button.again", "No"),
    "language": P_("button.language", "Language · Ngôn ngữ"),
    "privacy": P_("button.privacy", "Privacy notice"),
}


def command_button(command: str) -> Button:
    """The button of a command."""
    return Button(f"{DO}:{command}", LABELS[command])


@lru_cache(maxsize=64)
def _commands_by_word(words: Words, language: str) -> Mapping[str, str]:
    """The command for each word that may be typed for it; what stands earlier in the list of commands goes first."""
    found: dict[str, str] = {}
    for command, text in COMMAND_WORDS.items():
        label = {fold(words.say(LABELS[command], language))} if command in LABELS else set()
        for word in words.alternatives(text, language) | label | {command}:
            found.setdefault(word, command)
    return found


def find_command(heard: Typed | Pressed, language: str, words: Words) -> str | None:
    """The command that was tapped, or typed in the traveller's language or English (with or without a slash).

    `language-vi` is the command that changes the language to Vietnamese. None if it is no command.
    """
    if isinstance(heard, Pressed):
        head, _, command = heard.press.partition(":")
        known = command in COMMAND_WORDS or command in LABELS or command.startswith("language-")
        return command if head == DO and known else None
    if len(heard.text) > LONGEST_COMMAND:
        return None
    typed = fold(heard.text)
    by_word = _commands_by_word(words, language)
    if typed in by_word:
        return by_word[typed]
    first, _, rest = typed.partition(" ")
    chosen = language_for(rest) if first == "language" else None
    return f"language-{chosen}" if chosen else None
