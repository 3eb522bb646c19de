"""The permit: what it records when it is issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# The conditions under which permits are issued today: the declaration alone suffices.
OPEN_REGIME = {"rule_set": "open-regime", "version": "2026-04-15"}


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit: its reference, which declaration of the conversation it is for, and the snapshot of what it rests on.

    `snapshot` is JSON: the answers and summary rows as declared, the words shown, the certificate verdicts, the
    conditions applied with their outcome, the language, and the consent.
    """

    reference: str
    declaration: int
    issued_at: datetime
    passport_number: str
    snapshot: Mapping[str, Any]
