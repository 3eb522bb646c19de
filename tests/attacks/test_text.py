"""Text that attacks: script, marks that turn the line round, letters nobody sees, and formats with fields in them."""

from __future__ import annotations

import unicodedata

import pytest
from fixtures.house import OpenHouse
from fixtures.telegram_stand_in import Phone
from fixtures.webphone import WebPhone

from bot.declaration.kinds import words
from bot.words.catalog import Words, load_words
from bot.words.checks import check_sentence
from bot.words.text import P_
from bot.written.names import Name, read_name
from bot.written.papers import PassportNumber, read_passport_number
from handlers.pages.site import STATIC
from handlers.service import LOCALES

# Overrides, isolates and marks of direction, joiners, a soft hyphen, a byte order mark, tags, and bare controls.
UNSEEN = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\u2060\u00ad\ufeff\U000e0041"
CONTROLS = "\x00\x07\x08\x1b\x7f\x85\x9b"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>&lt;\"'`"
FIELDS = "{name} {x.__class__} {0} {} {{ {x!r} {x[0]} %s %(name)s $name ${name} {x.__init__.__globals__}"

in_the_house = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def catalogs() -> Words:
    return load_words(LOCALES, ["en", "vi"])


@pytest.mark.parametrize("mark", UNSEEN + CONTROLS)
@pytest.mark.parametrize("place", ["before", "within", "after"])
def test_no_mark_that_nobody_sees_gets_into_an_answer(mark: str, place: str) -> None:
    def marked(text: str) -> str:
        half = len(text) // 2
        return {"before": mark + text, "within": text[:half] + mark + text[half:], "after": text + mark}[place]

    name, paper = read_name(marked("NGUYEN VAN AN")), read_passport_number(marked("C01X00T47"))
    free = words(2, 200).understand(marked("12 Hàng Bông"), None)  # type: ignore[arg-type]
    assert isinstance(name, Name)
    assert not {unicodedata.category(sign) for sign in name.written} & {"Cf", "Cc", "Cn"}
    assert not isinstance(paper, PassportNumber) or paper.value == "C01X00T47"
    kept = getattr(free, "value", "")
    assert kept
    assert mark not in kept


@pytest.mark.parametrize("hostile", [SCRIPT, FIELDS, UNSEEN, CONTROLS])
def test_what_stands_in_a_value_is_never_read_as_a_field(catalogs: Words, hostile: str) -> None:
    line = P_("text.attack", "Dear {name}, thank you.")(name=hostile)
    assert catalogs.say(line, "en") == f"Dear {hostile}, thank you."


FIELD_ATTACKS = [
    "{name.__class__}",
    "{name[0]}",
    "{name!r}",
    "{name:>99999999}",
    "{0}",
    "{}",
    "{name",
    "name}",
    "{{name}}",
]


@pytest.mark.parametrize("field", FIELD_ATTACKS)
def test_no_translation_may_reach_into_what_it_is_given(field: str) -> None:
    findings = check_sentence("text.attack", ["Dear {name}."], [f"Kính gửi {field}."], 1)
    assert [finding for finding in findings if finding.blocks]


HOSTILE = [SCRIPT, FIELDS, f"a{UNSEEN}b", f"a{CONTROLS[1:]}b", "=HYPERLINK(1)", "../../etc/passwd"]


@in_the_house
@pytest.mark.parametrize(
    "hostile", [SCRIPT, FIELDS, f"a{UNSEEN}b", f"a{CONTROLS[1:]}b", "=HYPERLINK(1)", "../../etc/passwd"]
)
async def test_hostile_words_go_in_and_out_as_plain_text(open_house_on_loopback: OpenHouse, hostile: str) -> None:
    async with WebPhone(open_house_on_loopback.url, "en") as phone:
        await phone.open()
        await phone.heard()
        await phone.text(hostile)
        assert await phone.heard() is not None
        # A client that is any good does not send controls in the name of a file.
        name = "".join(sign for sign in hostile if unicodedata.category(sign) != "Cc")
        await phone.document(b"no picture", f"{name}.png", "image/png")
        assert await phone.heard() is not None
        async with phone._session.get("/chat/messages?after=0") as answer:
            assert answer.content_type == "application/json"
            told = (await answer.json())["messages"]
        assert hostile in [one["text"] for one in told]
        async with phone._session.get("/chat/") as answer:
            page = await answer.text()
        assert "alert(" not in page
        assert hostile not in page


@in_the_house
async def test_words_to_telegram_are_never_markup(open_house_on_loopback: OpenHouse) -> None:
    stand_in = open_house_on_loopback.stand_in
    phone = Phone(stand_in, 66_101)
    for said in ("/start", "yes", SCRIPT, f"*b* _i_ [a](http://evil.example) {UNSEEN}"):
        await phone.text(said)
        await phone.reply()
    sent = [params for params in stand_in.called("sendMessage") if int(params["chat_id"]) == phone.chat_id]
    assert sent
    assert not [params for params in sent if "parse_mode" in params or "entities" in params]


def test_the_page_writes_what_it_is_told_as_text() -> None:
    script = (STATIC / "chat.js").read_text()
    ways_to_markup = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "srcdoc",
    )
    assert [way for way in ways_to_markup if way in script] == []
    assert "textContent" in script


def test_a_catalog_cannot_end_the_script_that_holds_it(catalogs: Words) -> None:
    from handlers.channels.webchat_view import chrome
    from handlers.pages.site import templates

    held = chrome(catalogs, "en", demonstration=False)
    held["words"] = dict.fromkeys(held["words"], f"</script>{SCRIPT}\u2028{UNSEEN}")
    page = templates.get_template("chat.html").render(**held, chrome=held)
    assert "<script>alert" not in page
    assert page.count("</script>") == page.count("<script")
