"""Draws on a copy of a card's picture where each line that was read stands, with its number."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from bot.documents.paper import Paper, Place
from bot.documents.pixels import reencode

PLAIN, FOUND = (70, 130, 200), (214, 96, 0)
"""Colours of lines, and of those in which something was found."""

_SMALLEST_NUMBER = 12


def boxes_on(picture: Image.Image, paper: Paper) -> bytes:
    """A fresh JPEG with a numbered box for every line, counted from 1.

    The picture may have another size than the one that was read, as the kept one has.
    """
    shown = picture.convert("RGB")
    pen = ImageDraw.Draw(shown)
    width = max(2, max(shown.size) // 500)
    font = ImageFont.load_default(max(_SMALLEST_NUMBER, max(shown.size) // 70))
    found = {field.line for field in paper.fields}
    for number, line in enumerate(paper.lines):
        left, top, right, bottom = _scaled(line.box, shown.width / paper.width, shown.height / paper.height)
        colour = FOUND if number in found else PLAIN
        pen.rectangle((left, top, max(left, right), max(top, bottom)), outline=colour, width=width)
        told = str(number + 1)
        # The number stands before its line, where it covers no print; at the picture's edge it moves in.
        high = pen.textbbox((0, 0), told, font=font)
        at = (max(0.0, left - (high[2] - high[0]) - 3 * width), max(0.0, float(top)))
        pen.rectangle((at[0], at[1], at[0] + high[2] + 2 * width, at[1] + high[3] + width), fill=colour)
        pen.text((at[0] + width, at[1]), told, font=font, fill="white")
    return reencode(shown)


def _scaled(box: Place, wide: float, high: float) -> Place:
    left, top, right, bottom = box
    return round(left * wide), round(top * high), round(right * wide), round(bottom * high)
