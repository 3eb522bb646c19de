"""Where every QR code is the same, whatever it holds (ISO/IEC 18004, 6.3)."""

import numpy
from numpy.typing import NDArray

SMALLEST, LARGEST = 1, 40
"""Versions."""

BLACK, WHITE, UNKNOWN = 1, -1, 0


def modules(version: int) -> int:
    """Modules of one side."""
    return 17 + 4 * version


def alignment_middles(version: int) -> list[tuple[int, int]]:
    """Row and column of the middle of each alignment pattern (Annex E)."""
    if version < 2:
        return []
    count = version // 7 + 2
    last = modules(version) - 7
    step = 26 if version == 32 else 2 * -(-(last - 6) // (2 * (count - 1)))
    lines = [6, *(last - step * back for back in range(count - 2, -1, -1))]
    corners = {(6, 6), (6, last), (last, 6)}
    return [(row, column) for row in lines for column in lines if (row, column) not in corners]


def known_modules(version: int) -> NDArray[numpy.int8]:
    """BLACK and WHITE where every code of this version is, UNKNOWN elsewhere; rows first."""
    side = modules(version)
    known = numpy.zeros((side, side), numpy.int8)
    line = numpy.where(numpy.arange(side) % 2 == 0, BLACK, WHITE)
    known[6, :] = line
    known[:, 6] = line
    corner = numpy.full((8, 8), WHITE, numpy.int8)
    corner[:7, :7] = _rings(7)
    known[:8, :8] = corner
    known[:8, -8:] = corner[:, ::-1]
    known[-8:, :8] = corner[::-1, :]
    for row, column in alignment_middles(version):
        known[row - 2 : row + 3, column - 2 : column + 3] = _rings(5)
    known[side - 8, 8] = BLACK
    return known


def _rings(side: int) -> NDArray[numpy.int8]:
    """A square of black around white around black."""
    middle = side // 2
    away = numpy.abs(numpy.arange(side) - middle)
    ring = numpy.maximum(away[:, None], away[None, :])
    return numpy.where(ring == middle - 1, WHITE, BLACK).astype(numpy.int8)
