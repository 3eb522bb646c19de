"""Reopening: declarations that rest on a key or certificate which was withdrawn go to a person; permits stay."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime

from bot.certificates.trust import TrustStore, all_keys
from storage.certificates import WANTED_AT_ONCE, Reopened, Withdrawn, reopen
from storage.memory import Memory


def withdrawn_keys(store: TrustStore) -> tuple[str, ...]:
    """The identifiers, in Base64, of all keys that a list or an operator withdrew, in a list still or not."""
    listed = {key.kid for key in all_keys(store) if key.withdrawn}
    kids = listed.union(*(several.keys for several in store.withdrawals))
    return tuple(sorted(base64.b64encode(kid).decode() for kid in kids if kid))


async def reopen_all(
    memory: Memory, actor: str, at: datetime, *, keys: Sequence[str] = (), certificates: Sequence[str] = ()
) -> Reopened:
    """Reopen everything that rests on these keys and certificates and was not reopened before."""
    total = Reopened()
    parts = [(tuple(keys[start : start + WANTED_AT_ONCE]), ()) for start in range(0, len(keys), WANTED_AT_ONCE)]
    for some, named in (*parts, ((), tuple(certificates))):
        while found := await memory.write(reopen, Withdrawn(some, named, actor, at)):
            total += found
    return total
