"""Reads the letters of one straightened line of OCR-B: a small network says for every few pixels which letter is there.

The network was trained by this project on lines it had drawn itself; `tests/training` makes it anew.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import cv2
import numpy
from numpy.typing import NDArray

CHARACTERS = "<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What may stand in a machine readable zone (ICAO 9303-3, 4.3), in the order of the network's classes."""

NOTHING = len(CHARACTERS)
"""The class of a place between two letters."""

HEIGHT = 32
"""Pixels from top to bottom of a line given to the network."""

CAPITAL = 18
"""Pixels of a capital letter in it."""

FRAME = 4
"""Pixels of a line for which the network gives one opinion."""

LONGEST_LINE = 2400
"""Pixels of the longest line that is read."""

_SURROUNDINGS = (0, 0)
_SPREAD = 14.0
_LEAST_CONTRAST = 3.0

Grey = NDArray[numpy.uint8]
Opinions = NDArray[numpy.float32]


def evened(line: NDArray[numpy.float32]) -> NDArray[numpy.float32]:
    """The line with each point measured against the brightness and contrast around it: shadows and glare vanish."""
    light = cv2.GaussianBlur(line, _SURROUNDINGS, _SPREAD, borderType=cv2.BORDER_REFLECT)
    away = line - light
    contrast = cv2.GaussianBlur(away * away, _SURROUNDINGS, _SPREAD, borderType=cv2.BORDER_REFLECT)
    evened: NDArray[numpy.float32] = away / numpy.sqrt(contrast + _LEAST_CONTRAST**2)
    return evened


def read_letters(*lines: Grey) -> list[Opinions]:
    """Opinions on lines of HEIGHT rows and one width: for every FRAME pixels the logarithms of each class's chances."""
    batch = numpy.stack([evened(line.astype(numpy.float32)) for line in lines])[:, None]
    return list(_network().run(None, {"lines": batch})[0])


@cache
def _network():  # type: ignore[no-untyped-def]  # onnxruntime has no types
    """The network, loaded with the first line that is read; one thread, for a worker has one core."""
    import onnxruntime  # 20 megabytes and a third of a second, for passports only

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    model = files("bot.documents").joinpath("models/mrz_letters.onnx").read_bytes()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
