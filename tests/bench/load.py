"""The load in a process of its own: many connections, each walking one distinct traveller after the other.

    python -m tests.bench.load --port 8080 --news 9001 --walk tourist --seconds 5

A step is done when its 200 came and, with --delivers, its reply reached the stand-in as well; the same traveller's next
update goes out only then. What was measured is printed as one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from array import array
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, cast

from tests.bench.walks import FIRST_CHAT, NAMES, Walk, walk_of

HOST: Final = "127.0.0.1"
LENGTH: Final = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
# What is under way when the time is up may take so long to end.
DRAIN_SECONDS: Final = 10.0


@dataclass(slots=True)
class Tally:
    """What the load has seen."""

    until: float
    steps: int
    delivers: bool
    body: bool
    most: int | None
    pause: float = 0.0
    answered: array[float] = field(default_factory=lambda: array("d"))
    done: array[float] = field(default_factory=lambda: array("d"))
    refused: int = 0
    first_refusal: str = ""
    travellers: int = 0
    finished: int = 0
    early: int = 0


class Walker(asyncio.Protocol):
    """One connection, and the traveller who walks over it now."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._held = b""
        self._chat = 0
        self._step = 0
        self._began = 0.0
        self._has_answer = self._has_reply = False
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """A server that hangs up has refused the step."""
        if self.busy:
            self._load.refuse(f"the server hung up: {exc}")
            self.busy = False

    def next_traveller(self) -> None:
        """A new traveller takes the first step, unless there are enough."""
        chat = self._load.next_chat(self)
        if chat is None:
            self.busy = False
            return
        self._chat, self._step = chat, 0
        self._send()

    def reply(self) -> None:
        """The stand-in has a message for this traveller."""
        if not self.busy or self._has_reply:
            self._load.tally.early += 1
            return
        self._has_reply = True
        if self._has_answer:
            self._end_step()

    def data_received(self, data: bytes) -> None:
        """The 200, perhaps in several pieces."""
        held = self._held = self._held + data if self._held else data
        end = held.find(b"\r\n\r\n")
        if end < 0:
            return
        found = LENGTH.search(held, 0, end)
        length = int(found[1]) if found else 0
        if len(held) < end + 4 + length:
            return
        self._held = b""
        tally = self._load.tally
        tally.answered.append(time.perf_counter() - self._began)
        if not held.startswith(b"HTTP/1.1 200") or (tally.body and not length):
            self._load.refuse(held[:300].decode("latin-1"))
            self.next_traveller()
            return
        self._has_answer = True
        if self._has_reply or not tally.delivers:
            self._end_step()

    def _send(self) -> None:
        self.busy, self._has_answer, self._has_reply = True, False, False
        self._began = time.perf_counter()
        self._transport.write(self._load.walk.request(self._step, self._chat))

    def _end_step(self) -> None:
        tally, now = self._load.tally, time.perf_counter()
        tally.done.append(now - self._began)
        self._load.last = now
        self._step += 1
        if self._step == tally.steps:
            tally.finished += 1
            self._load.leave(self._chat)
            self.next_traveller()
        elif now >= tally.until:
            self.busy = False
        elif tally.pause:
            self.busy = False
            self._load.thinking += 1
            asyncio.get_running_loop().call_later(tally.pause, self._go_on)
        else:
            self._send()

    def _go_on(self) -> None:
        self._load.thinking -= 1
        self._send()


class Load:
    """All walkers, and who of them walks for which chat."""

    def __init__(self, walk: Walk, tally: Tally, first_chat: int) -> None:
        self.walk, self.tally, self.last, self.thinking = walk, tally, 0.0, 0
        self._next = first_chat
        self._walkers: dict[bytes, Walker] = {}

    def next_chat(self, walker: Walker) -> int | None:
        """A new traveller's chat; None when time is up or there are enough travellers."""
        tally = self.tally
        if time.perf_counter() >= tally.until or tally.travellers == tally.most:
            return None
        tally.travellers += 1
        chat, self._next = self._next, self._next + 1
        self._walkers[b"%d" % chat] = walker
        return chat

    def leave(self, chat: int) -> None:
        """This traveller needs nothing more."""
        del self._walkers[b"%d" % chat]

    def refuse(self, why: str) -> None:
        """Count a step that was not answered with 200."""
        self.tally.refused += 1
        self.tally.first_refusal = self.tally.first_refusal or why

    def heard(self, chat: bytes) -> None:
        """The stand-in has a message for this chat."""
        walker = self._walkers.get(chat)
        if walker is not None:
            walker.reply()


async def listen(port: int, load: Load) -> None:
    """Hear of every message that reaches the stand-in."""
    reader, _writer = await asyncio.open_connection(HOST, port)
    held = b""
    while data := await reader.read(65536):
        *chats, held = (held + data).split(b"\n")
        for chat in chats:
            load.heard(chat)


async def run(arguments: argparse.Namespace) -> dict[str, object]:
    """Walk for the time that was asked for, and give what was measured."""
    loop = asyncio.get_running_loop()
    walk = walk_of(arguments.walk, arguments.port, datetime.now(UTC).date())
    steps = min(arguments.steps or len(walk.steps), len(walk.steps))
    tally = Tally(float("inf"), steps, arguments.delivers, arguments.body, arguments.travellers, arguments.pause)
    load = Load(walk, tally, FIRST_CHAT + arguments.first)
    listening = asyncio.create_task(listen(arguments.news, load)) if arguments.delivers else None
    walkers = [
        (await loop.create_connection(lambda: Walker(load), HOST, arguments.port))[1]
        for _ in range(arguments.connections)
    ]
    await asyncio.sleep(0.05)
    began = time.perf_counter()
    tally.until = began + arguments.seconds
    for walker in walkers:
        walker.next_traveller()
    late = tally.until + DRAIN_SECONDS
    while (load.thinking or any(one.busy for one in walkers)) and time.perf_counter() < late:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    if listening:
        listening.cancel()
    return report(load, (load.last or time.perf_counter()) - began, sum(walker.busy for walker in walkers))


def report(load: Load, seconds: float, stuck: int) -> dict[str, object]:
    """What was measured."""
    tally = load.tally
    return {
        "steps": len(tally.done),
        "seconds": seconds,
        "steps_a_second": len(tally.done) / seconds,
        "answer_p50_ms": percentile(tally.answered, 0.50),
        "answer_p99_ms": percentile(tally.answered, 0.99),
        "step_p50_ms": percentile(tally.done, 0.50),
        "step_p99_ms": percentile(tally.done, 0.99),
        "refused": tally.refused,
        "first_refusal": tally.first_refusal,
        "stuck": stuck,
        "early": tally.early,
        "travellers": tally.travellers,
        "finished": tally.finished,
    }


def percentile(seconds: array[float], part: float) -> float:
    """Milliseconds below which this part of the values lies."""
    ranked = sorted(seconds)
    return 1000 * ranked[min(len(ranked) - 1, int(part * len(ranked)))] if ranked else 0.0


def main() -> None:
    """Walk, and print what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--news", type=int, default=0)
    parser.add_argument("--walk", choices=NAMES, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--first", type=int, default=0, help="how many chats were used before")
    parser.add_argument("--steps", type=int, help="walk only so far")
    parser.add_argument("--travellers", type=int, help="no more travellers than this")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between a reply and the next update")
    parser.add_argument("--delivers", action="store_true")
    parser.add_argument("--body", action="store_true", help="the reply stands in the answer")
    print(json.dumps(asyncio.run(run(parser.parse_args()))))


if __name__ == "__main__":
    main()
