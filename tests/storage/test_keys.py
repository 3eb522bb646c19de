"""Keys: what they sealed opens in its own place, with the right file, and nowhere else."""

import json
import os
import stat
from pathlib import Path

import pytest

from storage.keys import KeyFileTrouble, Keyring, Tampered, UnknownKey, load_keys, make_keys

PLACE = "cases.state:1"


def test_what_was_sealed_opens_in_its_place(keys: Keyring) -> None:
    assert keys.open(PLACE, keys.seal(PLACE, b"Nguyen")) == b"Nguyen"
    assert keys.open_json(PLACE, keys.seal_json(PLACE, {"a": "ạ"})) == {"a": "ạ"}


def test_the_same_content_is_never_sealed_the_same_way(keys: Keyring) -> None:
    assert keys.seal(PLACE, b"x") != keys.seal(PLACE, b"x")


@pytest.mark.parametrize("place", ["cases.state:2", "cases.note:1", ""])
def test_it_opens_in_no_other_place(keys: Keyring, place: str) -> None:
    with pytest.raises(Tampered):
        keys.open(place, keys.seal(PLACE, b"x"))


def test_every_changed_byte_is_noticed(keys: Keyring) -> None:
    sealed = keys.seal(PLACE, b"Nguyen")
    for position in range(len(sealed)):
        changed = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        with pytest.raises((Tampered, UnknownKey)):
            keys.open(PLACE, changed)


@pytest.mark.parametrize("length", [0, 1, 5, 13, 20])
def test_what_is_too_short_was_not_sealed(keys: Keyring, length: int) -> None:
    with pytest.raises(Tampered):
        keys.open(PLACE, (b"\1" + bytes(40))[:length])


def test_the_newest_key_seals_and_all_open() -> None:
    one, two, blind = os.urandom(32), os.urandom(32), os.urandom(32)
    before, after, without = Keyring({1: one}, blind), Keyring({1: one, 2: two}, blind), Keyring({2: two}, blind)
    old, new = before.seal(PLACE, b"x"), after.seal(PLACE, b"x")
    assert after.open(PLACE, old) == without.open(PLACE, new) == b"x"
    with pytest.raises(UnknownKey):
        without.open(PLACE, old)
    with pytest.raises(UnknownKey):
        before.open(PLACE, new)


def test_a_blind_index_depends_on_key_purpose_and_text(keys: Keyring) -> None:
    other = Keyring({1: os.urandom(32)}, os.urandom(32))
    index = keys.blind("address", "4711")
    assert index == keys.blind("address", "4711")
    assert (
        len({index, keys.blind("address", "4712"), keys.blind("passport", "4711"), other.blind("address", "4711")}) == 4
    )


def test_a_key_file_is_for_its_owner_alone_and_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made = make_keys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read = load_keys(path)
    assert read.open(PLACE, made.seal(PLACE, b"x")) == b"x"
    assert read.blind("a", "b") == made.blind("a", "b")


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    make_keys(path)
    before = path.read_bytes()
    with pytest.raises(KeyFileTrouble):
        make_keys(path)
    assert path.read_bytes() == before


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    make_keys(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileTrouble, match="chmod 600"):
        load_keys(path)


def wrong(path: Path, change: dict[str, object]) -> str:
    """The key file with something changed in it."""
    return json.dumps(json.loads(path.read_text()) | change)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"fields": {}},
        {"fields": {"1": "c2hvcnQ="}},
        {"fields": {"one": "c2hvcnQ="}},
        {"fields": {"1": 5}},
        {"blind": "!"},
        {"blind": None},
    ],
)
def test_a_file_that_holds_no_keys_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "keys.json"
    make_keys(path)
    path.write_text(wrong(path, change))
    with pytest.raises(KeyFileTrouble):
        load_keys(path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
def test_what_is_no_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileTrouble):
        load_keys(path)


def test_a_missing_key_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyFileTrouble, match="no key file"):
        load_keys(tmp_path / "keys.json")
