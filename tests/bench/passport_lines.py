"""Reads a picture that shows a single line, as test data of others has them."""

from __future__ import annotations

import numpy
from PIL import Image

from bot.documents.mrz_letters import CHARACTERS
from bot.documents.mrz_lines import find_lines
from bot.documents.mrz_rows import chances_of, follow


def read_line(picture: Image.Image) -> str:
    """What the network sees first at each place of the line, with no check digit to help it."""
    grey = numpy.asarray(picture.convert("L"))
    for line in find_lines(grey):
        row = follow(grey, line)
        if row is not None:
            chances, _ = chances_of(grey, row, row.first, row.count)
            return "".join(CHARACTERS[place] for place in chances.argmax(axis=1))
    return ""
