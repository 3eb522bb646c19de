"""One chat step: an update in, the next question out, delivered; ours and the baselines in alternating slices."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from tests.bench.loading import Slice, load
from tests.bench.machine import load_cores
from tests.bench.processes import DidNotStart, StandIn, Started, stand_in
from tests.bench.report import spread, table, write
from tests.bench.subjects import BY_NAME, SHORT, SUBJECTS, Subject, opened

Measured = Mapping[str, list[Slice]]


@dataclass(frozen=True, slots=True)
class Goal:
    """What ours must reach beside another subject in the same round."""

    what: str
    ours: str
    other: str
    least: float


GOALS = (
    Goal("5 × PTB `send_message`, all at once", "ours", "ptb_sends_at_once", 5.0),
    Goal("5 × PTB `send_message`, queued", "ours", "ptb_sends", 5.0),
    Goal("2.5 × aiogram + Redis `send_message`", "ours", "aiogram_redis", 2.5),
    Goal("without delivery 0.35 × the raw grouped limit", "ours_told", "raw_grouped", 0.35),
)
# The first slice warms caches, connections and prepared statements; it counts for nothing.
WARM_SECONDS = 1.0


def run(out: Path, *, seconds: float = 4.0, rounds: int = 5, names: Sequence[str] = ()) -> None:
    """Measure every subject once a round, and write `step.json`."""
    chosen = [BY_NAME[name] for name in names] if names else list(SUBJECTS)
    homes = Path(tempfile.mkdtemp(prefix="step-", dir=out))
    try:
        with ExitStack() as stack:
            api = stack.enter_context(stand_in(homes, load_cores()))
            servers = _open_all(stack, chosen, out, homes, api)
            measured = _measure(servers, api, seconds, rounds)
        _check_permits(homes, measured)
    finally:
        shutil.rmtree(homes, ignore_errors=True)
    _write(out, measured)


def run_short(out: Path) -> None:
    """Only what the goals need, for about a minute and a half."""
    run(out, seconds=2.5, rounds=3, names=SHORT)


def _open_all(
    stack: ExitStack, chosen: Sequence[Subject], out: Path, homes: Path, api: StandIn
) -> dict[Subject, Started]:
    """Every subject that can be started here, warmed and standing still until its turn."""
    servers = {}
    for subject in chosen:
        try:
            servers[subject] = stack.enter_context(opened(subject, out, homes, api))
        except (DidNotStart, FileNotFoundError, ImportError) as missing:
            print(f"{subject.name} is left out: {missing}", file=sys.stderr)
            continue
        load(servers[subject], api, subject.walk, subject.replies, WARM_SECONDS)
        _pause(subject, servers[subject])
    return servers


def _measure(servers: Mapping[Subject, Started], api: StandIn, seconds: float, rounds: int) -> dict[str, list[Slice]]:
    measured: dict[str, list[Slice]] = {subject.name: [] for subject in servers}
    for number in range(rounds):
        for subject, server in servers.items():
            server.go_on()
            found = load(server, api, subject.walk, subject.replies, seconds)
            measured[subject.name].append(found)
            _pause(subject, server)
            print(f"round {number + 1} {subject.name}: {found.steps_a_second:.0f}/s", file=sys.stderr)
    return measured


def _pause(subject: Subject, server: Started) -> None:
    if subject.kind != "probe":
        server.pause()


def _check_permits(homes: Path, measured: Measured) -> None:
    """Every traveller who walked to the end holds a permit: the answers were right, and taken."""
    for name in ("ours", "ours_told"):
        path = homes / name / "khaibao.db"
        if name in measured and path.exists():
            with sqlite3.connect(path) as database:
                permits = database.execute("SELECT count(*) FROM permits").fetchone()[0]
            finished = sum(one.finished for one in measured[name])
            if permits < finished:
                raise AssertionError(f"{finished} travellers of {name} came to the end, {permits} hold a permit")


@dataclass(frozen=True, slots=True)
class Reached:
    """How ours stood beside another subject, round by round: in steps, and in what a step costs the server's core."""

    steps: list[float]
    cpu: list[float]


def ratios(measured: Measured, goal: Goal) -> Reached:
    """Ours beside the other, round by round; empty if one of them was not measured."""
    pairs = list(zip(measured.get(goal.ours, ()), measured.get(goal.other, ()), strict=False))
    return Reached(
        steps=[ours.steps_a_second / other.steps_a_second for ours, other in pairs],
        cpu=[other.cpu_ms / ours.cpu_ms for ours, other in pairs],
    )


def _write(out: Path, measured: Measured) -> None:
    goals = {goal.what: ratios(measured, goal) for goal in GOALS}
    found = {
        "slices": {name: [asdict(one) for one in slices] for name, slices in measured.items()},
        "goals": {what: asdict(reached) for what, reached in goals.items()},
    }
    write(out, "step", found, f"{_steps_table(measured)}\n\n{_goals_table(goals)}")


def _steps_table(measured: Measured) -> str:
    rows = []
    for name, slices in measured.items():
        subject = BY_NAME[name]
        rows.append(
            (
                subject.title,
                f"{median(one.steps_a_second for one in slices):,.0f}",
                f"{median(one.cpu_ms for one in slices):.2f}",
                _pair([one.answer_p50_ms for one in slices], [one.answer_p99_ms for one in slices]),
                _pair([one.step_p50_ms for one in slices], [one.step_p99_ms for one in slices]),
                subject.durable,
                {"none": "–", "body": "body", "delivered": "yes", "told": "no"}[subject.replies],
            )
        )
    head = ("one chat step", "updates/s", "CPU ms", "200: p50 / p99 ms", "whole: p50 / p99 ms", "durable", "delivers")
    return table(head, rows)


def _pair(middles: Sequence[float], ends: Sequence[float]) -> str:
    return f"{median(middles):.1f} / {median(ends):.0f}"


def _goals_table(goals: Mapping[str, Reached]) -> str:
    rows = []
    for goal in GOALS:
        reached = goals[goal.what]
        if reached.steps:
            verdict = "yes" if median(reached.steps) >= goal.least else "no"
            rows.append((goal.what, spread(reached.steps), spread(reached.cpu), verdict))
    return table(("goal", "steps: median (least–most)", "CPU of a step: the same", "reached"), rows)
