"""Certificates: one that is used for two people is noticed, and what rests on a withdrawn one goes to a person."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fixtures.archiving import all_rows, home_with_keys, restored, save
from fixtures.certified import KID, reasons, show, showing, verdict
from fixtures.storing import MINUTE, NOON, count_of, hear, outcome, permit, work_of
from sqlalchemy import Connection, event, text

from bot.case import Case
from bot.certified import certified, reuse_keys
from handlers.reopening import reopen_all
from storage import certificates
from storage.archive import KEYS
from storage.audit import notes_of
from storage.certificates import Reopened, Withdrawn, reopen
from storage.flagged import SettleFlags, settle_flags
from storage.keys import Keyring, load_keys
from storage.memory import Memory, Sqlite
from storage.permits import permits_of
from storage.settling import settle

TWICE = ("certificate_used_twice",)
MINE, YOURS, THEIRS = "C01X00T47", "K7700021", "X1234567"
LATER = NOON + 90 * MINUTE


async def test_one_certificate_for_two_passports_flags_both(memory: Memory) -> None:
    one = await show(memory, "one", verdict("A"), MINE)
    assert await reasons(memory) == {}
    two = await show(memory, "two", verdict("A"), YOURS)
    await show(memory, "three", verdict("B"), THEIRS)
    assert await reasons(memory) == {one: TWICE, two: TWICE}


async def test_the_same_person_in_two_channels_is_no_reason(memory: Memory) -> None:
    await show(memory, "here", verdict("A"), MINE)
    await show(memory, "there", verdict("A"), f" {MINE[:3].lower()} {MINE[3:]}")
    assert await reasons(memory) == {}


async def test_another_form_of_the_same_number_is_another_certificate(memory: Memory) -> None:
    await show(memory, "one", verdict("A"), MINE)
    await show(memory, "two", verdict("A", format="vds-nc"), YOURS)
    await show(memory, "three", verdict("", identifier=""), YOURS)
    await show(memory, "four", verdict("", identifier=""), THEIRS)
    assert await reasons(memory) == {}
    assert await count_of(memory, "certificates") == 2


async def test_it_is_noticed_as_soon_as_the_passport_is_known(memory: Memory) -> None:
    one = await show(memory, "one", verdict("A"), MINE)
    two = await show(memory, "two", verdict("A"), None)
    assert await reasons(memory) == {}
    await show(memory, "two", verdict("A"), YOURS)
    assert await reasons(memory) == {one: TWICE, two: TWICE}


async def test_two_declarations_of_one_conversation_count_as_well(memory: Memory) -> None:
    case_id = await show(memory, "one", verdict("A"), MINE, permit=permit("VN-1"))
    await show(memory, "one", None, None, declaration=2)
    assert await count_of(memory, "certificates") == 1
    await show(memory, "one", verdict("A"), YOURS, declaration=2)
    assert await reasons(memory) == {case_id: TWICE}


@pytest.mark.parametrize("corrected", [(verdict("B"), YOURS), (verdict("A"), MINE), (None, YOURS), (None, None)])
async def test_a_correction_takes_the_flag_from_both(memory: Memory, corrected: tuple[Any, Any]) -> None:
    await show(memory, "one", verdict("A"), MINE, flags=("other",))
    two = await show(memory, "two", verdict("A"), YOURS)
    await show(memory, "two", *corrected)
    assert two not in await reasons(memory)
    assert list((await reasons(memory)).values()) == [("other",)]


async def test_of_three_one_correction_leaves_two(memory: Memory) -> None:
    one = await show(memory, "one", verdict("A"), MINE)
    two = await show(memory, "two", verdict("A"), YOURS)
    await show(memory, "three", verdict("A"), THEIRS)
    await show(memory, "three", verdict("C"), THEIRS)
    assert await reasons(memory) == {one: TWICE, two: TWICE}


async def test_turns_do_not_take_it_away_and_what_staff_settled_comes_back_only_with_another_showing(
    memory: Memory,
) -> None:
    one = await show(memory, "one", verdict("A"), MINE)
    two = await show(memory, "two", verdict("A"), YOURS)
    await show(memory, "two", verdict("A"), YOURS)
    assert (await reasons(memory))[two] == TWICE
    for case_id in (one, two):
        await memory.write(settle_flags, SettleFlags(case_id, frozenset(TWICE), "linh", LATER))
    # A better photo of the same certificate is no other showing, and somebody who comes and goes leaves nothing.
    await show(memory, "two", verdict("A", reason="expired"), YOURS)
    assert await reasons(memory) == {}
    three = await show(memory, "three", verdict("A"), THEIRS)
    assert await reasons(memory) == {one: TWICE, two: TWICE, three: TWICE}


async def test_many_at_once_are_all_noticed(memory: Memory, keys: Keyring, database_url: str) -> None:
    others = [Memory.open(database_url, keys) for _ in range(2)]
    try:
        shown = [show(each, f"{number} at once", verdict("A"), f"P{number}") for number, each in enumerate(others * 3)]
        cases = await asyncio.gather(*shown)
    finally:
        for each in others:
            await each.close()
    assert await reasons(memory) == dict.fromkeys(cases, TWICE)


async def test_where_no_certificate_is_concerned_nothing_is_asked(sqlite_url: str, keys: Keyring) -> None:
    asked: list[str] = []
    memory = Memory.open(sqlite_url, keys)
    assert isinstance(memory._database, Sqlite)

    @event.listens_for(memory._database._writer, "connect")
    def trace(connection: Any, _record: object) -> None:
        connection.set_trace_callback(asked.append)

    await show(memory, "one", None, MINE)
    plain = len(asked)
    assert plain
    assert not [statement for statement in asked if "certificates" in statement]
    await show(memory, "one", verdict("A"), MINE)
    assert [statement for statement in asked[plain:] if "certificates" in statement]
    seen = len(asked)
    await show(memory, "one", verdict("A"), MINE, question="another")
    assert not [statement for statement in asked[seen:] if "certificates" in statement]
    await memory.close()


async def test_no_more_is_kept_than_keyed_hashes(memory: Memory, keys: Keyring) -> None:
    await show(memory, "one", verdict("A"), MINE)

    def read(connection: Connection, _keys: Keyring) -> Any:
        return connection.execute(text("SELECT * FROM certificates")).mappings().one()

    row = await memory.read(read)
    assert bytes(row["certificate_index"]) == keys.blind("certificates.certificate", "hcert:uvci:XX:A")
    assert bytes(row["holder_index"]) == keys.blind("permits.passport", MINE)
    assert "uvci" not in str(row)
    assert MINE not in str(row)


def test_an_answer_that_nobody_can_read_shows_nothing() -> None:
    case = showing(Case("en"), verdict("A"), MINE)
    kept = case.answers["certificate"]
    for spoilt in ({**kept, "verdict": {"outcome": "?"}}, {**kept, "verdict": {}}, "text", None, []):
        assert certified(replace(case, answers={"certificate": spoilt})) is None


def test_a_key_is_named_as_withdrawals_name_it() -> None:
    for shown, kid in (
        (verdict("A"), KID),
        (verdict("A", format="shc", kid="3Kfdg-XwP-7gXyyw"), "M0tmZGctWHdQLTdnWHl5dw=="),
        # Nobody's check rested on the key that an unconfirmed certificate names.
        (verdict("A", outcome="unverified", reason="signature_wrong"), ""),
    ):
        found = certified(showing(Case("en"), shown, MINE))
        assert found is not None
        assert found.kid == kid


# ---- withdrawing


async def test_what_rests_on_a_withdrawn_key_is_reopened_once_and_its_permit_stays(memory: Memory) -> None:
    issued = permit("VN-1")
    done = await show(memory, "done", verdict("A"), MINE, permit=issued)
    draft = await show(memory, "draft", verdict("B"), YOURS)
    await show(memory, "other key", verdict("C", kid="//////////8="), THEIRS)
    await show(memory, "unconfirmed", verdict("D", outcome="unverified", reason="issuer_unknown"), "P4")
    before = await memory.read(permits_of, done)
    assert await reopen_all(memory, "staff:linh", LATER, keys=[KID, "AAAA"]) == Reopened(1, 1)
    assert await reasons(memory) == {done: ("key_withdrawn",), draft: ("key_withdrawn",)}
    assert await memory.read(permits_of, done) == before == [issued]
    [note] = await memory.read(notes_of, done)
    assert (note.actor, note.action, note.note, note.at) == ("staff:linh", "reopened", "key_withdrawn", LATER)
    # No turn takes it away; staff do, and then it does not come back.
    await show(memory, "done", verdict("A"), MINE)
    assert done in await reasons(memory)
    await memory.write(settle_flags, SettleFlags(done, frozenset({"key_withdrawn"}), "staff:linh", LATER))
    assert not await reopen_all(memory, "bot", LATER, keys=[KID])
    assert await reasons(memory) == {draft: ("key_withdrawn",)}


@pytest.mark.parametrize("form", ["hcert", "shc", "nzcp", "vds-nc", "divoc", "israel", "who-ddcc"])
async def test_what_rests_on_a_withdrawn_certificate_is_reopened(memory: Memory, form: str) -> None:
    done = await show(memory, "done", verdict("A", format=form), MINE, permit=permit("VN-1"))
    await show(memory, "other", verdict("B", format=form), YOURS, permit=permit("VN-2"))
    names = reuse_keys("uvci:XX:A")
    assert await reopen_all(memory, "staff:linh", LATER, certificates=names) == Reopened(1, 0)
    assert await reasons(memory) == {done: ("certificate_withdrawn",)}
    assert not await reopen_all(memory, "staff:linh", LATER, certificates=names)


async def test_a_declaration_that_shows_another_certificate_by_now_is_left_alone(memory: Memory) -> None:
    await show(memory, "one", verdict("A"), MINE)
    await show(memory, "one", verdict("B", kid="//////////8="), MINE)
    assert not await reopen_all(memory, "bot", LATER, keys=[KID], certificates=reuse_keys("uvci:XX:A"))
    case_id = await show(memory, "one", verdict("A"), MINE)
    assert await reopen_all(memory, "bot", LATER, keys=[KID]) == Reopened(0, 1)
    # With another certificate the declaration rests on another key, which may be withdrawn too.
    await show(memory, "one", verdict("B", kid="//////////8="), MINE)
    assert await reopen_all(memory, "bot", LATER, keys=["//////////8="]) == Reopened(0, 1)
    assert len(await memory.read(notes_of, case_id)) == 2


async def test_a_country_s_key_is_gone_through_in_pieces(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = await asyncio.gather(*(hear(memory, str(number), address=f"n{number}") for number in range(450)))
    works = [await work_of(memory, each.case_id) for each in taken]
    cases = [showing(work.case, verdict(str(number)), f"P{number}") for number, work in enumerate(works)]
    await asyncio.gather(
        *(memory.write(settle, outcome(work, case=case)) for work, case in zip(works, cases, strict=True))
    )
    first = await memory.write(reopen, Withdrawn((KID,), (), "bot", LATER))
    assert first == Reopened(0, certificates.AT_ONCE)
    many = [KID, *(f"K{number}" for number in range(certificates.WANTED_AT_ONCE * 2))]
    assert await reopen_all(memory, "bot", LATER, keys=many) == Reopened(0, 450 - certificates.AT_ONCE)
    assert len(await reasons(memory)) == 450


async def test_a_restored_home_knows_certificates_again(sqlite_url: str, tmp_path: Path) -> None:
    home = home_with_keys(tmp_path)
    memory = Memory.open(sqlite_url, load_keys(home / KEYS))
    one = await show(memory, "one", verdict("A"), MINE)
    rows = await memory.read(all_rows)
    await memory.close()
    made = await save(sqlite_url, home, tmp_path / "saved.tar")
    url = f"sqlite:///{tmp_path / 'again' / 'khaibao.db'}"
    await restored(made.path, url, tmp_path / "again")
    memory = Memory.open(url, load_keys(tmp_path / "again" / KEYS))
    try:
        assert (await memory.read(all_rows))["certificates"] == rows["certificates"]
        two = await show(memory, "two", verdict("A"), YOURS)
        assert await reasons(memory) == {one: TWICE, two: TWICE}
    finally:
        await memory.close()
