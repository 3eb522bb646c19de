"""Ways to prepare a grey picture so that code readers see more in it."""

from collections.abc import Callable

from PIL import Image, ImageChops, ImageFilter, ImageOps

WORKING_SIDE = 2000
"""Pixels of the longest side on the laborious rungs; beyond this they cost seconds and find nothing more."""

LARGEST_UPSCALE = 3200
"""Pixels of the longest side after enlarging."""

Preparation = Callable[[Image.Image], Image.Image]


def luminance(picture: Image.Image) -> Image.Image:
    """How light each point is."""
    if picture.mode == "YCbCr":
        return picture.getchannel(0)
    return picture if picture.mode == "L" else picture.convert("L")


def at_most(grey: Image.Image, side: int) -> Image.Image:
    """No longer than this on any side."""
    scale = side / max(grey.size)
    return scaled(grey, scale) if scale < 1 else grey


def scaled(grey: Image.Image, scale: float) -> Image.Image:
    """Enlarged or reduced, never beyond LARGEST_UPSCALE."""
    scale = min(scale, LARGEST_UPSCALE / max(grey.size))
    size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
    return grey.resize(size, Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX)


def half(grey: Image.Image) -> Image.Image:
    """Half as wide and high."""
    return scaled(grey, 0.5)


def sharpened(grey: Image.Image, scale: float, radius: float, percent: int) -> Image.Image:
    """Edges made steeper, after enlarging."""
    return scaled(grey, scale).filter(ImageFilter.UnsharpMask(radius, percent, 0))


def contrasted(grey: Image.Image) -> Image.Image:
    """The darkest made black and the lightest white."""
    return ImageOps.autocontrast(grey, cutoff=2)


def negative(grey: Image.Image) -> Image.Image:
    """Light made dark and dark light."""
    return contrasted(ImageOps.invert(grey))


def evenly_lit(grey: Image.Image) -> Image.Image:
    """Shadows and glare taken out: each point beside the light around it."""
    light = grey.reduce(8).filter(ImageFilter.GaussianBlur(6)).resize(grey.size, Image.Resampling.BILINEAR)
    return contrasted(ImageChops.subtract(grey, light, offset=128))


def quieted(grey: Image.Image, size: int) -> Image.Image:
    """Noise taken out."""
    return scaled(grey.filter(ImageFilter.MedianFilter(size)), 2)


def turned(grey: Image.Image, degrees: int) -> Image.Image:
    """Turned, with white around."""
    return grey.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
