"""Clocks that step and days that are odd: letters go out, talks go on, and their order is that of the rows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from crowd import Town, Walker, open_town, rows_of

from bot.messages import Typed
from handlers import courier
from handlers.service import now
from storage.transcript import Arrival, take_in

HOUR = timedelta(hours=1)
# Moments around which clocks, calendars or computations with them trip.
MOMENTS = (
    "2026-10-25T00:59:58+00:00",  # summer time ends in Europe
    "2027-03-28T00:59:58+00:00",  # summer time begins in Europe
    "2026-11-01T05:59:58+00:00",  # summer time ends in America
    "2028-02-28T16:59:58+00:00",  # the leap day begins in Vietnam
    "2028-02-29T16:59:58+00:00",  # and ends
    "2026-12-31T16:59:58+00:00",  # a year begins in Vietnam
    "2026-12-31T23:59:58+00:00",  # and in UTC
)


class SteppingClock:
    """A clock that goes on, and steps when it is told to."""

    def __init__(self, begin: datetime | None = None) -> None:
        self.ahead = begin - now() if begin else timedelta(0)

    def __call__(self) -> datetime:
        return now() + self.ahead


@pytest.fixture(params=["America/New_York", "Pacific/Kiritimati"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The machine's own zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


async def in_order(town: Town, walker: Walker) -> bool:
    """Whether the screen shows the answers in the order of the rows, whatever their times."""
    rows, _ = await town.house.memory.read(rows_of, str(walker.phone.chat_id))
    told = [row.platform_id for row in rows if row.direction == "said"]
    heard = [row.external_id for row in rows if row.direction == "heard"]
    return heard == walker.taken and told == [str(shown.id) for shown in walker.phone.screen]


async def test_a_clock_that_steps_an_hour_either_way_changes_no_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = SteppingClock()
    async with open_town(tmp_path / "home", clock=clock) as town:
        walkers = [town.walker(7001 + number) for number in range(10)]
        walking = asyncio.gather(*(walker.declare(0.03) for walker in walkers))
        steps = 0
        while not walking.done():
            clock.ahead += (-HOUR, 2 * HOUR, -HOUR)[steps % 3]
            steps += 1
            await asyncio.sleep(0.05)
        await walking
        await town.quiet()
        tally = await town.tally(walkers)
        rows, _ = await town.house.memory.read(rows_of, "7001")
        assert [row.at for row in rows] != sorted(row.at for row in rows)
        assert all([await in_order(town, walker) for walker in walkers])
    assert tally.sound
    assert tally.permits == len(walkers)
    with capsys.disabled():
        print(f"\nclock: {steps} steps of an hour, {tally}")


@pytest.mark.parametrize(
    "step",
    [
        HOUR,
        -HOUR,
    ],
    ids=["forwards", "backwards"],
)
async def test_a_letter_that_was_put_off_goes_out_although_the_clock_steps(
    step: timedelta, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "FIRST_REST", 0.3)
    clock = SteppingClock()
    async with open_town(tmp_path / "home", clock=clock) as town:
        walker = town.walker(7001)
        town.stand_in.upset(status=500, method="sendMessage")
        await walker.say("/start")
        await asyncio.sleep(0.15)
        clock.ahead += step
        await walker.phone.reply(1.5)
        await town.quiet()
        assert (await town.tally([walker])).sound


async def test_a_message_that_a_crash_left_is_answered_although_the_clock_steps_backwards(tmp_path: Path) -> None:
    clock = SteppingClock()
    async with open_town(tmp_path / "home", clock=clock) as town:
        walker = town.walker(7001)
        await walker.walk(["/start"])
        # Written and not called for, as by a process that was killed at this moment.
        left = Arrival("telegram", "left", "7001", Typed("/help"), clock(), "en")
        await town.house.memory.write(take_in, left)
        clock.ahead -= HOUR
        await walker.phone.reply(3.5)


async def test_on_odd_days_a_declaration_is_made_as_on_others(
    zone: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The day changes two seconds after the talk began; the permit is issued all the same."""
    clock = SteppingClock()
    async with open_town(tmp_path / "home", clock=clock) as town:
        walkers = []
        for number, moment in enumerate(MOMENTS):
            clock.ahead = datetime.fromisoformat(moment) - now()
            walker = town.walker(7001 + number)
            says = walker.says(town.clock())
            await walker.walk(says[:12])
            clock.ahead += timedelta(seconds=3)
            await walker.walk(says[12:])
            walkers.append(walker)
        await town.quiet()
        tally = await town.tally(walkers)
        assert all([await in_order(town, walker) for walker in walkers])
    assert tally.sound
    assert tally.permits == len(MOMENTS)
    with capsys.disabled():
        print(f"\nodd days in {zone}: {tally}")


async def test_who_was_born_on_a_leap_day_declares_an_arrival_on_one(tmp_path: Path) -> None:
    clock = SteppingClock(datetime(2028, 2, 27, 20, tzinfo=UTC))
    leap = {"born": date(2004, 2, 29), "issued": date(2024, 2, 29), "expires": date(2034, 2, 28)}
    async with open_town(tmp_path / "home", clock=clock) as town:
        walker = town.walker(7001)
        says = walker.says(town.clock())
        texts = [said.get("text") for said in says]
        arrival, departure = 4, 7
        says[arrival], says[departure] = {"text": "2028-02-29"}, {"text": "2028-03-10"}
        for text, day in (
            ("1990-05-14", leap["born"]),
            ("2024-03-02", leap["issued"]),
            ("2034-03-01", leap["expires"]),
        ):
            says[texts.index(text)] = {"text": day.isoformat()}
        await walker.walk(says)
        await town.quiet()
        tally = await town.tally([walker])
    assert tally.sound
    assert tally.permits == 1
