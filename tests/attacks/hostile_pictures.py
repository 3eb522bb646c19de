"""Hostile pictures: made to do harm, to cost time and room, or to tell what nobody may keep."""

from __future__ import annotations

import io
import zlib
from typing import Any, Final

import numpy
from PIL import Image
from PIL.PngImagePlugin import PngInfo

SECRET: Final = b"SECRET-10.7628N-106.6602E"


def png(width: int, height: int, packed: bytes, *more: tuple[bytes, bytes], depth: int = 1, colour: int = 0) -> bytes:
    """A PNG of one bit a point whose pixels are these compressed bytes, with more chunks before them."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return len(content).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([depth, colour, 0, 0, 0])
    chunks = [(b"IHDR", head), *more, (b"IDAT", packed), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, content) for kind, content in chunks)


def plain_png(width: int, height: int, *more: tuple[bytes, bytes]) -> bytes:
    """A sound PNG of one colour, a few thousand bytes however large."""
    return png(width, height, zlib.compress(bytes((1 + (width + 7) // 8) * height), 9), *more)


def bomb(megabytes: int) -> bytes:
    """So many megabytes of zeros in a thousandth of the room; sound to the last byte (RFC 1950, RFC 1951)."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(1024**2)) + packer.flush(zlib.Z_FULL_FLUSH)
    # Zeros leave the first half of Adler-32 at one, and the second counts them.
    adler = megabytes * 1024**2 % 65521 << 16 | 1
    return b"\x78\xda" + block * megabytes + b"\x03\x00" + adler.to_bytes(4, "big")


def photo(form: str = "JPEG", **more: Any) -> bytes:
    """A small photo of nothing in particular."""
    grain = numpy.random.default_rng(7).integers(0, 255, (48, 64, 3), numpy.uint8)
    out = io.BytesIO()
    Image.fromarray(grain).save(out, form, **more)
    return out.getvalue()


def telling_photo() -> bytes:
    """A JPEG that tells where it was taken, in every place that a JPEG has for it."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = SECRET.decode()
    exif.get_ifd(0x8825)[2] = (10.0, 45.0, 46.0)
    return photo(exif=exif, comment=SECRET, icc_profile=SECRET, xmp=SECRET) + SECRET


def telling_png() -> bytes:
    """A PNG that does the same."""
    notes = PngInfo()
    for kind in ("Comment", "XML:com.adobe.xmp"):
        notes.add_itxt(kind, SECRET.decode(), zip=kind == "Comment")
    notes.add_text("GPS", SECRET.decode())
    return photo("PNG", pnginfo=notes) + SECRET


def frames(form: str, number: int) -> bytes:
    """So many pictures in one file."""
    shades = [Image.new("L", (16, 16), 255 * (each % 2)) for each in range(number)]
    out = io.BytesIO()
    shades[0].convert("RGB" if form == "WEBP" else "L").save(out, form, save_all=True, append_images=shades[1:])
    return out.getvalue()


def finder_grid() -> bytes:
    """Twelve megapixels of finder patterns with modules of one point: every reader sees codes everywhere."""
    finder = numpy.full((9, 9), 255, numpy.uint8)
    finder[1:8, 1:8] = 0
    finder[2:7, 2:7] = 255
    finder[3:6, 3:6] = 0
    out = io.BytesIO()
    Image.fromarray(numpy.tile(finder, (333, 444))).save(out, "PNG", compress_level=1)
    return out.getvalue()
