"""Metrics: how much is done, how fast, and what waits, for Prometheus; no label ever holds a personal word.

Processes that share a port count into files of one folder, so that whichever is asked gives the sums of all.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from bot.documents.photo_reading import PhotoReading
from bot.words.catalog import LANGUAGES
from storage.faults import MemoryFault
from storage.figures import Stage, Standings, funnel, standings
from storage.memory import Memory

# What a label may be: a short name out of the program, and none of those has a digit. All else is somebody's words.
LABEL = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}")
OTHER = "other"
# Bounds of the histograms, in seconds.
TURN_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
DELIVERY_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
PHOTO_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 15.0)
# What is read from the database is read again after so many seconds at the earliest …
FIGURES_SECONDS = 10.0
# … and not before so many times as long as reading took, so that a large database is not busy with being counted.
FIGURES_SHARE = 20
# The folder of the counts, where several processes share a port; the library reads the same name as it is loaded.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def label(name: str | None) -> str:
    """The name if a label may hold it."""
    return name if name and LABEL.fullmatch(name) else OTHER


class Shown(Collector):
    """What the database tells: the same whichever process is asked, so it is never summed."""

    def __init__(self) -> None:
        self._queues: dict[str, tuple[int, float]] = {}
        self._flagged = 0
        self._funnel: dict[tuple[str, str, str], int] = {}

    def stand(self, found: Standings, now: datetime) -> None:
        """Show how much waits and for how long."""
        for name, queue in (("turns", found.waiting), ("letters", found.unsent)):
            age = (now - queue.oldest).total_seconds() if queue.oldest else 0.0
            # A clock that was set back makes nothing younger than it is.
            self._queues[name] = (queue.count, max(0.0, age))
        self._flagged = found.flagged

    def show_funnel(self, stages: list[Stage]) -> None:
        """Show how many cases stand at each question, by language and channel."""
        self._funnel = {}
        for stage in stages:
            language = stage.language if stage.language in LANGUAGES else OTHER
            key = label(stage.question or "opened"), language, label(stage.channel)
            # Several that a label may not hold are one.
            self._funnel[key] = self._funnel.get(key, 0) + stage.cases

    def collect(self) -> Iterable[Metric]:
        """The figures as Prometheus wants them."""
        waiting = _gauge("waiting", "What waits: messages for their turn, letters for delivery", "queue")
        oldest = _gauge("oldest_waiting_seconds", "The age of what waits longest", "queue")
        for name, (count, age) in self._queues.items():
            waiting.add_metric([name], count)
            oldest.add_metric([name], age)
        flagged = _gauge("flagged_cases", "Cases that staff should look at")
        flagged.add_metric([], self._flagged)
        funnel = _gauge("cases", "Cases by what is asked now", "question", "language", "channel")
        for key, cases in self._funnel.items():
            funnel.add_metric(key, cases)
        return waiting, oldest, flagged, funnel


def _gauge(name: str, tells: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"khaibao_{name}", tells, labels=labels)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Everything that is counted, on one registry; made once, where the house is built. Every call is cheap."""

    registry: CollectorRegistry
    turns: Counter
    turn_seconds: Histogram
    permits: Counter
    deliveries: Counter
    delivery_seconds: Histogram
    photos: Counter
    photo_seconds: Histogram
    verdicts: Counter
    faults: Counter
    shown: Shown

    def turn_taken(self, seconds: float, *, permit: bool = False) -> None:
        """A turn was taken and written down, so many seconds after it was begun."""
        self.turns.labels("taken").inc()
        self.turn_seconds.observe(seconds)
        if permit:
            self.permits.inc()

    def turn_retaken(self) -> None:
        """The case moved while its turn was being taken; it is taken again."""
        self.turns.labels("retaken").inc()

    def turn_postponed(self) -> None:
        """The memory or a platform could not serve a turn; it is taken later."""
        self.turns.labels("postponed").inc()

    def turn_failed(self, *, parked: bool) -> None:
        """A turn failed; after the last attempt its message is parked for a person."""
        self.turns.labels("failed").inc()
        if parked:
            self.turns.labels("parked").inc()

    def delivered(self, channel: str, outcome: str, seconds: float) -> None:
        """A channel was called for a letter, and took so long; the outcome is sent, put_off, blocked or refused."""
        name = label(channel)
        self.deliveries.labels(name, label(outcome)).inc()
        self.delivery_seconds.labels(name).observe(seconds)

    def photo_read(self, reading: PhotoReading, seconds: float) -> None:
        """A photo was read, or could not be: by which rung of the ladder, and what its certificate turned out to be."""
        self.photos.labels(label(reading.trouble or "none"), label(reading.rung or "none")).inc()
        self.photo_seconds.observe(seconds)
        if reading.verdict is not None:
            self.verdicts.labels(label(reading.verdict.outcome), label(reading.verdict.reason)).inc()

    def memory_failed(self, fault: MemoryFault) -> None:
        """The memory could not do what it was asked."""
        self.faults.labels(label(type(fault).__name__)).inc()

    def text(self) -> bytes:
        """Everything as Prometheus reads it; the counts are those of all processes that share a port with this one."""
        if not os.environ.get(SHARED_FOLDER):
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        together.register(self.shown)
        return generate_latest(together)


def make_metrics() -> Metrics:
    """All metrics at zero, on a registry of their own."""
    registry, shown = CollectorRegistry(), Shown()
    ProcessCollector(registry=registry)
    registry.register(shown)

    def counter(name: str, tells: str, *labels: str) -> Counter:
        return Counter(f"khaibao_{name}", tells, labels, registry=registry)

    def seconds(name: str, tells: str, bounds: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"khaibao_{name}_seconds", tells, labels, registry=registry, buckets=bounds)

    return Metrics(
        registry=registry,
        turns=counter("turns", "Turns by what became of them", "outcome"),
        turn_seconds=seconds("turn", "From beginning a turn to its commit", TURN_SECONDS),
        permits=counter("permits_issued", "Permits issued"),
        deliveries=counter("deliveries", "Letters by channel and what became of them", "channel", "outcome"),
        delivery_seconds=seconds("delivery", "One call of a channel", DELIVERY_SECONDS, "channel"),
        photos=counter("photos", "Photos by what was wrong and by what read the code", "trouble", "rung"),
        photo_seconds=seconds("photo", "Reading one photo, with waiting for a worker", PHOTO_SECONDS),
        verdicts=counter("verdicts", "Certificates by what checking them found", "outcome", "reason"),
        faults=counter("memory_faults", "Faults of the database by kind", "kind"),
        shown=shown,
    )


@dataclass(slots=True)
class Figures:
    """What metrics show of the database, read when somebody asks and not more often than it is worth."""

    metrics: Metrics
    memory: Memory
    now: Callable[[], datetime]
    clock: Callable[[], float] = time.monotonic
    _next: float = field(default=0.0, init=False)

    async def refresh(self) -> None:
        """Read again what is old; figures that cannot be read now stay as they are."""
        began = self.clock()
        if began < self._next:
            return
        # Said first, so that of many who ask at once one reads.
        self._next = began + FIGURES_SECONDS
        try:
            self.metrics.shown.stand(await self.memory.read(standings), self.now())
            self.metrics.shown.show_funnel(await self.memory.read(funnel))
        except MemoryFault as fault:
            self.metrics.memory_failed(fault)
        ended = self.clock()
        self._next = ended + max(FIGURES_SECONDS, FIGURES_SHARE * (ended - began))
