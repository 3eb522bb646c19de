"""Metrics: how much is done, how fast, and what waits, for Prometheus; no label ever holds a personal word."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from bot.documents.photo import PhotoReading
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


def label(name: str | None) -> str:
    """The name if a label may hold it."""
    return name if name and LABEL.fullmatch(name) else OTHER


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
    queue: Gauge
    queue_age: Gauge
    flagged: Gauge
    funnel: Gauge

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

    def stand(self, found: Standings, now: datetime) -> None:
        """Show how much waits and for how long."""
        for name, queue in (("turns", found.waiting), ("letters", found.unsent)):
            self.queue.labels(name).set(queue.count)
            age = (now - queue.oldest).total_seconds() if queue.oldest else 0.0
            # A clock that was set back makes nothing younger than it is.
            self.queue_age.labels(name).set(max(0.0, age))
        self.flagged.set(found.flagged)

    def show_funnel(self, stages: list[Stage]) -> None:
        """Show how many cases stand at each question, by language and channel."""
        self.funnel.clear()
        for stage in stages:
            language = stage.language if stage.language in LANGUAGES else OTHER
            child = self.funnel.labels(label(stage.question or "opened"), language, label(stage.channel))
            # Several that a label may not hold are one.
            child.inc(stage.cases)


def make_metrics() -> Metrics:
    """All metrics at zero, on a registry of their own."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)

    def counter(name: str, tells: str, *labels: str) -> Counter:
        return Counter(f"khaibao_{name}", tells, labels, registry=registry)

    def gauge(name: str, tells: str, *labels: str) -> Gauge:
        return Gauge(f"khaibao_{name}", tells, labels, registry=registry)

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
        queue=gauge("waiting", "What waits: messages for their turn, letters for delivery", "queue"),
        queue_age=gauge("oldest_waiting_seconds", "The age of what waits longest", "queue"),
        flagged=gauge("flagged_cases", "Cases that staff should look at"),
        funnel=gauge("cases", "Cases by what is asked now", "question", "language", "channel"),
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
            self.metrics.stand(await self.memory.read(standings), self.now())
            self.metrics.show_funnel(await self.memory.read(funnel))
        except MemoryFault as fault:
            self.metrics.memory_failed(fault)
        ended = self.clock()
        self._next = ended + max(FIGURES_SECONDS, FIGURES_SHARE * (ended - began))
