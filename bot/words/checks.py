"""Checks: what can be wrong with a translation; the same at every gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.words.catalog import pieces

# A translation much longer than its source breaks buttons and bubbles; short sources may grow more.
LONGEST_GROWTH = 3.0
SHORT = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a translation; one that `blocks` may not be published."""

    name: str
    problem: str
    blocks: bool = True


def check_sentence(name: str, sources: Sequence[str], forms: Sequence[str], plural_forms: int) -> tuple[Finding, ...]:
    """What is wrong with the forms of one translation, given its source forms and how many plurals the language has."""
    wanted = plural_forms if len(sources) > 1 else 1
    if not any(forms):
        return (Finding(name, "is not translated"),)
    if len(forms) != wanted or not all(forms):
        return (Finding(name, f"has {sum(map(bool, forms))} forms where the language wants {wanted}"),)
    return tuple(finding for form in forms for finding in _check_form(name, sources, form))


def is_word_list(name: str) -> bool:
    """Whether the sentence lists words that a traveller may type, and is never said itself."""
    return name.startswith("command.") or name.endswith("_words")


def fields(template: str) -> frozenset[str]:
    """The names of the fields in a template; ValueError where something else stands in braces."""
    return frozenset(field for _, field in pieces(template) if field is not None)


def _check_form(name: str, sources: Sequence[str], form: str) -> list[Finding]:
    try:
        given = fields(form)
    except ValueError as wrong:
        return [Finding(name, str(wrong))]
    wanted = fields(sources[-1])
    found = [Finding(name, f"lacks the field {{{field}}}") for field in sorted(wanted - given - {"count"})]
    found += [Finding(name, f"has a field {{{field}}} that the source has not") for field in sorted(given - wanted)]
    if form != form.strip() or ("\n" in form and "\n" not in sources[-1]):
        found.append(Finding(name, "has space or line breaks that the source has not"))
    if not is_word_list(name) and len(form) > max(len(sources[-1]), SHORT) * LONGEST_GROWTH:
        found.append(Finding(name, "is much longer than the source", blocks=False))
    return found
