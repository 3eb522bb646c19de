"""Names are read as written, and spelled as ICAO 9303 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.written.names import MRZ_NAME_LENGTH, Name, NoName, icao_name, latin, needs_approval, read_name

ANY_TEXT = st.text(max_size=400)


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("Müller", "MUELLER"),
        ("Mu\u0308ller", "MUELLER"),
        ("Nguyễn Thị Ánh", "NGUYEN THI ANH"),
        ("Đặng Thùy Trâm", "DANG THUY TRAM"),
        ("Ångström", "AANGSTROEM"),
        ("Þór", "THOR"),
        ("Şahin", "SAHIN"),
        ("Işık İnan", "ISIK INAN"),
        ("O'Connor", "OCONNOR"),
        ("O’Connor", "OCONNOR"),
        ("García-Márquez", "GARCIA MARQUEZ"),
        ("García–Márquez", "GARCIA MARQUEZ"),
        ("Núñez", "NUNEZ"),
        ("Wałęsa", "WALESA"),
        ("Straße", "STRASSE"),
        ("STRAẞE", "STRASSE"),
        ("Ærø Œuvre Ĳssel", "AEROE OEUVRE IJSSEL"),
        ("Gal·la", "GALLA"),
        ("Smith, John", "SMITH JOHN"),
        ("J.R.R. Tolkien", "JRR TOLKIEN"),
        ("Иванов Пётр", "IVANOV PETR"),
        ("Щукин Юрий", "SHCHUKIN IURII"),
        ("Ольга", "OLGA"),
        ("محمد", "MXHMD"),
        ("فضّة", "FXDZXDZXAH"),
        ("王小明", "WANGXIAOMING"),
        ("列夫·托尔斯泰", "LIEFU TUOERSITAI"),
        ("ＪＯＨＮ　ＤＯＥ", "JOHN DOE"),
        ("राम", "RAM"),
        ("", ""),
        ("123 !?", ""),
        ("Anna \U0001f600", "ANNA"),
    ],
)
def test_a_name_is_spelled_in_the_letters_of_the_standard(written: str, spelled: str) -> None:
    assert latin(written) == spelled


@pytest.mark.parametrize("written", ["김민수", "さくら", "สมชาย", "សុខា", "प्रिया", "გიორგი", "Ελένη", "דוד"])
def test_every_script_gets_some_spelling(written: str) -> None:
    assert latin(written).isascii()
    assert latin(written)


@pytest.mark.parametrize(
    "written",
    [
        *("O", "王", "Sukarno", "d'Artagnan", "D’Souza", "van der Berg", "Ana-María", "J. R. R.", "Raj A/L Kumar"),
        *("列夫·托尔斯泰", "N'Golo", "ʻAkauʻola", "A" * 60, "محمد بن سلمان", "सुरेश", "សុខ សុភា"),
    ],
)
def test_a_name_is_taken_as_written(written: str) -> None:
    assert read_name(written) == Name(written)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Anna \n Maria\t", "Anna Maria"),
        ("\u202eAnna\u202c", "Anna"),
        ("An\u200bna\x00", "Anna"),
        ("Anna\u200d", "Anna"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("“Anna”", "Anna"),
        ("Anna \U0001f600", "Anna"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
    ],
)
def test_what_cannot_be_seen_is_dropped(typed: str, kept: str) -> None:
    assert read_name(typed) == Name(kept)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" \u200b\n", "empty"),
        ("Anna 2", "digits"),
        ("Anna ๒", "digits"),
        ("...", "no_letters"),
        ("A" * 151, "too_long"),
        ("\U0001f600\U0001f44d", "looks_like_something_else"),
        ("anna@example.com", "looks_like_something_else"),
        ("https://example.com/a", "looks_like_something_else"),
        ("www.example.com", "looks_like_something_else"),
        ("what do you mean?", "looks_like_something_else"),
        ("/start", "looks_like_something_else"),
    ],
)
def test_a_refusal_says_why(typed: str, reason: str) -> None:
    assert read_name(typed) == NoName(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("family", "given_name", "zone"),
    [
        ("Eriksson", "Anna Maria", "ERIKSSON<<ANNA<MARIA"),
        ("O'Connor", "Enya Siobhan", "OCONNOR<<ENYA<SIOBHAN"),
        ("Arkfreith", "", "ARKFREITH"),
        ("", "Sukarno", "SUKARNO"),
        ("", "", ""),
        ("Nilavadhanananda", "Chayapa Dejthamrong Krasuang", "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"),
        (
            "Bennelong Wooloomooloo Warrandyte Warnambool",
            "Dingo Potoroo",
            "BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WA<<D",
        ),
        ("Papandropoulous", "Jonathon Alec Bx", "PAPANDROPOULOUS<<JONATHON<ALEC<BX"),
        ("Abcdefghijklmnop", "Abcdefghij Klmnopqrs Tu", "ABCDEFGHIJKLMNOP<<ABCDEFGHIJ<KLMNOPQR<T"),
    ],
)
def test_the_zone_of_a_passport(family: str, given_name: str, zone: str) -> None:
    assert icao_name(family, given_name) == zone


def test_only_a_changed_spelling_needs_approval() -> None:
    assert not needs_approval("Anna  Maria")
    assert needs_approval("Ana-María")
    assert needs_approval("O'Connor")


@given(ANY_TEXT, ANY_TEXT)
def test_no_text_breaks_the_reading_of_names(text: str, other: str) -> None:
    read_name(text)
    needs_approval(text)
    assert all("A" <= sign <= "Z" or sign == " " for sign in latin(text))
    zone = icao_name(text, other)
    assert len(zone) <= MRZ_NAME_LENGTH
    assert not zone.endswith("<")
    assert not zone.startswith("<")
