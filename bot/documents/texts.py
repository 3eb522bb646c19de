"""Files that hold the content of a code as text: what apps export instead of a picture."""

from bot.certificates.check import MAX_TEXT, UNKNOWN, format_of
from bot.documents.codes import MAX_CODES, Code

RUNG = "text"
"""Stands for the rung of the ladder where nothing had to be read from a picture."""


def codes_in_text(content: bytes) -> tuple[Code, ...]:
    """The certificates in a text or JSON file, as if their codes had been read; none for anything else."""
    if len(content) > MAX_TEXT or b"\0" in content:
        return ()
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return ()
    whole = _code(text)
    if text.startswith("{") or "\n" not in text:
        return (whole,) if whole else ()
    # One certificate a line, or several chunks of one.
    lines = (_code(line.strip()) for line in text.splitlines()[: 10 * MAX_CODES])
    return tuple(code for code in lines if code is not None)[:MAX_CODES]


def _code(text: str) -> Code | None:
    return Code(text, text.encode(), "text", RUNG) if text and format_of(text) != UNKNOWN else None
