"""Disks that are small or may only be read, mounted where one service sees them and nobody else."""

from __future__ import annotations

import errno
import os
import subprocess
from functools import cache
from pathlib import Path

import pytest
from fixtures.killing import COMMAND, Service, environment

BLOCK = 64 * 1024


@cache
def may_mount() -> bool:
    """Whether this account may mount a disk in a namespace of its own."""
    tried = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"]
    try:
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


needs_mount = pytest.mark.skipif("not __import__('disk').may_mount()", reason="no disk can be mounted by this account")


def start_on_disk(service: Service, disk: str, then: str = "true") -> None:
    """Start the service with its home on a disk mounted with these options, after this command in it was run."""
    service.home.mkdir(exist_ok=True)
    script = f'mount -t tmpfs -o {disk} tmpfs "$0" && cd "$0" && {then} && cd / && exec "$1" serve'
    with service.output.open("ab") as output:
        service.process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", script, service.home, COMMAND],
            env=environment(service.home, KHAIBAO_PORT=str(service.port)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def home_inside(service: Service) -> Path:
    """The home as the service sees it."""
    if service.process is None:
        raise RuntimeError("it was never started")
    return Path(f"/proc/{service.process.pid}/root{service.home}")


def fill(folder: Path) -> Path:
    """Fill the disk to the last byte; the file to remove when there is to be room again."""
    ballast = folder / "ballast"
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    size = BLOCK
    try:
        while size:
            try:
                os.write(descriptor, bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2
    finally:
        os.close(descriptor)
    return ballast
