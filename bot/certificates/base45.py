"""Base45 as RFC 9285 writes it: bytes as characters that QR codes hold densely."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}


class Base45Error(ValueError):
    """The text is not Base45."""


def decode(text: str) -> bytes:
    """The bytes that `text` stands for; raises Base45Error for a wrong character, length or number (RFC 9285, 4.1)."""
    if len(text) % 3 == 1:
        raise Base45Error("wrong length")
    try:
        values = [_VALUES[character] for character in text]
    except KeyError as wrong:
        raise Base45Error("a character outside the alphabet") from wrong
    found = bytearray()
    whole = len(values) - len(values) % 3
    for at in range(0, whole, 3):
        number = values[at] + 45 * values[at + 1] + 2025 * values[at + 2]
        if number > 0xFFFF:
            raise Base45Error("three characters stand for more than two bytes")
        found += number.to_bytes(2, "big")
    if whole < len(values):
        number = values[whole] + 45 * values[whole + 1]
        if number > 0xFF:
            raise Base45Error("two characters stand for more than one byte")
        found.append(number)
    return bytes(found)


def encode(content: bytes) -> str:
    """`content` as Base45 text (RFC 9285, 4)."""
    parts = []
    for at in range(0, len(content) - 1, 2):
        number = content[at] << 8 | content[at + 1]
        parts.append(_ALPHABET[number % 45] + _ALPHABET[number // 45 % 45] + _ALPHABET[number // 2025])
    if len(content) % 2:
        parts.append(_ALPHABET[content[-1] % 45] + _ALPHABET[content[-1] // 45])
    return "".join(parts)
