"""Countries are read however people name them."""

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot.written.countries import (
    NoCountry,
    OneCountry,
    SomeCountries,
    UnreadCountry,
    country_name,
    find_country,
    read_countries,
)
from bot.written.country_words import ALPHA3, NOT_COUNTRIES

LANGUAGES = ["en", "vi", "zh-Hans", "zh-Hant", "ko", "ja", "ru", "fr", "de", "th", "km", "hi"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("France", "FR"),
        ("  france. ", "FR"),
        ("USA", "US"),
        ("usa", "US"),
        ("U.S.A.", "US"),
        ("the United States", "US"),
        ("America", "US"),
        ("UK", "GB"),
        ("uk", "GB"),
        ("England", "GB"),
        ("Scotland", "GB"),
        ("Holland", "NL"),
        ("the Netherlands", "NL"),
        ("South Korea", "KR"),
        ("Republic of Korea", "KR"),
        ("North Korea", "KP"),
        ("Burma", "MM"),
        ("Myanmar", "MM"),
        ("Ivory Coast", "CI"),
        ("Côte d'Ivoire", "CI"),
        ("Cote d’Ivoire", "CI"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Czech Republic", "CZ"),
        ("Việt Nam", "VN"),
        ("viet nam", "VN"),
        ("中国", "CN"),
        ("中國", "CN"),
        ("香港", "HK"),
        ("Hong Kong", "HK"),
        ("St. Lucia", "LC"),
        ("Trinidad & Tobago", "TT"),
        ("Trinidad and Tobago", "TT"),
        ("Ireland", "IE"),
        ("Niger", "NE"),
        ("Guinea", "GN"),
        ("vn", "VN"),
        ("VN", "VN"),
        ("us", "US"),
        ("fr", "FR"),
        ("de", "DE"),
        ("NO", "NO"),
        ("IN", "IN"),
        ("DEU", "DE"),
        ("gbr", "GB"),
        ("D", "DE"),
        ("GBD", "GB"),
        ("GBN", "GB"),
        ("RKS", "XK"),
        ("XXA", "XXA"),
        ("stateless", "XXA"),
        ("UNO", "UNO"),
        ("EUE", "EUE"),
        ("🇫🇷", "FR"),
        ("🇫🇷 France", "FR"),
        ("🇻🇳🇻🇳", "VN"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "GB"),
        ("French", "FR"),
        ("I am German", "DE"),
        ("I'm from Canada", "CA"),
        ("Filipino", "PH"),
        ("New Zealander", "NZ"),
        ("Papua New Guinean", "PG"),
        ("Emirati", "AE"),
        ("British citizen", "GB"),
        ("français", "FR"),
        ("l'Italie", "IT"),
        ("Deutscher", "DE"),
        ("deutsch", "DE"),
        ("русский", "RU"),
        ("россиянин", "RU"),
        ("Россия", "RU"),
        ("США", "US"),
        ("người Pháp", "FR"),
        ("nguoi Phap", "FR"),
        ("nước Úc", "AU"),
        ("Nhật", "JP"),
        ("Mỹ", "US"),
        ("คนไทย", "TH"),
        ("คนฝรั่งเศส", "FR"),
        ("ประเทศญี่ปุ่น", "JP"),
        ("德国人", "DE"),
        ("我是法国人", "FR"),
        ("アメリカ人", "US"),
        ("フランス人です", "FR"),
        ("미국 사람", "US"),
        ("미국인", "US"),
        ("한국", "KR"),
        ("Polska", "PL"),
        ("भारतीय", "IN"),
        ("ជនជាតិខ្មែរ", "KH"),
        ("ប្រទេសថៃ", "TH"),
    ],
)
def test_one_country_is_found(typed: str, code: str) -> None:
    assert find_country(typed, "en") == OneCountry(code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_is_found_by_its_name_in_every_language(language: str) -> None:
    territories = Locale.parse(language.replace("-", "_")).territories
    for code, name in territories.items():
        if len(code) == 2 and code not in NOT_COUNTRIES:
            read = find_country(name, language)
            found = (read.code,) if isinstance(read, OneCountry) else getattr(read, "codes", ())
            assert code in found, (name, read)
            assert country_name(code, language) == name


@pytest.mark.parametrize(
    ("typed", "language", "codes"),
    [
        ("Korea", "en", ("KR", "KP")),
        ("Korean", "en", ("KR", "KP")),
        ("Congo", "en", ("CD", "CG")),
        ("no", "en", ("NO",)),
        ("in", "en", ("IN",)),
        ("my", "vi", ("US", "MY")),
        ("nga", "vi", ("RU", "NG")),
        ("🇫🇷🇩🇪", "en", ("FR", "DE")),
        ("Dominican", "en", ("DO", "DM")),
    ],
)
def test_an_unclear_country_is_asked_about(typed: str, language: str, codes: tuple[str, ...]) -> None:
    assert find_country(typed, language) == SomeCountries(codes)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Germny", "DE"),
        ("Frnace", "FR"),
        ("Austrlia", "AU"),
        ("Phillippines", "PH"),
        ("Swizerland", "CH"),
        ("Канда", "CA"),
    ],
)
def test_a_close_spelling_is_offered_but_never_taken(typed: str, code: str) -> None:
    read = find_country(typed, "en")
    assert isinstance(read, SomeCountries)
    assert read.codes[0] == code
    assert len(read.codes) <= 4


@pytest.mark.parametrize(
    "typed", ["", "   ", "hello", "không", "world", "Europe", "Africa", "12345", "?", "xyz", "d", "ZZ", "EU" * 90]
)
def test_what_is_no_country_is_none(typed: str) -> None:
    assert find_country(typed, "en") == NoCountry()


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("France, Germany; Italy", ("FR", "DE", "IT")),
        ("France and Germany", ("FR", "DE")),
        ("France and Trinidad and Tobago", ("FR", "TT")),
        ("Bosnia and Herzegovina, France", ("BA", "FR")),
        ("Pháp và Đức", ("FR", "DE")),
        ("Франция и Германия", ("FR", "DE")),
        ("France et Allemagne", ("FR", "DE")),
        ("Frankreich und Deutschland", ("FR", "DE")),
        ("法国、德国和中非共和国", ("FR", "DE", "CF")),
        ("한국과 일본", ("KR", "JP")),
        ("フランスとドイツ", ("FR", "DE")),
        ("ไทยและลาว", ("TH", "LA")),
        ("Laos\nThailand\nLaos", ("LA", "TH")),
        ("France Germany South Africa", ("FR", "DE", "ZA")),
        ("🇫🇷🇩🇪", ("FR", "DE")),
        ("🇫🇷 France 🇩🇪 Germany", ("FR", "DE")),
        ("", ()),
    ],
)
def test_several_countries_are_read(typed: str, codes: tuple[str, ...]) -> None:
    assert read_countries(typed, "en") == (codes, ())


def test_what_is_unclear_in_a_list_is_named() -> None:
    assert read_countries("France, Korea, blah blah", "en") == (
        ("FR",),
        (UnreadCountry("Korea", ("KR", "KP")), UnreadCountry("blah blah", ())),
    )


def test_names_are_given_in_the_language() -> None:
    assert country_name("DE", "fr") == "Allemagne"
    assert country_name("DE", "zh-Hans") == "德国"
    assert country_name("XXA", "fr") == "Stateless person"
    assert country_name("??", "en") == "??"


def test_every_three_letter_code_names_a_country_once() -> None:
    words = ALPHA3.split()
    assert len(words) == 2 * 249
    assert len(set(words[::2])) == len(set(words[1::2])) == 249
    for long, short in zip(words[::2], words[1::2], strict=True):
        assert find_country(long, "en") == OneCountry(short)


@given(st.text(max_size=400), st.sampled_from(LANGUAGES))
def test_no_text_breaks_the_reading_of_countries(text: str, language: str) -> None:
    find_country(text, language)
    read_countries(text, language)
