"""Checks the text of one code: tells the format by how it begins and asks the file for that format."""

from datetime import datetime

from bot.certificates import hcert
from bot.certificates.trust import TrustStore
from bot.certificates.verdict import Verdict

# Formats that are known by name and not checked yet; a person looks at them.
_NAMED = (
    ("shc:/", "shc"),
    ("NZCP:/", "nzcp"),
    ("PK\x03\x04", "divoc"),
    ('{"data":', "vds-nc"),
    ('{"sig":', "vds-nc"),
)

UNKNOWN = "unknown"
"""The format of a code that is no known certificate, such as a web address or a boarding pass."""


def check(code_text: str, trust: TrustStore, at: datetime) -> Verdict:
    """The verdict on the text of one code at the moment `at`; every text gives one, none raises."""
    text = code_text.lstrip("\ufeff \r\n\t")
    if text.startswith(hcert.PREFIX):
        return hcert.check(text, trust, at)
    name = format_of(text)
    return Verdict("unreadable" if name == UNKNOWN else "unverified", "unknown_format", name)


def format_of(code_text: str) -> str:
    """The name of the format a code's text is in, by how it begins; UNKNOWN for anything else."""
    text = code_text.lstrip("\ufeff \r\n\t")
    if text.startswith(hcert.PREFIX):
        return hcert.FORMAT
    compact = "".join(text[:40].split())
    return next((name for prefix, name in _NAMED if compact.startswith(prefix)), UNKNOWN)
