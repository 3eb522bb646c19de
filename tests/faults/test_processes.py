"""Several processes on one PostgreSQL: any takes any update, none doubles what another does, and one may be killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest
from crowd import SECRET, Town, Walker, open_town, tally_of, undone
from fixtures.killing import Service, free_port
from fixtures.storing import ASK, count_of, execute, hear, outcome, work_of
from fixtures.telegram_stand_in import Phone, TelegramStandIn
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot.certificates.specimens import folder
from bot.messages import Said
from handlers.channels.telegram import WEBHOOK_PATH
from handlers.life import Role
from handlers.service import now, open_house
from handlers.serving import WHOLE, NeedsPostgres, Part, serve
from handlers.settings import Settings
from handlers.supervisor import DoesNotLive, supervise
from storage.keys import load_keys
from storage.memory import Memory
from storage.notices import Silence
from storage.processes import Process, begin
from storage.settling import settle

SEED = 20261125
PATIENCE_SECONDS = 60.0
GOOD = (folder() / "good.png").read_bytes()


@asynccontextmanager
async def two_towns(home: Path, url: str, *roles: Role, **more: Any) -> AsyncIterator[tuple[Town, Town]]:
    """Two houses on one database and one home, with the same platform."""
    first_role, second_role = roles or (Role.ALL, Role.ALL)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(open_town(home, url, role=first_role, **more))
        second = await stack.enter_async_context(open_town(home, url, api=first.stand_in.url, role=second_role, **more))
        for town in (first, second):
            await town.house.life.renew()
        yield first, second


async def until(what: Callable[[], Any]) -> None:
    """Wait until this is so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not what():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


class Wanderer(Walker):
    """A traveller whose every message is taken by another process."""

    def __init__(self, towns: tuple[Town, ...], chat_id: int, chance: Random) -> None:
        super().__init__(Phone(towns[0].stand_in, chat_id), towns[0])
        self._towns, self._chance = towns, chance

    async def say(self, said: str | dict[str, Any]) -> None:
        """Say something to whichever process comes first."""
        self.town = self._chance.choice(self._towns)
        await super().say(said)


@pytest.mark.parametrize("told", [True, False])
async def test_any_process_takes_any_update_and_each_is_answered_once(
    told: bool, tmp_path: Path, postgres_url: str
) -> None:
    more = {} if told else {"notices": Silence()}
    async with two_towns(tmp_path / "home", postgres_url, **more) as towns:
        walkers = [Wanderer(towns, 6001 + number, Random(f"{SEED}/{number}")) for number in range(4)]
        says = [walker.says(now()) for walker in walkers]
        # What nobody is told of is found by looking, which takes its time.
        steps = len(says[0]) if told else 8
        await asyncio.gather(*(one.walk(its[:steps]) for one, its in zip(walkers, says, strict=True)))
        await towns[0].quiet()
        tally = await towns[0].tally(walkers)
    assert tally.sound
    assert tally.tried == steps * len(walkers)
    assert tally.permits == (len(walkers) if told else 0)
    assert sum(len(walker.phone.screen) for walker in walkers) == tally.tried


@pytest.mark.parametrize("told", [True, False])
async def test_one_takes_in_and_another_works(told: bool, tmp_path: Path, postgres_url: str) -> None:
    more = {} if told else {"notices": Silence()}
    async with two_towns(tmp_path / "home", postgres_url, Role.WEB, Role.WORKER, **more) as (web, _):
        walker = web.walker(6101)
        says = walker.says(web.clock())
        await walker.walk(says if told else says[:1])
        await web.quiet()
        assert (await web.tally([walker])).sound
        # What the web process has heard it has not answered itself.
        assert web.house.metrics.registry.get_sample_value("khaibao_turns_total", {"outcome": "taken"}) is None


async def test_a_slow_platform_is_shown_each_letter_once(tmp_path: Path, postgres_url: str) -> None:
    async with two_towns(tmp_path / "home", postgres_url) as (first, second):
        walker = first.walker(6201)
        first.stand_in.upset(method="sendMessage", slow=1.0)
        await walker.say({"open": {"language": "en"}})
        looks = 0
        while not walker.phone.screen:
            # Everything that waits is looked for as if it had been left long ago.
            await second.house.turns.find_waiting(timedelta())
            await second.house.courier.find_unsent(timedelta())
            await asyncio.sleep(0.05)
            looks += 1
        await first.quiet()
        assert looks > 5
        assert len(walker.phone.screen) == len(first.stand_in.called("sendMessage")) == 1


async def test_letters_of_a_process_that_died_are_delivered_by_another(tmp_path: Path, postgres_url: str) -> None:
    async with open_town(tmp_path / "home", postgres_url) as town:
        memory, walker = town.house.memory, town.walker(6301)
        await memory.write(begin, Process("gone", "all"))
        work = await work_of(memory, (await hear(memory, "1", address="6301")).case_id)
        assert await memory.write(settle, outcome(work, Said((ASK(),)), carrier="gone"))
        for _ in range(10):
            await town.house.courier.find_unsent()
            await asyncio.sleep(0.02)
        assert walker.phone.screen == []
        await execute(memory, "UPDATE processes SET alive_until = now() - interval '1 second' WHERE id = 'gone'")
        await walker.reply()
        await town.quiet()
        assert len(town.stand_in.called("sendMessage")) == 1


async def test_a_photo_is_read_by_one_process(tmp_path: Path, postgres_url: str) -> None:
    async with two_towns(tmp_path / "home", postgres_url) as (first, second):
        walker = first.walker(6401)
        for said in walker.says(first.clock())[:-2]:
            await walker.say(said)
            await walker.reply()
        first.stand_in.deliver_to(first.url + WEBHOOK_PATH, SECRET)
        await walker.phone.photo(GOOD)
        answered = asyncio.create_task(walker.reply())
        while not answered.done():
            await second.house.turns.find_waiting(timedelta())
            await asyncio.sleep(0.02)
        await first.quiet()
        read = [town.house.metrics.registry.get_sample_value("khaibao_photo_seconds_count") for town in (first, second)]
        assert read == [1, 0]
        while await count_of(first.house.memory, "duties WHERE name LIKE 'photo%'"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_the_messages_a_second_are_shared(tmp_path: Path, postgres_url: str) -> None:
    async with two_towns(tmp_path / "home", postgres_url) as (first, second):
        channels = [town.house.telegram for town in (first, second)]
        assert [channel.calls.pace._rate for channel in channels if channel] == [15, 15]
        await second.house.life.stop()
        await first.house.life.renew()
        assert [channel.calls.pace._rate for channel in channels if channel] == [30, 15]


async def test_news_of_one_process_reach_those_who_wait_at_another(tmp_path: Path, postgres_url: str) -> None:
    async with two_towns(tmp_path / "home", postgres_url) as (first, second):
        with second.house.bells.listen("a-case") as bell:
            while not bell.is_set():
                first.house.notices.tell("news", "a-case")
                await asyncio.sleep(0.05)


async def test_one_process_polls_and_another_takes_over(tmp_path: Path, postgres_url: str) -> None:
    async with TelegramStandIn() as stand_in, AsyncExitStack() as last:
        settings = Settings(
            _env_file=None,
            home=tmp_path / "home",
            database_url=SecretStr(postgres_url),
            photo_workers=1,
            telegram_token=SecretStr(stand_in.token),
            telegram_api=stand_in.url,
        )
        phone = Phone(stand_in, 6501)
        first = AsyncExitStack()
        one = await first.enter_async_context(open_house(settings))
        other = await last.enter_async_context(open_house(settings))
        polling = asyncio.create_task(one.run_telegram(None))
        await until(lambda: stand_in.called("getUpdates"))
        waiting = asyncio.create_task(other.run_telegram(None))
        await until(lambda: "telegram" in other.channels)
        await phone.text("/start")
        await phone.reply(PATIENCE_SECONDS)
        introduced = len(stand_in.called("deleteWebhook"))
        polling.cancel()
        await first.aclose()
        await until(lambda: len(stand_in.called("deleteWebhook")) > introduced)
        await phone.text("English")
        await phone.reply(PATIENCE_SECONDS)
        waiting.cancel()
        await asyncio.gather(polling, waiting, return_exceptions=True)
        assert introduced == 1


def children_of(pid: int) -> list[int]:
    """The processes that this one started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def total(text: str, name: str) -> float:
    """The sum of a counter over all its labels."""
    families = {family.name: family for family in text_string_to_metric_families(text)}
    return sum(sample.value for sample in families[name].samples if sample.name == f"{name}_total")


async def test_a_killed_process_is_started_again_and_loses_nothing(
    tmp_path: Path, empty_postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with TelegramStandIn() as stand_in, aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        port = free_port()
        more = {
            "KHAIBAO_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "KHAIBAO_METRICS_TOKEN": "figures",
            "KHAIBAO_PHOTO_WORKERS": "1",
            "KHAIBAO_TELEGRAM_TOKEN": stand_in.token,
            "KHAIBAO_TELEGRAM_SECRET": SECRET,
            "KHAIBAO_TELEGRAM_RATE": "0",
            "KHAIBAO_TELEGRAM_API": stand_in.url,
        }
        service = Service(tmp_path / "home", port, empty_postgres_url, more, ("--processes", "2"))
        service.start()
        try:
            assert service.process is not None
            await until(lambda: "Khaibao is open" in service.output.read_text())
            await until(lambda: stand_in.called("setWebhook"))
            town = Town(None, service.url, stand_in, session, now)  # type: ignore[arg-type]
            walkers = [town.walker(6601 + number) for number in range(8)]
            walking = asyncio.gather(*(walker.declare(0.02) for walker in walkers))
            await until(lambda: sum(len(walker.taken) for walker in walkers) > 40)
            before = children_of(service.process.pid)
            os.kill(before[0], signal.SIGKILL)
            await walking
            await until(lambda: len(set(children_of(service.process.pid)) - {before[0]}) == 2)
            async with session.get(f"{service.url}/metrics", headers={"Authorization": "Bearer figures"}) as answer:
                figures = await answer.text()
            memory = Memory.open(empty_postgres_url, load_keys(service.home / "keys.json"))
            stack.push_async_callback(memory.close)
            while await memory.read(undone):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            assert service.kill(signal.SIGTERM) == 0
        except BaseException as wrong:
            wrong.add_note(service.output.read_text()[-4000:])
            raise
        finally:
            service.kill()
        tally = await tally_of(memory, walkers)
        assert await count_of(memory, "processes") == 0
    seen = sum(len(walker.phone.screen) for walker in walkers)
    assert tally.sound
    assert tally.permits == len(walkers)
    assert seen >= tally.tried
    # The killed process may have died between a turn's commit and counting it.
    assert tally.tried - len(walkers) <= total(figures, "khaibao_turns") <= tally.tried + len(walkers)
    assert service.output.read_text().count("Khaibao is open") == 1
    with capsys.disabled():
        print(f"\ntwo processes, one killed: {tally}, seen twice {seen - tally.tried}")


async def test_a_process_that_cannot_begin_ends_the_service_with_a_sentence(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = {"home": str(tmp_path / "home"), "port": "0", "database_url": postgres_url, "telegram_token": "nonsense"}
    for name, value in wrong.items():
        monkeypatch.setenv(f"KHAIBAO_{name.upper()}", value)
    with pytest.raises(DoesNotLive, match="could not begin"):
        await asyncio.wait_for(supervise(Settings(_env_file=None), WHOLE, 1), PATIENCE_SECONDS)
    assert "@BotFather" in capfd.readouterr().err


async def test_several_processes_and_roles_are_refused_on_sqlite(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path / "home")
    with pytest.raises(NeedsPostgres, match="need PostgreSQL"):
        await supervise(settings, WHOLE, 2)
    with pytest.raises(NeedsPostgres, match="need PostgreSQL"):
        await serve(settings, Part(Role.WEB))
