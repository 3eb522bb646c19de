"""Metrics: what is done and what waits can be seen, by those who may, and no label holds a personal word."""

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from fixtures.measuring import Open, Ticking
from fixtures.storing import ASK, MINUTE, NOON, arrival, converse, hear, outcome, permit, work_of
from prometheus_client.parser import text_string_to_metric_families

from bot.certificates.verdict import Verdict
from bot.documents.photo_reading import PhotoReading
from bot.messages import Said
from handlers.metrics import FIGURES_SECONDS, FIGURES_SHARE, Figures, Metrics, label, make_metrics
from storage.faults import MemoryFull, MemoryTangled
from storage.memory import Memory
from storage.settling import Trip, settle, trip
from storage.transcript import take_in

ASKED = Said((ASK(),))


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """One figure."""
    return metrics.registry.get_sample_value(f"khaibao_{name}", labels)


def test_two_houses_do_not_share_their_counts(metrics: Metrics) -> None:
    metrics.turn_taken(0.01)
    assert value(make_metrics(), "turn_seconds_count") == 0


def test_every_end_of_a_turn_is_counted(metrics: Metrics) -> None:
    metrics.turn_taken(0.01)
    metrics.turn_taken(0.3, permit=True)
    metrics.turn_retaken()
    metrics.turn_postponed()
    metrics.turn_failed(parked=False)
    metrics.turn_failed(parked=True)
    counted = {"taken": 2, "retaken": 1, "postponed": 1, "failed": 2, "parked": 1}
    assert {name: value(metrics, "turns_total", outcome=name) for name in counted} == counted
    assert value(metrics, "permits_issued_total") == 1
    assert value(metrics, "turn_seconds_sum") == pytest.approx(0.31)
    assert value(metrics, "turn_seconds_bucket", le="0.01") == 1


def test_deliveries_photos_verdicts_and_faults_are_counted(metrics: Metrics) -> None:
    metrics.delivered("telegram", "sent", 0.2)
    metrics.delivered("telegram", "put_off", 0.1)
    metrics.photo_read(PhotoReading("no_code", picture=b"x"), 1.5)
    verdict = Verdict("unverified", "issuer_unknown", "hcert")
    metrics.photo_read(PhotoReading(None, verdict, b"x", "first"), 0.5)
    metrics.memory_failed(MemoryTangled("x"))
    assert value(metrics, "deliveries_total", channel="telegram", outcome="sent") == 1
    assert value(metrics, "delivery_seconds_count", channel="telegram") == 2
    assert value(metrics, "photos_total", trouble="no_code", rung="none") == 1
    assert value(metrics, "photos_total", trouble="none", rung="first") == 1
    assert value(metrics, "photo_seconds_sum") == 2
    assert value(metrics, "verdicts_total", outcome="unverified", reason="issuer_unknown") == 1
    assert value(metrics, "memory_faults_total", kind="MemoryTangled") == 1


@pytest.mark.parametrize(
    "words", ["Nguyễn Văn A", "my name is", "123456789:AAF-long", "", None, "a" * 41, "C01X00T47", "a\nb", "+84123"]
)
def test_no_label_holds_what_somebody_wrote(words: str | None) -> None:
    assert label(words) == "other"


def test_counting_a_turn_costs_next_to_nothing(metrics: Metrics, capsys: pytest.CaptureFixture[str]) -> None:
    times = 5_000
    began = time.perf_counter()
    for _ in range(times):
        metrics.turn_taken(0.01)
        metrics.delivered("telegram", "sent", 0.2)
    each = (time.perf_counter() - began) / times
    with capsys.disabled():
        print(f"\na turn and its delivery are counted in {each * 1e6:.1f} µs")
    assert each < 0.001


async def test_what_waits_is_shown_with_its_age(memory: Memory, metrics: Metrics, figures: Figures) -> None:
    await figures.refresh()
    assert value(metrics, "waiting", queue="turns") == value(metrics, "oldest_waiting_seconds", queue="turns") == 0
    figures._next = 0.0
    await converse(memory, "1", ASKED, flags=("health",))
    await hear(memory, "2")
    await hear(memory, "3", at=NOON + MINUTE)
    await figures.refresh()
    assert value(metrics, "waiting", queue="turns") == 2
    assert value(metrics, "oldest_waiting_seconds", queue="turns") == 300
    assert value(metrics, "waiting", queue="letters") == 1
    assert value(metrics, "oldest_waiting_seconds", queue="letters") == 240
    assert value(metrics, "flagged_cases") == 1


async def test_a_clock_that_was_set_back_gives_no_age_below_nothing(memory: Memory, metrics: Metrics) -> None:
    await hear(memory, "1")
    await Figures(metrics, memory, lambda: NOON - MINUTE).refresh()
    assert value(metrics, "oldest_waiting_seconds", queue="turns") == 0


async def test_the_funnel_counts_cases_by_question_language_and_channel(
    memory: Memory, metrics: Metrics, figures: Figures
) -> None:
    for number in range(3):
        taken = await hear(memory, str(number), address=str(number))
        work = await work_of(memory, taken.case_id)
        case = replace(work.case, language="vi" if number else "en")
        assert await memory.write(settle, outcome(work, ASKED, case=case))
    await memory.write(take_in, replace(arrival("9", address="9"), channel="web", language="Klingon of my own"))
    await figures.refresh()
    assert value(metrics, "cases", question="passport", language="vi", channel="telegram") == 2
    assert value(metrics, "cases", question="passport", language="en", channel="telegram") == 1
    assert value(metrics, "cases", question="opened", language="other", channel="web") == 1
    await converse(memory, "10", ASKED, question="permit", permit=permit("VN-1"))
    figures._next = 0.0
    await figures.refresh()
    assert value(metrics, "cases", question="permit", language="en", channel="telegram") == 1


async def test_figures_are_read_again_only_when_it_is_worth_it(
    memory: Memory, metrics: Metrics, figures: Figures, clock: Ticking
) -> None:
    await figures.refresh()
    await hear(memory, "1")
    clock.at += FIGURES_SECONDS - 1
    await figures.refresh()
    assert value(metrics, "waiting", queue="turns") == 0
    clock.at += 1
    await figures.refresh()
    assert value(metrics, "waiting", queue="turns") == 1


async def test_a_database_that_is_slow_to_count_is_asked_less_often(metrics: Metrics, clock: Ticking) -> None:
    asked = []

    async def slowly(function: Any) -> Any:
        asked.append(function)
        clock.at += 3
        raise MemoryFull("slowly")

    figures = Figures(metrics, SimpleNamespace(read=slowly), lambda: NOON, clock)  # type: ignore[arg-type]
    await figures.refresh()
    clock.at += 3 * FIGURES_SHARE - 1
    await figures.refresh()
    assert len(asked) == 1
    assert value(metrics, "memory_faults_total", kind="MemoryFull") == 1
    clock.at += 1
    await figures.refresh()
    assert len(asked) == 2


async def test_metrics_are_prometheus_text_without_a_personal_word(
    memory: Memory, metrics: Metrics, door: Open
) -> None:
    await hear(memory, "secret-1", "Mustermann C01X00T47", address="4711", language="de Mustermann")
    work = await converse(memory, "2", ASKED)
    await memory.write(trip, Trip(work.row, "KeyError", NOON))
    metrics.delivered("Mustermann C01X00T47", "sent", 0.1)
    metrics.turn_taken(0.1)
    answer = await (await door()).get("/metrics")
    text = await answer.text()
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = {family.name for family in text_string_to_metric_families(text)}
    assert {"khaibao_turns", "khaibao_turn_seconds", "khaibao_waiting", "khaibao_cases"} <= families
    for word in ("Mustermann", "C01X00T47", "4711", work.case_id, "secret-1"):
        assert word not in text
