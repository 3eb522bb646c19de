"""The lock: one home, one serving process."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage.lock import AlreadyHeld, hold

SERVE = """
import pathlib, sys
from storage.lock import hold

lock = hold(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_refused_while_the_first_serves(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(AlreadyHeld):
        hold(tmp_path)


def test_a_released_lock_can_be_held_again(tmp_path: Path) -> None:
    lock = hold(tmp_path)
    lock.release()
    lock.release()
    hold(tmp_path).release()


def test_homes_do_not_lock_each_other(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with hold(tmp_path / "one"), hold(tmp_path / "two"):
        pass


def test_a_process_that_is_killed_leaves_no_lock(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVE, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyHeld):
            hold(tmp_path)
        process.kill()
    hold(tmp_path).release()
