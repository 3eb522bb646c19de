"""The subjects of the step: each a server to start, the walk that its form wants, and how its replies come."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.bench.home import baseline_python
from tests.bench.machine import load_cores, server_cores
from tests.bench.processes import HOST, StandIn, Started, free_port, started
from tests.bench.walks import SECRET, TOKEN

Replies = Literal["none", "body", "delivered", "told"]
Kind = Literal["probe", "baseline", "ours"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured; `extra` is a server that it needs beside itself, `durable` what is left after a power cut."""

    name: str
    title: str
    replies: Replies
    durable: str
    kind: Kind = "baseline"
    extra: Literal["redis", "postgres"] | None = None

    @property
    def walk(self) -> str:
        """The walk that its form wants."""
        return {"probe": "probe", "baseline": "form", "ours": "tourist"}[self.kind]


SUBJECTS = (
    Subject("stand_in", "the stand-in alone: what load and stand-in can do", "delivered", "–", "probe"),
    Subject("bare_route", "bare aiohttp route answering 200", "none", "–"),
    Subject("parsed_route", "+ `Update.de_json`", "none", "–"),
    Subject("ptb_body", "PTB ConversationHandler, in memory, reply in the webhook's body", "body", "no"),
    Subject("ptb_pickle", "the same with PicklePersistence written at each step", "body", "partly"),
    Subject("ptb_sends", "PTB ConversationHandler, in memory, `send_message`, updates queued", "delivered", "no"),
    Subject("ptb_sends_at_once", "the same, `process_update` awaited by the webhook", "delivered", "no"),
    Subject("aiogram_redis", "aiogram 3 + Redis, `send_message`", "delivered", "partly", extra="redis"),
    Subject("aiogram_sqlite", "aiogram 3 + SQLite FULL, `send_message`", "delivered", "partly"),
    Subject("sqlalchemy_orm", "one transaction per update, ORM + aiosqlite, delivered", "delivered", "yes"),
    Subject("raw_grouped", "grouped in one transaction by one thread, raw sqlite3 FULL: the limit", "body", "yes"),
    Subject("raw_grouped_sends", "the same + delivery through an aiohttp client", "delivered", "yes"),
    Subject("ours", "**Khaibao, SQLite FULL, delivered**", "delivered", "yes", "ours"),
    Subject("ours_told", "**Khaibao, SQLite FULL, without delivery**", "told", "yes", "ours"),
    Subject("ours_postgres", "**Khaibao, PostgreSQL, one process, delivered**", "delivered", "yes", "ours", "postgres"),
)
BY_NAME = {subject.name: subject for subject in SUBJECTS}
# The goals need these; the others show where the time goes.
SHORT = ("ptb_sends", "ptb_sends_at_once", "aiogram_redis", "raw_grouped", "ours", "ours_told")


def our_environment(home: Path, port: int, api: str, database: str | None = None, **more: str) -> dict[str, str]:
    """The environment of the service in a home of its own."""
    given = {
        "KHAIBAO_HOME": str(home),
        "KHAIBAO_PORT": str(port),
        "KHAIBAO_PUBLIC_URL": f"http://{HOST}:{port}",
        "KHAIBAO_TELEGRAM_TOKEN": TOKEN,
        "KHAIBAO_TELEGRAM_SECRET": SECRET,
        "KHAIBAO_TELEGRAM_API": api,
        "KHAIBAO_TELEGRAM_RATE": "0",
        "KHAIBAO_PHOTO_WORKERS": "1",
    }
    return given | ({"KHAIBAO_DATABASE_URL": database} if database else {}) | more


@contextmanager
def our_service(
    home: Path, api: StandIn, *, database: str | None = None, told: bool = False, cores: set[int] | None = None
) -> Iterator[Started]:
    """The service in this home, delivering to the stand-in, or only telling it of turns."""
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    tell: Sequence[str] = ("--tell", str(api.news)) if told else ()
    command = [sys.executable, "-m", "tests.bench.our_service", *tell]
    environment = our_environment(home, port, api.url, database)
    with started(command, port, home.with_suffix(".log"), cores or server_cores(), environment) as process:
        yield process


@contextmanager
def opened(subject: Subject, out: Path, homes: Path, api: StandIn) -> Iterator[Started]:
    """The subject's server, with whatever it needs beside it."""
    home = homes / subject.name
    if subject.kind == "probe":
        yield api.process
        return
    with ExitStack() as stack:
        extra = stack.enter_context(_extra(subject, homes))
        if subject.kind == "ours":
            yield stack.enter_context(our_service(home, api, database=extra, told=subject.replies == "told"))
            return
        port = free_port()
        command: list[str | Path] = [baseline_python(out), "-m", f"tests.bench.baselines.{subject.name}"]
        command += ["--port", str(port), "--api", api.url, "--home", home, *(("--redis", extra) if extra else ())]
        yield stack.enter_context(started(command, port, homes / f"{subject.name}.log", server_cores()))


@contextmanager
def _extra(subject: Subject, homes: Path) -> Iterator[str | None]:
    """The URL of the server that a subject needs beside itself; it runs on the cores of the load."""
    match subject.extra:
        case None:
            yield None
        case "redis":
            port = free_port()
            command = ["redis-server", "--port", str(port), "--dir", str(homes), "--bind", HOST]
            with started(command, port, homes / "redis.log", load_cores()):
                yield f"redis://{HOST}:{port}"
        case "postgres":
            from tests.bench.postgres import postgres

            with postgres(homes / "postgres") as url:
                yield url
