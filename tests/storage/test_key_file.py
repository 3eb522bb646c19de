"""The key file: a new key is announced, seals, and outlives the old one; rings follow it."""

import os
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from storage.key_file import (
    HIGHEST_KEY,
    KeyFile,
    KeyFileTrouble,
    announce_key,
    drop_old_keys,
    read_key_file,
    replace_key_file,
    seal_with_announced,
)
from storage.keys import LEASE_SECONDS, LOOK_SECONDS, Keyring, UnknownKey, load_keys, make_keys

PLACE = "cases.state:1"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A key file with one key."""
    make_keys(tmp_path / "keys.json")
    return tmp_path / "keys.json"


def test_an_announced_key_opens_and_does_not_seal(key_file: Path) -> None:
    assert announce_key(key_file) == announce_key(key_file) == 2
    ring = load_keys(key_file)
    assert (ring.newest, ring.numbers) == (1, {1, 2})
    assert seal_with_announced(key_file) == 2
    assert load_keys(key_file).newest == 2
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_a_ring_learns_of_a_key_when_it_meets_what_it_sealed(key_file: Path) -> None:
    running = load_keys(key_file)
    announce_key(key_file)
    seal_with_announced(key_file)
    assert running.open(PLACE, load_keys(key_file).seal(PLACE, b"x")) == b"x"
    with pytest.raises(UnknownKey):
        running.open(PLACE, b"\7" + bytes(40))


def test_a_ring_seals_with_a_new_key_within_a_moment(key_file: Path) -> None:
    running = load_keys(key_file)
    announce_key(key_file)
    seal_with_announced(key_file)
    time.sleep(LOOK_SECONDS * 1.1)
    assert running.seal(PLACE, b"x")[0] == 2
    drop_old_keys(key_file)
    time.sleep(LOOK_SECONDS * 1.1)
    assert running.seal(PLACE, b"x")[0] == 2
    assert running.numbers == {2}


def test_a_ring_does_without_its_file_for_the_lease_and_then_seals_nothing(key_file: Path) -> None:
    running, now = load_keys(key_file), time.monotonic()
    key_file.write_text("{")
    running.look(now + LEASE_SECONDS / 2)
    assert running.open(PLACE, running.seal(PLACE, b"x")) == b"x"
    key_file.unlink()
    with pytest.raises(KeyFileTrouble, match="cannot be read any more"):
        running.look(now + LEASE_SECONDS + 1)


def test_a_ring_does_not_take_the_keys_of_another_installation(key_file: Path, tmp_path: Path) -> None:
    running = load_keys(key_file)
    make_keys(tmp_path / "other.json")
    (tmp_path / "other.json").replace(key_file)
    running.look(time.monotonic())
    assert load_keys(key_file).blind("a", "b") != running.blind("a", "b")
    with pytest.raises(KeyFileTrouble):
        running.look(time.monotonic() + LEASE_SECONDS + 1)


def test_a_key_file_that_has_seen_all_keys_takes_no_more(key_file: Path) -> None:
    kept, _ = read_key_file(key_file)
    replace_key_file(key_file, replace(kept, fields={HIGHEST_KEY: os.urandom(32)}))
    with pytest.raises(KeyFileTrouble, match="255"):
        announce_key(key_file)


@pytest.mark.parametrize("coming", [{1: b"x" * 32}, {2: b"short"}, {0: b"x" * 32}])
def test_wrong_keys_never_reach_the_file(key_file: Path, coming: dict[int, bytes]) -> None:
    before = key_file.read_bytes()
    with pytest.raises(KeyFileTrouble):
        replace_key_file(key_file, KeyFile({1: b"y" * 32}, b"z" * 32, coming))
    assert key_file.read_bytes() == before


def test_a_ring_without_a_file_has_nothing_to_follow() -> None:
    ring = Keyring({1: os.urandom(32)}, os.urandom(32))
    ring.look(time.monotonic() + 10 * LEASE_SECONDS)
    assert ring.numbers == {1}
