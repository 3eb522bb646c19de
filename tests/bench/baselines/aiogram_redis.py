"""What people write with aiogram 3: the form with its state in Redis, answered with `send_message`."""

from __future__ import annotations

from aiogram.fsm.storage.redis import RedisStorage

from tests.bench.baselines.aiogram_form import serve
from tests.bench.baselines.door import place

if __name__ == "__main__":
    where = place()
    serve(where, RedisStorage.from_url(where.redis))
