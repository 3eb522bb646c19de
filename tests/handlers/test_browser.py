"""A traveller with a phone: a whole talk in headless Chromium, from the first word to the reference."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.certificates import specimens
from bot.permit.reference import read_reference

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed; `khaibao doctor` says how")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
# A worker that reads photos takes some seconds to start on a busy machine.
PATIENCE = 30_000
# Where a run that is asked to leaves its pictures; README.md shows two of them.
SCREENSHOTS = os.environ.get("KHAIBAO_SCREENSHOTS")

ANSWERS = (
    ("Which country issued", "german"),
    ("On which day do you arrive", None),
    ("Where do you enter", "SGN"),
    ("number of the flight", "VN30"),
    ("plan to leave", f"{datetime.now(UTC) + timedelta(days=15):%d %B %Y}"),
    ("full name", "Anna Maria Specimen"),
    ("When were you born", "14 May 1990"),
    ("Which sex", "female"),
    ("number of your passport", "C01X00T47"),
    ("passport issued?", "1 Jan 2024"),
    ("passport valid?", "1 Jan 2034"),
    ("telephone number or e-mail", "+49 151 23456789"),
    ("Where will you stay", "Hotel Metropole, 15 Ngo Quyen, Hanoi"),
    ("How many children", "0"),
    ("In which countries", "Thailand, Laos"),
    ("Which of these", "none"),
    ("were you close", "no"),
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that `khaibao serve` prints."""
    command = Path(sys.executable).with_name("khaibao")
    home = tmp_path_factory.mktemp("home")
    surroundings = {**os.environ, "KHAIBAO_HOME": str(home), "KHAIBAO_PORT": "0", "KHAIBAO_PHOTO_WORKERS": "1"}
    with subprocess.Popen([command, "serve"], env=surroundings, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        said = service.stdout.readline()
        found = re.search(r"http://[\d.:]+", said)
        assert found, said
        yield found[0]
        service.terminate()
        service.communicate(timeout=30)


@pytest.fixture
async def page(address: str) -> AsyncIterator[Page]:
    """A browser of a phone's size; whatever its console calls an error fails the test."""
    errors: list[str] = []
    async with async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport=PHONE, device_scale_factor=2, locale="en-GB")
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        await page.goto(f"{address}/chat/")
        yield page
        await browser.close()
    assert errors == []


async def _heard(page: Page, words: str) -> None:
    await expect(page.locator("#log .message.bot").last).to_contain_text(words, timeout=PATIENCE)


async def _tap(page: Page, label: str) -> None:
    await page.get_by_role("button", name=label, exact=True).last.click()


async def _type(page: Page, words: str) -> None:
    await page.fill("#words", words)
    await page.keyboard.press("Enter")


async def _picture(page: Page, name: str) -> None:
    if SCREENSHOTS:
        await asyncio.sleep(0.6)  # Movements come to rest.
        await page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


async def _as_far_as_the_certificate(page: Page) -> None:
    await _heard(page, "shall we begin?")
    await _picture(page, "welcome")
    await _tap(page, "I agree, begin")
    await _heard(page, "What are you coming to Vietnam as?")
    await _tap(page, "Tourist")
    for question, answer in ANSWERS:
        await _heard(page, question)
        await (_tap(page, "Tomorrow") if answer is None else _type(page, answer))
    await _heard(page, "square code")


async def test_a_whole_talk_ends_with_a_reference(page: Page) -> None:
    await _as_far_as_the_certificate(page)
    await _picture(page, "certificate")
    await page.set_input_files("input[type=file]", specimens.folder() / "good.png")
    await _heard(page, "its signature is genuine")
    await _picture(page, "summary")
    await page.get_by_role("button", name=re.compile("^Change: Name")).last.click()
    await _heard(page, "Your answer so far: Anna Maria Specimen")
    await _tap(page, "Keep it")
    await _heard(page, "If all of it is true")
    await _tap(page, "✓ Submit the declaration")
    await _heard(page, "Your permit reference is")
    await _picture(page, "permit")
    said = await page.locator("#log .message.bot").last.inner_text()
    assert read_reference(said)


async def test_a_reload_midway_goes_on_at_the_same_question(page: Page) -> None:
    await _heard(page, "shall we begin?")
    await _tap(page, "I agree, begin")
    await _heard(page, "What are you coming to Vietnam as?")
    await _tap(page, "Student")
    await _heard(page, "Which country issued")
    await page.reload()
    await _heard(page, "Which country issued")
    await _type(page, "한국")
    await _heard(page, "receives you?")


async def test_the_language_changes_the_page_and_the_question(page: Page) -> None:
    await _heard(page, "shall we begin?")
    await _tap(page, "I agree, begin")
    await _heard(page, "What are you coming to Vietnam as?")
    await page.locator("[data-open=language-dialog]").click()
    await _tap(page, "Tiếng Việt")
    await expect(page.locator("html")).to_have_attribute("lang", "vi")
    await expect(page.locator("#log .message.bot").last).not_to_contain_text("What are you coming to Vietnam as?")


async def test_words_of_a_traveller_are_never_markup(page: Page) -> None:
    await _heard(page, "shall we begin?")
    await _type(page, "<img src=x onerror=alert(1)><b>bold</b>")
    await expect(page.locator(".message.traveller").last).to_contain_text("<b>bold</b>")
    assert await page.locator(".message.traveller b, .message.traveller img").count() == 0
