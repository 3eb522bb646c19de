"""The judgement that all formats share: who signed, whether that is withdrawn, what a good signature makes of it."""

import base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.certificates.trust import TrustedKey
from bot.certificates.verdict import EventKind, Reason, Validity, Verdict

Choose = Callable[[Sequence[TrustedKey]], TrustedKey | Reason]
"""Of the keys that signed the one that may sign such a statement, or the reason why none may."""


def judge(
    verdict: Verdict, keys: Sequence[TrustedKey], signed_by: Callable[[TrustedKey], bool], choose: Choose, at: datetime
) -> Verdict:
    """Try every key that the certificate may name; any that signed it and is withdrawn spoils it."""
    if not keys:
        return replace(verdict, reason="issuer_unknown")
    signers = [key for key in keys if signed_by(key)]
    if not signers:
        return replace(verdict, reason="signature_wrong")
    if not verdict.kid:
        # A format without key identifiers: the one that signed it tells.
        verdict = replace(verdict, kid=base64.b64encode(signers[0].kid).decode())
    if any(key.withdrawn for key in signers):
        return replace(verdict, reason="key_withdrawn")
    chosen = choose(signers)
    return accept(verdict, chosen, at) if isinstance(chosen, TrustedKey) else replace(verdict, reason=chosen)


def accept(verdict: Verdict, key: TrustedKey, at: datetime) -> Verdict:
    """The verdict where this key vouches for the content: verified, and out of date as soon as the key is."""
    ended = key.valid_until is not None and key.valid_until < at
    return replace(
        verdict,
        outcome="verified",
        reason="ok",
        country=key.country or verdict.country,
        validity="expired" if ended else verdict.validity,
        specimen=key.specimen,
    )


def first_for(kinds: Iterable[EventKind], signers: Sequence[TrustedKey]) -> TrustedKey | Reason:
    """The first signer that may sign all these kinds of event."""
    wanted = set(kinds)
    return next((key for key in signers if wanted <= key.usages), "key_not_for_this_use")


def validity(since: datetime | None, until: datetime | None, at: datetime) -> Validity:
    """Whether a statement holds at a moment; it ends with the first moment of its end (RFC 7519, 4.1.4)."""
    if until is not None and until <= at:
        return "expired"
    if since is not None and since > at:
        return "not_yet_valid"
    return "valid"


def numeric_date(value: object) -> datetime | None:
    """A NumericDate (RFC 7519, 2), whole or fractional; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
