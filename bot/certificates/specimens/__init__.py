"""Specimen certificates of our own making, and the list with the one key that signed them; nobody real is on them."""

from pathlib import Path


def folder() -> Path:
    """The folder with trust.json and the pictures."""
    return Path(__file__).parent
