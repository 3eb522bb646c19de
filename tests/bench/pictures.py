"""Pictures of a certificate as telephones make them: tilted, blurred, noisy, and twelve megapixels large."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageFilter

from bot.certificates import specimens

QUALITY = 80
Damage = Callable[[Image.Image], Image.Image]


def page(width: int, height: int) -> Image.Image:
    """A photo of this size with the specimen's code in the middle, three fifths of the height."""
    with Image.open(Path(specimens.folder()) / "good.png") as opened:
        code = opened.convert("RGB")
    side = height * 3 // 5
    code = code.resize((side, side * code.height // code.width), Image.Resampling.LANCZOS)
    paper = Image.new("RGB", (width, height), (222, 219, 210))
    paper.paste(code, ((width - code.width) // 2, (height - code.height) // 2))
    return paper


def tilted(picture: Image.Image) -> Image.Image:
    """Held at an angle."""
    return picture.rotate(7, Image.Resampling.BICUBIC, fillcolor=(222, 219, 210))


def blurred(picture: Image.Image) -> Image.Image:
    """Out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(1.2))


def noisy(picture: Image.Image) -> Image.Image:
    """Taken in little light."""
    grain = Image.effect_noise(picture.size, 40).convert("RGB")
    return Image.blend(picture, grain, 0.15)


def jpeg(picture: Image.Image) -> bytes:
    """The picture as it is sent."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def pictures() -> dict[str, bytes]:
    """The pictures by what they are."""
    chat, large = page(1280, 960), page(4000, 3000)
    return {
        "1280×960": jpeg(chat),
        "tilted": jpeg(tilted(chat)),
        "blurred": jpeg(blurred(chat)),
        "tilted, blurred, noisy": jpeg(noisy(blurred(tilted(chat)))),
        "12 megapixels, tilted": jpeg(tilted(large)),
    }
