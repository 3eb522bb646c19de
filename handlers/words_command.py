"""`khaibao words`: gather the sentences of the program into catalogs, and check that every language is whole."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

import bot
from bot.words.catalog import LANGUAGES, SOURCE_LANGUAGE, locale_of
from bot.words.checks import Finding, check_sentence
from handlers.service import LOCALES
from handlers.settings import Settings

# How the sentences stand in the code: P_(name, source) and NP_(name, singular, plural).
KEYWORDS = {"P_": ((1, "c"), 2), "NP_": ((1, "c"), 2, 3)}
TEMPLATE = LOCALES / "messages.pot"
PROJECT = Path(bot.__file__).parent.parent
ROOMS = ("bot", "handlers")


def add_to(parser: argparse.ArgumentParser) -> None:
    """Arguments of `khaibao words`."""
    parser.add_argument("action", choices=("extract", "check"))


def run(arguments: argparse.Namespace, _settings: Settings) -> int:
    """Extract or check; status 1 when the check finds something."""
    return _extract() if arguments.action == "extract" else _check()


def catalog_path(language: str) -> Path:
    """Where the catalog of a language lies."""
    return LOCALES / str(locale_of(language)) / "LC_MESSAGES" / "messages.po"


def gather() -> Catalog:
    """Every sentence in the code, by name; ValueError if one name stands for two sentences."""
    gathered = Catalog()
    sources: dict[str, object] = {}
    for room in ROOMS:
        found = extract_from_dir(PROJECT / room, [("**.py", "python")], keywords=KEYWORDS)
        for file, line, source, _comments, name in found:
            if not name or sources.setdefault(name, source) != source:
                raise ValueError(f"{room}/{file}:{line}: the name {name!r} is missing or stands for two sentences")
            gathered.add(source, locations=[(f"{room}/{file}", 0)], context=name)
    return gathered


def _extract() -> int:
    template = gather()
    _write(TEMPLATE, template)
    for language in LANGUAGES:
        if language != SOURCE_LANGUAGE:
            path = catalog_path(language)
            _write(path, merge(template, _read(path) if path.exists() else Catalog(), language))
    print(f"{len(template)} sentences are in the catalogs.")
    return 0


def merge(template: Catalog, old: Catalog, language: str) -> Catalog:
    """The template with the translations there were, found by name; where the source changed they are marked fuzzy."""
    translated = {message.context: message for message in old if message.id}
    merged = Catalog(locale=str(locale_of(language)))
    for message in template:
        if not message.id:
            continue
        known = translated.get(message.context)
        added = merged.add(message.id, locations=message.locations, context=message.context)
        if known is not None and isinstance(known.id, tuple) == isinstance(message.id, tuple):
            added.string = known.string
            if known.id != message.id or known.fuzzy:
                added.flags.add("fuzzy")
    return merged


def _check() -> int:
    found = list(_findings())
    for where, finding in found:
        print(f"{where}: {finding.name} {finding.problem}")
    blocking = sum(finding.blocks for _, finding in found)
    languages = ", ".join(LANGUAGES)
    print(f"{len(gather())} sentences in {languages}: {blocking} errors, {len(found) - blocking} warnings.")
    return 1 if blocking else 0


def _findings() -> Iterator[tuple[str, Finding]]:
    code, written = _sources(gather()), _sources(_read(TEMPLATE))
    for name in sorted(code.keys() | written.keys()):
        if code.get(name) != written.get(name):
            yield "messages.pot", Finding(name, "is not as in the code; run `khaibao words extract`")
    for language in LANGUAGES:
        if language == SOURCE_LANGUAGE:
            continue
        plural_forms = get_plural(str(locale_of(language))).num_plurals
        known = {message.context or "": message for message in _read(catalog_path(language)) if message.id}
        for name, source in sorted(code.items()):
            message = known.get(name)
            if message is None or _forms(message.id) != source or message.fuzzy:
                yield language, Finding(name, "needs work: it is missing, or its source changed")
            else:
                for finding in check_sentence(name, source, _forms(message.string), plural_forms):
                    yield language, finding


def _sources(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    return {message.context or "": _forms(message.id) for message in catalog if message.id}


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def _write(path: Path, catalog: Catalog) -> None:
    """Write a catalog with a header that names no day and no person: it changes only when a sentence does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    if catalog.locale:
        header = [f"Language: {catalog.locale}", f"Plural-Forms: {catalog.plural_forms}", *header]
    with path.open("wb") as file:
        file.write(b'# The sentences of Khaibao; Apache-2.0, as the program.\nmsgid ""\nmsgstr ""\n')
        file.writelines(f'"{line}\\n"\n'.encode() for line in header)
        file.write(b"\n")
        write_po(file, catalog, width=0, omit_header=True, include_lineno=False)
