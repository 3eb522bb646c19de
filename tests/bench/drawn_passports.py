"""Draws the data pages of invented persons: passports, cards and visas with machine readable lines in OCR-B."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from math import sin
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

OCR_B = Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf")
PLAIN = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
DOT = 16  # pixels of a millimetre
PITCH = 2.54  # millimetres from letter to letter, and from line to line: ICAO 9303-3, 4.2
LEADING = 6.35
PAGES = {
    "TD1": (85.6, 54.0),
    "TD2": (105.0, 74.0),
    "TD3": (125.0, 88.0),
    "MRV-A": (120.0, 80.0),
    "MRV-B": (105.0, 74.0),
}
STATES = "UTO DEU D<< FRA KOR JPN VNM USA GBR AUS CHN IND RUS BRA NGA XXA".split()  # noqa: SIM905
FAMILIES = (  # noqa: SIM905
    "ERIKSSON NGUYEN GARCIA<LOPEZ OBRIEN KIM VAN<DER<BERG SCHMIDT IVANOVA MUELLER<LUEDENSCHEIDT OKONKWO SATO QUIROZ "
    "WANG JOHNSON ZIEGLER FITZWILLIAM<HARCOURT ABDULRAHMAN BJOERK YILDIZ LI"
).split()
GIVEN = (  # noqa: SIM905
    "ANNA<MARIA THI<HOA JOSE<LUIS SEAN MINJUN JAN<WILLEM KLAUS OLGA HANS CHUKWUEMEKA YUKO XIMENA WEI GEORGE<QUINCY "
    "FRANZ ELIZABETH<JANE YUSUF LIV ZEYNEP JACK"
).split()


@dataclass(frozen=True, slots=True)
class Document:
    """One invented document: its kind and its true lines."""

    kind: str
    lines: tuple[str, ...]


def digit(text: str) -> str:
    """The check digit, worked out apart from the program that is measured."""
    total = 0
    for place, sign in enumerate(text):
        value = 0 if sign == "<" else int(sign, 36)
        total += value * (7, 3, 1)[place % 3]
    return str(total % 10)


def documents(seed: int, count: int, kinds: tuple[str, ...] = ("TD3", "TD1", "TD2", "MRV-A")) -> list[Document]:
    """So many documents, passports most of all."""
    chance = random.Random(seed)
    return [document(chance, kinds[place % len(kinds)]) for place in range(count)]


def document(chance: random.Random, kind: str) -> Document:
    """One document with right check digits."""
    state, nation = chance.choice(STATES), chance.choice(STATES)
    number = "".join(chance.choices("0123456789" * 3 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=chance.choice((7, 8, 9, 9, 9))))
    number = number.ljust(9, "<")
    birth = f"{chance.randrange(100):02}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
    expiry = f"{chance.randrange(24, 40):02}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
    sex = chance.choice("MF<")
    name = f"{chance.choice(FAMILIES)}<<{chance.choice(GIVEN)}"
    optional = "".join(chance.choices("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", k=chance.choice((0, 0, 7))))
    birth, expiry = birth + digit(birth), expiry + digit(expiry)
    if kind == "TD1":
        return Document(kind, _card(chance, state, nation, number, birth, sex, expiry, name, optional))
    width = 44 if kind in ("TD3", "MRV-A") else 36
    code = {"TD3": "P<", "TD2": "I<", "MRV-A": "V<", "MRV-B": "V<"}[kind]
    upper = (code + state + name).ljust(width, "<")[:width]
    lower = number + digit(number) + nation + birth + sex + expiry
    if kind == "TD3":
        own = optional.ljust(14, "<")
        lower += own + digit(own)
        lower += digit(lower[:10] + lower[13:20] + lower[21:43])
    elif kind == "TD2":
        lower += optional.ljust(7, "<")
        lower += digit(lower[:10] + lower[13:20] + lower[21:35])
    return Document(kind, (upper, lower.ljust(width, "<")))


def _card(
    chance: random.Random, state: str, nation: str, number: str, birth: str, sex: str, expiry: str, name: str, own: str
) -> tuple[str, ...]:
    first = f"I<{state}{number}{digit(number)}{own}"
    if "<" not in number and chance.random() < 0.3:
        more = "".join(chance.choices("0123456789", k=3))
        first = f"I<{state}{number}<{more}{digit(number + more)}<{own}"
    first = first.ljust(30, "<")[:30]
    second = (birth + sex + expiry + nation).ljust(29, "<")
    second += digit(first[5:30] + second[0:7] + second[8:15] + second[18:29])
    return first, second, name.ljust(30, "<")[:30]


def draw(made: Document, seed: int, printed: bool = True) -> Image.Image:
    """The page at DOT pixels a millimetre; `printed` gives it the waves of security printing."""
    chance = random.Random(seed)
    width, height = (round(side * DOT) for side in PAGES[made.kind])
    tint = tuple(chance.randrange(212, 250) for _ in range(3))
    page = Image.new("RGB", (width, height), tint)
    pen = ImageDraw.Draw(page)
    if printed:
        _waves(pen, chance, width, height, tint)
    zone = height - round((LEADING * (len(made.lines) - 1) + 7.5) * DOT)
    _face(page, chance, zone)
    _visible(pen, chance, made, width, zone)
    _zone(pen, made, zone)
    return page


def _waves(pen: ImageDraw.ImageDraw, chance: random.Random, width: int, height: int, tint: tuple[int, ...]) -> None:
    """Fine wavy lines all over the page."""
    for _ in range(chance.randrange(2, 5)):
        ink = tuple(level - chance.randrange(12, 55) for level in tint)
        apart, high, long = chance.randrange(10, 45), chance.randrange(4, 60), chance.randrange(30, 260)
        for y in range(-high, height + high, apart):
            line = [(x, y + high * sin(x / long + y / 90)) for x in range(0, width + 40, 20)]
            pen.line(line, fill=ink, width=chance.choice((1, 2, 3)))


def _face(page: Image.Image, chance: random.Random, zone: int) -> None:
    """A portrait on grey."""
    wide, high = min(30 * DOT, zone // 2), zone - 17 * DOT
    portrait = Image.new("RGB", (wide, high), (170, 180, 190))
    pen = ImageDraw.Draw(portrait)
    skin = chance.choice(((224, 188, 160), (150, 105, 80), (196, 150, 118)))
    pen.ellipse((wide // 4, high // 8, wide * 3 // 4, high * 5 // 8), fill=skin)
    pen.ellipse((wide // 8, high * 3 // 5, wide * 7 // 8, high * 4 // 3), fill=(60, 66, 90))
    page.paste(portrait, (5 * DOT, 12 * DOT))


def _visible(pen: ImageDraw.ImageDraw, chance: random.Random, made: Document, width: int, zone: int) -> None:
    """The printed fields above the zone, small labels and larger words."""
    label, words = _font(PLAIN, 1.6 * DOT), _font(PLAIN, 2.7 * DOT)
    pen.text((5 * DOT, 4 * DOT), "SPECIMEN  PASSPORT / PASSEPORT", font=_font(PLAIN, 3.6 * DOT), fill=(40, 50, 100))
    texts = " ".join(made.lines).replace("<", " ").split()
    y = 12 * DOT
    while y < zone - 9 * DOT:
        for x in range(40 * DOT, width - 15 * DOT, 30 * DOT):
            pen.text((x, y), "Field / Champ", font=label, fill=(70, 80, 110))
            pen.text((x, y + 2 * DOT), chance.choice(texts)[:14], font=words, fill=(25, 25, 30))
        y += 8 * DOT


def _zone(pen: ImageDraw.ImageDraw, made: Document, top: int) -> None:
    """The machine readable lines, letter by letter at their pitch."""
    font = _font(OCR_B, PITCH * DOT / 0.723)
    left = (PAGES[made.kind][0] - PITCH * len(made.lines[0])) / 2 * DOT
    for row, line in enumerate(made.lines):
        for place, sign in enumerate(line):
            pen.text((left + place * PITCH * DOT, top + row * LEADING * DOT), sign, font=font, fill=(18, 18, 20))


@cache
def _font(path: Path, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), round(size))
