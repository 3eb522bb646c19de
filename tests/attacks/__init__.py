"""Attacks: what must hold under attack and accident, row by row, with the tests that prove it (see table.txt)."""
