"""Cases that staff should look at, and what staff do about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.declaration.proof import Proof, ProofKind
from bot.documents.paper import Paper
from bot.messages import GivenBack, keep_incoming
from storage.audit import Note, write_down
from storage.cases import case_by_id, joined, parted, seal_case
from storage.flags import flagged_since, stand
from storage.keys import Keyring
from storage.statements import next_rows
from storage.tables import cases, is_flagged, transcript
from storage.transcript import new_row


@dataclass(frozen=True, slots=True)
class FlaggedCase:
    """A case with reasons to look at it: since when, where its traveller wrote last, what is asked now."""

    case_id: str
    flags: tuple[str, ...]
    since: datetime | None
    language: str
    with_person: bool
    channel: str | None
    question: str | None


@dataclass(frozen=True, slots=True)
class StaffAnswer:
    """What a person of the staff writes to a traveller."""

    case_id: str
    text: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GiveBack:
    """A person of the staff gives a conversation back to the bot."""

    case_id: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SettleFlags:
    """A person of the staff has looked into these reasons: they flag this declaration no more."""

    case_id: str
    reasons: frozenset[str]
    actor: str
    at: datetime


_heard = transcript.alias("heard")
_latest_channel = (
    select(_heard.c.channel)
    .where(_heard.c.case_id == cases.c.id, _heard.c.direction == "heard")
    .order_by(_heard.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
FLAGGED = (
    select(
        cases.c.id,
        cases.c.flags,
        cases.c.flagged_at,
        cases.c.language,
        cases.c.with_person,
        cases.c.question,
        _latest_channel.label("channel"),
    )
    .where(is_flagged)
    .order_by(cases.c.flagged_at, cases.c.id)
)
CHANNEL = select(_latest_channel).select_from(cases).where(cases.c.id == bindparam("case_wanted"))
RESOLVE = (
    update(cases)
    .where(cases.c.id == bindparam("case_wanted"))
    .values(
        version=cases.c.version + 1,
        state=bindparam("new_state"),
        flags=bindparam("new_flags"),
        flagged_at=flagged_since,
        updated_at=bindparam("at"),
    )
)


def flagged(connection: Connection, _keys: Keyring) -> list[FlaggedCase]:
    """The cases that staff should look at, the one that waits longest first."""
    return [
        FlaggedCase(
            case_id=row.id,
            flags=tuple(row.flags.split()),
            since=row.flagged_at,
            language=row.language,
            with_person=row.with_person,
            channel=row.channel,
            question=row.question,
        )
        for row in connection.execute(FLAGGED)
    ]


def paper_of(connection: Connection, keys: Keyring, case_id: str) -> Paper | None:
    """What could be read of the paper card that a case shows; None where it shows none, or there is no such case."""
    known = case_by_id(connection, keys, case_id)
    kept = known.case.answers.get("certificate") if known else None
    try:
        proof: Proof | None = ProofKind().recall(kept) if kept else None
    except (ValueError, KeyError, TypeError):
        # An answer of another version counts as none, here as in the declaration.
        return None
    return proof.paper if proof else None


def answer(connection: Connection, keys: Keyring, answers: Sequence[StaffAnswer]) -> list[bool]:
    """Send words of the staff to where the traveller wrote last; False where nobody ever wrote."""
    done = []
    for each in answers:
        channel = connection.scalar(CHANNEL, {"case_wanted": each.case_id})
        done.append(channel is not None)
        if channel is not None:
            number = next_rows(connection, 1)[0]
            row = new_row(keys, number, each.case_id, channel, "staff", {"text": each.text}, each.at)
            connection.execute(insert(transcript), row)
            write_down(connection, keys, [Note(each.at, each.actor, "answered", each.case_id)])
    return done


def give_back(connection: Connection, keys: Keyring, given: Sequence[GiveBack]) -> list[bool]:
    """Let the bot hear that it has the conversation again; False where nobody ever wrote."""
    done = []
    for each in given:
        channel = connection.scalar(CHANNEL, {"case_wanted": each.case_id})
        done.append(channel is not None)
        if channel is not None:
            number = next_rows(connection, 1)[0]
            row = new_row(keys, number, each.case_id, channel, "heard", keep_incoming(GivenBack()), each.at)
            # No platform makes ids like this one, so that it is never taken for a repeated update.
            row["external_id"] = f"given-back:{uuid4().hex}"
            connection.execute(insert(transcript), row)
            write_down(connection, keys, [Note(each.at, each.actor, "gave_back", each.case_id)])
    return done


def settle_flags(connection: Connection, keys: Keyring, settled: Sequence[SettleFlags]) -> list[bool]:
    """Take reasons off cases; a turn being taken now is taken again. False where there is no such case."""
    # All are locked first and in order, so that two processes do not wait for each other in a circle.
    stand(connection, {each.case_id for each in settled})
    return [settle_one(connection, keys, each) for each in settled]


def settle_one(connection: Connection, keys: Keyring, settled: SettleFlags) -> bool:
    """Take reasons off one case, which is locked."""
    known = case_by_id(connection, keys, settled.case_id)
    if known is None:
        return False
    standing = stand(connection, [settled.case_id])[settled.case_id]
    flags = joined(parted(standing.flags) - settled.reasons)
    case = replace(known.case, settled=known.case.settled | settled.reasons)
    change = {
        "case_wanted": settled.case_id,
        "new_state": seal_case(keys, settled.case_id, case),
        "new_flags": flags,
        "flagged_now": settled.at,
        "at": settled.at,
    }
    connection.execute(RESOLVE, change)
    note = Note(settled.at, settled.actor, "settled", settled.case_id, joined(settled.reasons))
    write_down(connection, keys, [note])
    return True
