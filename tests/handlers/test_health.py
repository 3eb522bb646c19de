"""Health: machines learn whether the service lives and is ready, and the metrics are for those who may see them."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from fixtures.measuring import Open, Ticking
from fixtures.storing import NOON

from handlers.metrics import Figures, Metrics
from handlers.pages.health import READY_KEPT_SECONDS, Health, is_own
from storage.faults import MemoryBroken, MemoryFull
from storage.keys import Keyring
from storage.memory import Memory


async def test_without_a_token_metrics_are_for_this_machine_alone(door: Open) -> None:
    assert (await (await door()).get("/metrics")).status == 200
    assert (await (await door()).get("/metrics", headers={"Host": "evil.example"})).status == 404
    # Behind a proxy on this machine everybody looks as if they were on it.
    assert (await (await door(public=True)).get("/metrics")).status == 404


@pytest.mark.parametrize("remote", ["203.0.113.7", "2001:db8::1", "", "unknown"])
def test_somebody_elsewhere_is_not_this_machine(remote: str) -> None:
    request = make_mocked_request("GET", "/metrics", headers={"Host": "127.0.0.1"}).clone(remote=remote)
    assert not is_own(request)


async def test_with_a_token_metrics_are_for_whoever_has_it(door: Open) -> None:
    client = await door(token="tokén", public=True)
    wrong = [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "tokén"}, {"Authorization": "Basic tokén"}]
    for headers in wrong:
        answer = await client.get("/metrics", headers=headers)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "khaibao" not in await answer.text()
    assert (await client.get("/metrics", headers={"Authorization": "Bearer tokén"})).status == 200


async def test_a_service_that_works_is_alive_and_ready(door: Open) -> None:
    client = await door()
    assert (await client.get("/healthz")).status == 200
    answer = await client.get("/readyz")
    assert (answer.status, await answer.json()) == (200, {"status": "ok", "lacks": []})


async def test_a_full_disk_is_alive_and_not_ready(door: Open, clock: Ticking) -> None:
    rooms = iter([1000, 10**12])
    client = await door(room=lambda _path: next(rooms))
    for _ in range(3):
        answer = await client.get("/readyz")
        assert (answer.status, await answer.json()) == (503, {"status": "lacking", "lacks": ["room"]})
    assert (await client.get("/healthz")).status == 200
    clock.at += READY_KEPT_SECONDS
    assert (await client.get("/readyz")).status == 200


class Failing:
    """A memory that answers as it is told."""

    broken = False

    def __init__(self, trouble: Exception | None) -> None:
        self.trouble = trouble

    async def write(self, _operation: Any, _item: Any) -> None:
        if self.trouble:
            raise self.trouble
        await asyncio.sleep(60)


@pytest.mark.parametrize("trouble", [MemoryFull("full"), MemoryBroken("broken"), None])
async def test_a_database_that_takes_no_write_within_a_second_is_not_ready(
    trouble: Exception | None, metrics: Metrics, door: Open
) -> None:
    answer = await (await door(memory=Failing(trouble))).get("/readyz")
    assert (answer.status, (await answer.json())["lacks"]) == (503, ["database"])


async def test_a_broken_disk_is_not_ready_for_good(door: Open) -> None:
    broken = Failing(None)
    broken.broken = True
    answer = await (await door(memory=broken)).get("/readyz")
    assert (answer.status, (await answer.json())["lacks"]) == (503, ["disk_failed"])


async def test_many_who_ask_at_once_are_answered_from_one_look(door: Open) -> None:
    looks = []

    def room(path: Path) -> int:
        looks.append(path)
        return 10**12

    client = await door(room=room)
    answers = await asyncio.gather(*(client.get("/readyz") for _ in range(50)))
    assert {answer.status for answer in answers} == {200}
    assert len(looks) == 1


async def test_a_database_that_only_reads_is_not_ready(
    sqlite_url: str, keys: Keyring, metrics: Metrics, tmp_path: Path
) -> None:
    memory = Memory.open(sqlite_url.replace("khaibao.db", "none/khaibao.db"), keys)
    figures = Figures(metrics, memory, lambda: NOON + timedelta(0))
    try:
        assert await Health(memory, metrics, figures, tmp_path, None, public=False).lacks() == ("database",)
    finally:
        await memory.close()
