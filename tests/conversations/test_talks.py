"""Talks from the opening to the end, over every channel, with the same sentences on each."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fixtures.house import OpenHouse
from fixtures.webphone import lines_of
from holding import Held, hold
from talk import Talk, read_talk
from telephones import CHANNELS

from bot.words.catalog import load_words
from bot.words.text import recall
from handlers.service import LOCALES
from storage.permits import permits_of

TALKS = [read_talk(path) for path in sorted(Path(__file__).parent.glob("*.txt"))]
WORDS = load_words(LOCALES)
# The house is opened once, so that all that happens in it happens in the one loop of the session.
pytestmark = pytest.mark.asyncio(loop_scope="session")
each_talk = pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk.path.stem)

Hold = Callable[[Talk, str], Coroutine[Any, Any, Held]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def held(open_house_on_loopback: OpenHouse) -> Hold:
    """Holds a talk over a channel, each once only, however many tests ask."""
    talks: dict[tuple[Path, str], asyncio.Task[Held]] = {}

    async def once(talk: Talk, channel: str) -> Held:
        key = talk.path, channel
        if key not in talks:
            talks[key] = asyncio.create_task(hold(talk, channel, open_house_on_loopback))
        return await talks[key]

    return once


@pytest.mark.parametrize("channel", CHANNELS)
@each_talk
async def test_the_talk_goes_as_it_is_written(talk: Talk, channel: str, held: Hold) -> None:
    assert (await held(talk, channel)).said


@each_talk
async def test_every_channel_says_the_same_sentences(talk: Talk, held: Hold) -> None:
    first, *others = [(await held(talk, channel)).said for channel in CHANNELS]
    assert all(said == first for said in others)


def row_in_words(row: dict[str, Any], language: str) -> str:
    return ": ".join(WORDS.say(recall(row[part]), language) for part in ("label", "value"))


@pytest.mark.parametrize("channel", CHANNELS)
@each_talk
async def test_the_database_holds_the_permits_that_were_told(
    talk: Talk, channel: str, held: Hold, open_house_on_loopback: OpenHouse
) -> None:
    memory = open_house_on_loopback.house.memory
    was = await held(talk, channel)
    stored = await memory.read(permits_of, was.case_id)
    assert [permit.reference for permit in stored] == [told.reference for told in was.permits]
    for permit, told in zip(stored, was.permits, strict=True):
        shown = {row["question"]: row_in_words(row, permit.snapshot["language"]) for row in permit.snapshot["summary"]}
        assert lines_of("\n".join(shown.values())) == told.rows
        assert shown["passport_number"].endswith(f": {permit.passport_number}")
        assert [verdict["outcome"] for verdict in permit.snapshot["verdicts"]] == talk.verdicts
        assert permit.snapshot["conditions"]["doubts"] == talk.doubts


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("> (open)\n< Hello! I sell cars.", "I sell cars."),
        ("> (open)", "Do you agree, and shall we begin?"),
        ("> (open)\n< (nothing)", "Do you agree, and shall we begin?"),
    ],
)
@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_talk_that_goes_another_way_is_told(
    written: str, told: str, channel: str, tmp_path: Path, open_house_on_loopback: OpenHouse
) -> None:
    path = tmp_path / "another_way.txt"
    path.write_text(f"# Another way\n{written}\n")
    with pytest.raises(AssertionError, match=re.escape(told)):
        await hold(read_talk(path), channel, open_house_on_loopback)
