"""What staff see and do."""

import pytest
from fixtures.storing import ASK, MINUTE, NOON, converse, hear, letters_of, outcome, work_of

from bot.case import Case
from bot.declaration.proof import Proof, ProofKind
from bot.documents.paper import Paper, PaperField, PaperLine
from bot.messages import GivenBack, Said
from handlers.staff_commands import show_paper
from storage.audit import notes_of
from storage.cases import case_of
from storage.flagged import (
    FlaggedCase,
    GiveBack,
    SettleFlags,
    StaffAnswer,
    answer,
    flagged,
    give_back,
    paper_of,
    settle_flags,
)
from storage.memory import Memory
from storage.settling import settle
from storage.transcript import entries

LATER = NOON + 5 * MINUTE


async def test_flagged_cases_come_longest_wait_first(memory: Memory) -> None:
    work = await converse(memory, "1", flags=("health", "adult"))
    other = await work_of(memory, (await hear(memory, "2", address="4712", language="vi")).case_id)
    assert await memory.write(settle, outcome(other, flags=("x",), at=NOON))
    assert await memory.read(flagged) == [
        FlaggedCase(other.case_id, ("x",), NOON, "vi", False, "telegram", "passport"),
        FlaggedCase(work.case_id, ("adult", "health"), NOON + MINUTE, "en", False, "telegram", "passport"),
    ]


async def test_an_answer_of_staff_goes_the_way_of_all_letters(memory: Memory) -> None:
    work = await converse(memory, "1", Said((ASK(),)))
    assert await memory.write(answer, StaffAnswer(work.case_id, "Please come in.", "linh", LATER))
    bot, staff = await letters_of(memory, work.case_id)
    assert (staff.said, staff.text, staff.address) == (None, "Please come in.", "4711")
    assert bot.row < staff.row
    entry = (await memory.read(entries, work.case_id))[-1]
    assert (entry.direction, entry.text, entry.state) == ("staff", "Please come in.", "unsent")
    [note] = await memory.read(notes_of, work.case_id)
    assert (note.actor, note.action, note.at) == ("linh", "answered", LATER)


async def test_staff_cannot_answer_a_case_that_is_not_there(memory: Memory) -> None:
    assert not await memory.write(answer, StaffAnswer("nobody", "?", "linh", LATER))
    assert not await memory.write(give_back, GiveBack("nobody", "linh", LATER))
    assert not await memory.write(settle_flags, SettleFlags("nobody", frozenset({"x"}), "linh", LATER))


async def test_the_bot_hears_that_it_has_the_conversation_again(memory: Memory) -> None:
    work = await converse(memory, "1")
    assert await memory.write(give_back, GiveBack(work.case_id, "linh", LATER))
    assert await memory.write(give_back, GiveBack(work.case_id, "linh", LATER))
    assert (await work_of(memory, work.case_id)).message == GivenBack()
    assert [note.action for note in await memory.read(notes_of, work.case_id)] == ["gave_back", "gave_back"]


async def test_settled_reasons_leave_the_list_and_a_turn_being_taken_is_taken_again(memory: Memory) -> None:
    await converse(memory, "1", flags=("health", "adult"))
    work = await work_of(memory, (await hear(memory, "2")).case_id)
    assert await memory.write(settle_flags, SettleFlags(work.case_id, frozenset({"health"}), "linh", LATER))
    [case] = await memory.read(flagged)
    assert case.flags == ("adult",)
    known = await memory.read(case_of, "telegram", "4711")
    assert known is not None
    assert known.case.settled == {"health"}
    assert not await memory.write(settle, outcome(work))
    assert await memory.write(settle_flags, SettleFlags(work.case_id, frozenset({"adult"}), "linh", LATER))
    assert await memory.read(flagged) == []
    notes = await memory.read(notes_of, work.case_id)
    assert [(note.action, note.note) for note in notes] == [("settled", "health"), ("settled", "adult")]


CARD = Paper(
    800,
    600,
    (PaperLine("Vaccine: Stamaril", (10, 20, 300, 24), 0.98), PaperLine("Lot A123", (10, 60, 120, 24), 0.9)),
    (PaperField("product", "Stamaril", 0, (10, 20, 300, 24)), PaperField("batch", "A123", 1, (10, 60, 120, 24))),
)


async def test_the_paper_card_of_a_case_is_shown_and_the_look_is_written_down(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = ProofKind().keep(Proof("unreadable", "photo", paper=CARD))
    work = await converse(
        memory, "1", flags=("certificate_unreadable",), case=Case("en", answers={"certificate": proof})
    )
    assert await memory.read(paper_of, work.case_id) == CARD
    assert await show_paper(memory, work.case_id, "staff:linh") == 0
    told = capsys.readouterr().out
    assert "1  Vaccine: Stamaril  [product: Stamaril]" in told
    assert "2  Lot A123  [batch: A123]" in told
    assert [(note.actor, note.action) for note in await memory.read(notes_of, work.case_id)] == [
        ("staff:linh", "paper_viewed")
    ]


async def test_a_case_without_a_card_says_so_and_nothing_is_written_down(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    work = await converse(memory, "1")
    for case_id in (work.case_id, "nobody"):
        assert await show_paper(memory, case_id, "staff:linh") != 0
    assert "No paper card was read" in capsys.readouterr().out
    assert await memory.read(notes_of, work.case_id) == []
