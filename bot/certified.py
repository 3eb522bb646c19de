"""Certified: the certificate that a declaration rests on, by what tells one showing of it from another's."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.case import Case
from bot.certificates import ddcc
from bot.certificates import verdict as verdicts
from bot.certificates.check import FORMATS, reuse_key
from bot.certificates.trust import SHC
from bot.certificates.verdict import Verdict

# The names that verified certificates have for their formats; one of the WHO comes the way of the European ones.
_VERIFIED = (*(form.name for form in FORMATS), ddcc.FORMAT)


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate as one declaration shows it.

    `certificate` is the same at every showing, and `holder` is the declared passport number, None while it is unknown.
    `kid` names the key that the declaration rests on, in Base64 as withdrawals write it; empty where none confirmed it.
    """

    certificate: str
    holder: str | None
    kid: str


def rests_anew(before: Case, after: Case) -> bool:
    """Whether a declaration shows another certificate than before, or shows it for somebody else."""
    was, now = _kept(before), _kept(after)
    if was is None and now is None:
        return False
    return before.declaration != after.declaration or was != now or _holder(before) != _holder(after)


def certified(case: Case) -> Certified | None:
    """The certificate that the declaration shows; None where it shows none that can be told from others."""
    kept = _kept(case)
    if kept is None:
        return None
    try:
        verdict = verdicts.recall(kept["verdict"])
    except (KeyError, ValueError, TypeError):
        return None  # An answer that a changed release cannot read counts as not given.
    certificate = reuse_key(verdict)
    if not certificate:
        return None
    # Only a SMART Health Card's verdict has the identifier as it is; that of other formats is bytes.
    kid = base64.b64encode(verdict.kid.encode()).decode() if verdict.format == SHC else verdict.kid
    return Certified(certificate, _holder(case), kid if verdict.outcome == "verified" else "")


def reuse_keys(identifier: str) -> tuple[str, ...]:
    """What a certificate with this identifier can be known by: withdrawing one names no format."""
    return tuple(reuse_key(Verdict("verified", "ok", name, identifier=identifier)) for name in _VERIFIED)


def _kept(case: Case) -> Mapping[str, Any] | None:
    kept = case.answers.get("certificate")
    return kept if isinstance(kept, Mapping) and kept.get("verdict") else None


def _holder(case: Case) -> str | None:
    number = case.answers.get("passport_number")
    return number if isinstance(number, str) and number else None
