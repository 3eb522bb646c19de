"""A small strict reader of CBOR (RFC 8949) for signed health certificates.

The general library decodes far more than a certificate may hold: huge decimals, regular expressions, shared
references. It accepts duplicate keys and trailing bytes, and a hook on tags runs only after their content is decoded.
So this reads only what certificates need and refuses the rest; whatever it returns is plain and bounded.
"""

import struct

MAX_DEPTH = 8
"""Arrays, maps and tags inside one another; real certificates need six."""

MAX_ITEMS = 20_000
"""Values in one document; a certificate of the largest allowed size has a few hundred."""

TAG_DATE_TEXT, TAG_EPOCH, TAG_COSE_SIGN1, TAG_CWT = 0, 1, 18, 61
COSE_TAGS = frozenset({TAG_COSE_SIGN1, TAG_CWT})
DATE_TAGS = frozenset({TAG_DATE_TEXT, TAG_EPOCH})

_BREAK = object()
_SIMPLE = {20: False, 21: True, 22: None, 23: None}
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}

Value = int | float | bool | str | bytes | None | list["Value"] | dict[int | str, "Value"]


class CborError(ValueError):
    """The bytes are not the CBOR that a certificate may hold."""


def decode(content: bytes) -> Value:
    """The one value in `content`; tags for dates and for COSE are unwrapped, everything unusual raises CborError."""
    reader = _Reader(content)
    value = reader.value(0)
    if reader.place != len(content):
        raise CborError("bytes follow the value")
    return value


def head(major: int, length: int) -> bytes:
    """The first bytes of a value of major type `major` (0 to 7) and length or number `length` (RFC 8949, 3)."""
    for size, mark, form in ((1 << 8, 24, ">B"), (1 << 16, 25, ">H"), (1 << 32, 26, ">I")):
        if length < 24:
            return bytes([major << 5 | length])
        if length < size:
            return bytes([major << 5 | mark]) + struct.pack(form, length)
    return bytes([major << 5 | 27]) + struct.pack(">Q", length)


class _Reader:
    """A place in the bytes and the count of values so far."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.place = 0
        self.items = 0

    def value(self, depth: int) -> Value:
        found = self.item(depth)
        if found is _BREAK:
            raise CborError("a break stands where a value should")
        return found  # type: ignore[return-value]  # only the mark of a break is no Value

    def item(self, depth: int) -> object:
        """The next value, or the mark of a break that ends something of unstated length."""
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise CborError("nested too deep or too many values")
        first = self.take(1)[0]
        major, detail = first >> 5, first & 31
        if major == 7:
            return self.simple(detail)
        length = self.length(detail)
        if major in (0, 1):
            if length is None:
                raise CborError("a number without a length")
            return length if major == 0 else -1 - length
        if major in (2, 3):
            return self.string(major, length)
        if major == 4:
            return self.array(length, depth)
        return self.mapping(length, depth) if major == 5 else self.tagged(length, depth)

    def take(self, count: int) -> bytes:
        end = self.place + count
        if end > len(self.content):
            raise CborError("the bytes end too early")
        part = self.content[self.place : end]
        self.place = end
        return part

    def length(self, detail: int) -> int | None:
        """The number after the first byte; None for an unstated length."""
        if detail < 24:
            return detail
        if detail > 27:
            if detail == 31:
                return None
            raise CborError("reserved length")
        return int.from_bytes(self.take(1 << (detail - 24)), "big")

    def simple(self, detail: int) -> object:
        if detail == 31:
            return _BREAK
        if detail in _SIMPLE:
            return _SIMPLE[detail]
        if detail in _FLOATS:
            number: float = struct.unpack(_FLOATS[detail], self.take(1 << (detail - 24)))[0]
            return number
        raise CborError("unknown simple value")

    def string(self, major: int, length: int | None) -> bytes | str:
        content = self.take(length) if length is not None else self.chunks(major)
        if major == 2:
            return content
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as wrong:
            raise CborError("text is not UTF-8") from wrong

    def chunks(self, major: int) -> bytes:
        parts = bytearray()
        while (first := self.take(1)[0]) != 0xFF:
            length = self.length(first & 31)
            if first >> 5 != major or length is None:
                raise CborError("a string in pieces holds something else")
            parts += self.take(length)
        return bytes(parts)

    def array(self, length: int | None, depth: int) -> list[Value]:
        found: list[Value] = []
        while length is None or len(found) < length:
            item = self.item(depth + 1)
            if item is _BREAK:
                if length is not None:
                    raise CborError("an array ends too early")
                break
            found.append(item)  # type: ignore[arg-type]  # only the mark of a break is no Value
        return found

    def mapping(self, length: int | None, depth: int) -> dict[int | str, Value]:
        found: dict[int | str, Value] = {}
        while length is None or len(found) < length:
            key = self.item(depth + 1)
            if key is _BREAK and length is None:
                break
            if isinstance(key, bool) or not isinstance(key, int | str):
                raise CborError("a key is neither number nor text")
            if key in found:
                raise CborError("a key stands twice")
            found[key] = self.value(depth + 1)
        return found

    def tagged(self, tag: int | None, depth: int) -> Value:
        inner = self.value(depth + 1)
        if tag in COSE_TAGS and depth <= 1 and isinstance(inner, list):
            return inner
        if tag == TAG_DATE_TEXT and isinstance(inner, str):
            return inner
        if tag == TAG_EPOCH and isinstance(inner, int | float):
            return inner
        raise CborError("a tag that certificates do not use")
