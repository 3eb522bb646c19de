"""Starts the service as `khaibao serve` does, without the limit of messages a second, or without delivery.

    python -m tests.bench.our_service [--tell PORT]

With --tell nothing is delivered: whoever listens on that port is told of each turn as soon as it is settled, and what
was said stays in the database, unsent.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
from functools import partial
from typing import Any

from handlers import service, serving
from handlers.channels.telegram import telegram_channel
from handlers.logs import open_logs
from handlers.settings import load_settings
from handlers.turn import Turns
from storage.transcript import Arrival, Taken


class Teller:
    """In the courier's place: tells of a settled turn and carries nothing."""

    def __init__(self, port: int) -> None:
        self._line = socket.create_connection(("127.0.0.1", port))
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line.sendall(b"0\n")
        self._chats: dict[str, bytes] = {}

    def opened(self, *_: Any, **__: Any) -> Teller:
        """Itself, however the courier would have been made."""
        return self

    def note(self, case_id: str, address: str) -> None:
        """Remember whose case this is."""
        self._chats[case_id] = f"{address}\n".encode()

    def call(self, case_id: str, *_: Any) -> None:
        """The turn of this case is settled."""
        self._line.sendall(self._chats.pop(case_id))

    async def find_unsent(self) -> None:
        """Nothing is sent."""

    async def close(self, seconds: float) -> None:
        """Let go of the line."""
        self._line.close()


def without_delivery(port: int) -> None:
    """Put a teller in the courier's place."""
    teller = Teller(port)
    take = Turns.take

    async def noted(turns: Turns, arrival: Arrival) -> Taken:
        taken = await take(turns, arrival)
        teller.note(taken.case_id, arrival.address)
        return taken

    Turns.take = noted  # type: ignore[method-assign,assignment]
    vars(service)["Courier"] = teller.opened


def main() -> None:
    """Serve until a signal asks to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tell", type=int)
    arguments = parser.parse_args()
    settings = load_settings()
    if "telegram_rate" not in type(settings).model_fields:
        # No setting for it yet: the limit that protects the real platform would be all that is measured.
        vars(service)["telegram_channel"] = partial(telegram_channel, rate=0)
    if arguments.tell:
        without_delivery(arguments.tell)
    open_logs()
    asyncio.run(serving.serve(settings))


if __name__ == "__main__":
    main()
