"""Settling: what came of a turn is written down at once or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, insert, select, update

from bot.case import Case
from bot.certified import rests_anew
from bot.messages import Said, Strange, keep_incoming, keep_said
from bot.permit.permit import Permit
from storage.audit import Note, write_down
from storage.cases import joined, parted, seal_case
from storage.certificates import Shown, record_certificates
from storage.flags import OF_THE_MEMORY, TURN_FAILED, Standing, add_flags, flagged_since, stand
from storage.keys import Keyring
from storage.letters import Letter
from storage.permits import record_permits
from storage.statements import Swift, next_rows, padded
from storage.tables import Time, cases, is_unsent, is_waiting, transcript
from storage.transcript import content_place, new_row
from storage.turns import Work

# A turn that fails this often is parked for a person, and the traveller's next message gets its turn.
TURN_ATTEMPTS = 3

# Who the audit names when nobody of the staff did it.
BOT = "bot"


@dataclass(frozen=True, slots=True)
class Settled:
    """Whether an outcome was written down, and its letters where nothing unsent stands before them.

    Where something does, `carrier` is the process that was given the letters of this case last.
    """

    kept: bool
    letters: tuple[Letter, ...] | None = None
    carrier: str | None = None

    def __bool__(self) -> bool:
        return self.kept


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a turn that was taken for this work.

    With `forget` nothing that was heard in this case before is kept, only that something was. `carrier` is the process
    that is to carry the letters, if no others are on their way.
    """

    work: Work
    case: Case
    question: str | None
    flags: tuple[str, ...]
    said: tuple[Said, ...]
    permit: Permit | None
    at: datetime
    audit: tuple[str, ...] = ()
    forget: bool = False
    carrier: str | None = None

    @property
    def case_id(self) -> str:
        """The case's id."""
        return self.work.case_id

    @property
    def row(self) -> int:
        """The heard row that the turn was for."""
        return self.work.row


@dataclass(frozen=True, slots=True)
class Trip:
    """A turn that failed, and the short name of what failed it."""

    row: int
    error: str
    at: datetime


MOVE = Swift(
    update(cases)
    .where(cases.c.id == bindparam("case_id"))
    .values(
        version=cases.c.version + 1,
        state=bindparam("new_state"),
        language=bindparam("new_language"),
        question=bindparam("new_question"),
        declaration=bindparam("new_declaration"),
        with_person=bindparam("new_with_person"),
        flags=bindparam("new_flags"),
        flagged_at=flagged_since,
        updated_at=bindparam("at"),
        carried_by=bindparam("new_carrier"),
    )
)
DONE = Swift(
    update(transcript).where(transcript.c.id == bindparam("row")).values(state="done", settled_at=bindparam("done_at"))
)
SAY = Swift(insert(transcript))
BEHIND = Swift(
    select(transcript.c.case_id)
    .where(transcript.c.case_id.in_(bindparam("case_ids", expanding=True)), is_unsent)
    .group_by(transcript.c.case_id)
)
TRIPPED = (
    update(transcript)
    .where(transcript.c.id == bindparam("row"), is_waiting)
    .values(
        attempts=transcript.c.attempts + 1,
        trouble=bindparam("error"),
        state=case((transcript.c.attempts + 1 >= TURN_ATTEMPTS, "parked"), else_="waiting"),
        settled_at=case((transcript.c.attempts + 1 >= TURN_ATTEMPTS, bindparam("tripped_at", type_=Time)), else_=None),
    )
)
PARKED = select(transcript.c.id, transcript.c.case_id).where(
    transcript.c.id.in_(bindparam("rows", expanding=True)), transcript.c.state == "parked"
)
HEARD = select(transcript.c.id).where(
    transcript.c.case_id == bindparam("of_case"), transcript.c.direction == "heard", transcript.c.id < bindparam("this")
)
FORGET = update(transcript).where(transcript.c.id == bindparam("row")).values(content=bindparam("nothing"))


def settle(connection: Connection, keys: Keyring, outcomes: Sequence[Outcome]) -> list[Settled]:
    """Write down what came of each turn; not kept, and nothing written, where the case moved in the meantime."""
    standing = stand(connection, {outcome.case_id for outcome in outcomes})
    chosen: dict[str, Outcome] = {}
    letters: dict[str, list[Letter]] = {}
    for outcome in outcomes:
        row = standing.get(outcome.case_id)
        # A second outcome of one case was thought of before the first was written.
        if row is not None and row.version == outcome.work.version and outcome.case_id not in chosen:
            chosen[outcome.case_id] = outcome
    if chosen:
        kept = list(chosen.values())
        # Looked for while the cases are locked: no other turn can add a letter between this and COMMIT.
        behind = have_unsent(connection, kept)
        MOVE.run(connection, [moved(keys, each, standing[each.case_id], behind) for each in kept])
        DONE.run(connection, [{"row": outcome.row, "done_at": outcome.at} for outcome in kept])
        for outcome in kept:
            if outcome.forget:
                forget(connection, keys, outcome)
        letters = say(connection, keys, kept, behind)
        record_permits(connection, keys, [(each.case_id, each.permit) for each in kept if each.permit])
        shown = [Shown(each.case_id, each.case, each.at) for each in kept if rests_anew(each.work.case, each.case)]
        if shown:
            record_certificates(connection, keys, shown)
        write_down(
            connection, keys, [Note(each.at, BOT, action, each.case_id) for each in kept for action in each.audit]
        )
    return [
        settled_as(each, letters.get(each.case_id), standing[each.case_id])
        if chosen.get(each.case_id) is each
        else Settled(False)
        for each in outcomes
    ]


def settled_as(outcome: Outcome, letters: Sequence[Letter] | None, standing: Standing) -> Settled:
    """What the one who settled this must know: the letters if they are its own to carry, else who carries them."""
    if letters is None:
        return Settled(True, None, standing.carrier)
    return Settled(True, tuple(letters), outcome.carrier)


def have_unsent(connection: Connection, outcomes: Sequence[Outcome]) -> set[str]:
    """Which of the cases in which something was said now have letters that are not sent yet."""
    speaking = sorted({each.case_id for each in outcomes if each.said})
    return {case_id for (case_id,) in BEHIND.find(connection, "case_ids", speaking)} if speaking else set()


def forget(connection: Connection, keys: Keyring, outcome: Outcome) -> None:
    """Put an empty message in the place of every one that was heard in this case before."""
    nothing, case_id = keep_incoming(Strange("forgotten")), outcome.case_id
    rows = list(connection.scalars(HEARD, {"of_case": case_id, "this": outcome.row}))
    if rows:
        sealed = [{"row": row, "nothing": keys.seal_json(content_place(case_id, row), nothing)} for row in rows]
        connection.execute(FORGET, sealed)


def moved(keys: Keyring, outcome: Outcome, standing: Standing, behind: set[str]) -> dict[str, Any]:
    """The case of an outcome as it is to stand now; letters on their way stay with whoever carries them."""
    waits = outcome.case_id in behind or not outcome.said
    flags = joined({*outcome.flags, *(OF_THE_MEMORY & parted(standing.flags))})
    return {
        "case_id": outcome.case_id,
        "new_state": seal_case(keys, outcome.case_id, outcome.case),
        "new_language": outcome.case.language,
        "new_question": outcome.question,
        "new_declaration": outcome.case.declaration,
        "new_with_person": outcome.case.with_person,
        "new_flags": flags,
        "flagged_now": outcome.at,
        "at": outcome.at,
        "new_carrier": standing.carrier if waits else outcome.carrier,
    }


def say(
    connection: Connection, keys: Keyring, outcomes: Sequence[Outcome], behind: set[str]
) -> dict[str, list[Letter]]:
    """Put what was said into the transcript, unsent; the letters of each case that has nothing else unsent."""
    spoken = [(outcome, said) for outcome in outcomes for said in outcome.said]
    if not spoken:
        return {}
    numbers = next_rows(connection, len(spoken))
    rows = [
        new_row(keys, number, outcome.case_id, outcome.work.channel, "said", keep_said(said), outcome.at)
        | {"replies_to": outcome.row}
        for number, (outcome, said) in zip(numbers, spoken, strict=True)
    ]
    SAY.run(connection, rows)
    letters: dict[str, list[Letter]] = {}
    for number, (outcome, said) in zip(numbers, spoken, strict=True):
        if outcome.case_id not in behind:
            letters.setdefault(outcome.case_id, []).append(letter_of(number, outcome, said))
    return letters


def letter_of(row: int, outcome: Outcome, said: Said) -> Letter:
    """What was said, as it is to be sent."""
    work, language = outcome.work, outcome.case.language
    return Letter(
        row,
        work.case_id,
        work.channel,
        work.address,
        language,
        said,
        None,
        0,
        work.external_id,
        carrier=outcome.carrier,
    )


def trip(connection: Connection, _keys: Keyring, trips: Sequence[Trip]) -> list[bool]:
    """Count each failed turn; True where it was the last attempt: the message is parked and its case flagged."""
    connection.execute(TRIPPED, [{"row": each.row, "error": each.error, "tripped_at": each.at} for each in trips])
    rows = connection.execute(PARKED, {"rows": padded([each.row for each in trips])})
    parked = {row.id: row.case_id for row in rows}
    if parked:
        times = {parked[each.row]: each.at for each in trips if each.row in parked}
        add_flags(connection, {case_id: {TURN_FAILED} for case_id in times}, times)
    return [each.row in parked for each in trips]
