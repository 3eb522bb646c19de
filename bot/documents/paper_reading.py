"""Reads a paper card without a code: its lines, and what in them a reviewer looks for."""

from __future__ import annotations

import time
from datetime import date

from PIL import Image

from bot.documents.paper import Paper, PaperLine
from bot.documents.paper_fields import find_fields
from bot.documents.paper_lines import Clock, NoReader, read_lines

SECONDS = 3.5
"""Time for reading one card; lines that are not read by then stay unread."""


def read_paper(
    picture: Image.Image, today: date, clock: Clock = time.monotonic, seconds: float = SECONDS
) -> Paper | None:
    """The text of the picture, or None where there is none or nothing here can read it; `clock` bounds the work."""
    try:
        placed = read_lines(picture, clock, seconds)
    except NoReader:
        # The service goes on without; `khaibao doctor` tells whoever keeps it.
        return None
    if not placed:
        return None
    lines = tuple(PaperLine(line.text, line.place, line.score) for line in placed)
    return Paper(picture.width, picture.height, lines, find_fields(placed, today))
