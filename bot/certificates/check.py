"""Checks codes: tells the format of each by how it begins, and asks the file for that format.

ADD A FORMAT HERE: one line in the table, for a module with FORMAT, `recognises(text)` and `check(text, trust, at)`.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.certificates import divoc, hcert, israel, nzcp, shc, shc_codes, vdsnc
from bot.certificates.trust import TrustStore, is_withdrawn
from bot.certificates.verdict import Verdict

MAX_TEXT = 256 * 1024
"""Characters of a text that is looked at; files of health cards are the longest."""

UNKNOWN = "unknown"
"""The format of a code that is no known certificate, such as a web address or a boarding pass."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be checked."""

    name: str
    recognises: Callable[[str], bool]
    check: Callable[[str, TrustStore, datetime], Verdict]


FORMATS: tuple[Format, ...] = (
    Format(hcert.FORMAT, hcert.recognises, hcert.check),
    Format(shc.FORMAT, shc.recognises, shc.check),
    Format(nzcp.FORMAT, nzcp.recognises, nzcp.check),
    Format(vdsnc.FORMAT, vdsnc.recognises, vdsnc.check),
    Format(divoc.FORMAT, divoc.recognises, divoc.check),
    Format(israel.FORMAT, israel.recognises, israel.check),
)

# What is known by name and cannot be checked from here: it is signed by way of the network, sealed so that only
# authorities read it, or good inside one country only. A person looks at it.
_NAMED: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("openattestation", re.compile(r"https://[a-z0-9.-]*(?:verify\.gov\.sg|openattestation\.com)[/?]", re.IGNORECASE)),
    ("china-health-code", re.compile(r"https?://hrhk\.cs\.mfa\.gov\.cn[/:?]", re.IGNORECASE)),
    ("coronacheck", re.compile(r"NL[0-9A-Z]:[0-9A-Z $%*+./:-]{40}")),
    ("2d-doc", re.compile(r"DC0[3-9][A-Z0-9]{4}")),
)
_BLANKS = "\ufeff \r\n\t"


def check(code_text: str, trust: TrustStore, at: datetime) -> Verdict:
    """The verdict on the text of one code at the moment `at`; every text gives one, none raises."""
    if len(code_text) > MAX_TEXT:
        return Verdict("unreadable", "too_large", UNKNOWN)
    text = _tidy(code_text)
    found = _format_in(text)
    if found is None:
        name = _name_in(text)
        if name == UNKNOWN:
            return Verdict("unreadable", "unknown_format", UNKNOWN)
        return Verdict("unverified", "unknown_format", name, identifier=_hash(text.encode("utf-8", "surrogatepass")))
    return _unless_withdrawn(found.check(text, trust, at), trust)


def check_codes(codes: Sequence[tuple[str, bytes]], trust: TrustStore, at: datetime) -> list[Verdict]:
    """The verdicts on all codes of one picture, each given as text and raw bytes; none raises.

    Codes that are parts of one SMART Health Card are joined and give one verdict, which stands last.
    """
    verdicts = []
    chunks = []
    for text, content in codes:
        tidy = _tidy(text)
        if shc_codes.is_chunk(tidy):
            chunks.append(tidy)
        elif content.startswith(divoc.ZIP):
            # A ZIP loses bytes as text; only the bytes themselves tell.
            verdicts.append(_unless_withdrawn(divoc.check_bytes(content, trust, at), trust))
        else:
            verdicts.append(check(text, trust, at))
    if not chunks:
        return verdicts
    try:
        joined = shc_codes.join_chunks(chunks)
    except shc_codes.CodeError:
        # The first by itself says that there should be more.
        joined = chunks[:1]
    return [*verdicts, *(check(text, trust, at) for text in joined)]


def format_of(code_text: str) -> str:
    """The name of the format a code's text is in, by how it begins; UNKNOWN for anything else."""
    text = _tidy(code_text)
    found = _format_in(text)
    return found.name if found else _name_in(text)


def reuse_key(verdict: Verdict) -> str:
    """What is the same for every showing of one certificate, to be kept as a keyed hash; "" where nothing is.

    Another format of the same vaccination is another certificate.
    """
    return f"{verdict.format}:{verdict.identifier}" if verdict.identifier else ""


def _tidy(text: str) -> str:
    """A text without blanks before it, and with wide letters made plain where only so it begins like a certificate."""
    text = text.lstrip(_BLANKS)
    plain = unicodedata.normalize("NFKC", text[:8])
    if plain != text[:8] and plain.startswith(("HC1:", "shc:/", "NZCP:/")) and len(text) <= MAX_TEXT:
        return unicodedata.normalize("NFKC", text)
    return text


def _format_in(text: str) -> Format | None:
    return next((form for form in FORMATS if form.recognises(text)), None)


def _name_in(text: str) -> str:
    """The name of a format that can only be named."""
    for name, pattern in _NAMED:
        if pattern.match(text):
            return name
    return "openattestation" if _is_open_attestation(text) else UNKNOWN


def _is_open_attestation(text: str) -> bool:
    """Whether a text is an OpenAttestation document, which proves itself by way of the network only."""
    if not text.startswith("{") or len(text) > MAX_TEXT or '"merkleRoot"' not in text:
        return False
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    signature = document.get("signature", document.get("proof"))
    return "version" in document and isinstance(signature, dict) and isinstance(signature.get("merkleRoot"), str)


def _unless_withdrawn(verdict: Verdict, trust: TrustStore) -> Verdict:
    """The verdict, unless an operator withdrew this one certificate."""
    if verdict.outcome != "verified" or not is_withdrawn(trust, verdict.identifier):
        return verdict
    return replace(verdict, outcome="unverified", reason="revoked")


def _hash(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()
