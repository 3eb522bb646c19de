"""Border gates and provinces are found as people call them."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.written.places import (
    PORTS,
    PROVINCES,
    NoPlace,
    OnePlace,
    SomePlaces,
    find_port,
    find_province,
    port_by_id,
    province_by_id,
    province_in,
)


def test_the_tables_hold_together() -> None:
    assert len(PROVINCES) == 34
    ids = [place.id for place in PROVINCES]
    assert len(set(ids)) == 34
    gates = [gate.id for gate in PORTS]
    assert len(set(gates)) == len(gates)
    for gate in PORTS:
        assert re.fullmatch(r"[a-z0-9-]{1,20}", gate.id)
        assert gate.province in ids
        assert gate.names.keys() == {"en", "vi"}
    modes = Counter(gate.mode for gate in PORTS)
    assert modes["air"] >= 13
    assert modes["land"] >= 25
    assert modes["sea"] >= 15
    for place in PROVINCES:
        assert re.fullmatch(r"[a-z0-9-]{1,20}", place.id)


def test_no_name_belongs_to_two_provinces() -> None:
    for place in PROVINCES:
        for name in (*place.names.values(), *place.aliases):
            assert find_province(name) == OnePlace(place.id), name


def test_every_gate_is_found_by_its_names_and_code() -> None:
    for gate in PORTS:
        for name in (*gate.names.values(), *gate.codes):
            assert find_port(name) == OnePlace(gate.id), name
            assert find_port(name, gate.mode) == OnePlace(gate.id), name
        assert port_by_id(gate.id) is gate
    with pytest.raises(KeyError):
        port_by_id("nowhere")
    with pytest.raises(KeyError):
        province_by_id("nowhere")


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("Noi Bai", "noi-bai"),
        ("nội bài", "noi-bai"),
        ("Hanoi", "noi-bai"),
        ("Ha Noi airport", "noi-bai"),
        ("HAN", "noi-bai"),
        ("sgn", "tan-son-nhat"),
        ("Tan Son Nhat T2", "tan-son-nhat"),
        ("Saigon airport", "tan-son-nhat"),
        ("胡志明市机场", "tan-son-nhat"),
        ("I land at Noi Bai", "noi-bai"),
        ("Danang airport", "da-nang"),
        ("Sân bay Đà Nẵng", "da-nang"),
        ("Da Nang port", "da-nang-sea"),
        ("Moc Bai", "moc-bai"),
        ("Bavet", "moc-bai"),
        ("cua khau Moc Bai", "moc-bai"),
        ("Friendship Pass", "huu-nghi"),
        ("Dalat", "lien-khuong"),
        ("Lao Bao border", "lao-bao"),
        ("Phu Quoc airport", "phu-quoc"),
        ("Ханой", "noi-bai"),
        ("ハノイ空港", "noi-bai"),
    ],
)
def test_a_gate_is_found(typed: str, place: str) -> None:
    assert find_port(typed) == OnePlace(place)


def test_a_town_with_two_gates_is_asked_about() -> None:
    assert find_port("Da Nang") == SomePlaces(("da-nang", "da-nang-sea"))
    assert find_port("Da Nang", "air") == OnePlace("da-nang")
    assert find_port("Saigon") == SomePlaces(("tan-son-nhat", "hcmc-port"))


@pytest.mark.parametrize(
    ("typed", "place"), [("Noi Bay", "noi-bai"), ("Tan Son Nat", "tan-son-nhat"), ("Mok Bai", "moc-bai")]
)
def test_a_close_spelling_of_a_gate_is_offered(typed: str, place: str) -> None:
    read = find_port(typed)
    assert isinstance(read, SomePlaces)
    assert read.ids[0] == place


@pytest.mark.parametrize("typed", ["", "Paris", "CDG", "airport", "hello", "x" * 500])
def test_what_is_no_gate_is_none(typed: str) -> None:
    assert find_port(typed) == NoPlace()


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("Hà Nội", "ha-noi"),
        ("hanoi", "ha-noi"),
        ("TP.HCM", "ho-chi-minh"),
        ("Tp. Hồ Chí Minh", "ho-chi-minh"),
        ("Ho Chi Minh City", "ho-chi-minh"),
        ("Saigon", "ho-chi-minh"),
        ("sai gon", "ho-chi-minh"),
        ("Nha Trang", "khanh-hoa"),
        ("Da Lat", "lam-dong"),
        ("Hoi An", "da-nang"),
        ("Quảng Nam province", "da-nang"),
        ("Phú Quốc", "an-giang"),
        ("Ha Long", "quang-ninh"),
        ("Sapa", "lao-cai"),
        ("Mui Ne", "lam-dong"),
        ("tỉnh Bến Tre", "vinh-long"),
        ("Thừa Thiên-Huế", "hue"),
        ("DakLak", "dak-lak"),
    ],
)
def test_a_province_is_found(typed: str, place: str) -> None:
    assert find_province(typed) == OnePlace(place)


def test_a_close_spelling_of_a_province_is_offered() -> None:
    read = find_province("Hanio")
    assert isinstance(read, SomePlaces)
    assert "ha-noi" in read.ids
    quang = find_province("Quang")
    assert isinstance(quang, SomePlaces)
    assert len(quang.ids) == 4
    assert find_province("Bangkok") == NoPlace()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("Hotel Metropole, 15 Ngo Quyen, Hoan Kiem, Ha Noi", "ha-noi"),
        ("12 Xa lộ Hà Nội, Thủ Đức, TP.HCM", "ho-chi-minh"),
        ("12 Hanoi Highway, Thu Duc, Ho Chi Minh City", "ho-chi-minh"),
        ("200 Phố Huế, Hai Bà Trưng, Hà Nội", "ha-noi"),
        ("5 Lê Lợi, Thành phố Huế", "hue"),
        ("5 Lê Lợi, TP Huế", "hue"),
        ("12 Điện Biên Phủ, Bình Thạnh, Saigon", "ho-chi-minh"),
        ("Sheraton, 26-28 Tran Phu, Nha Trang, Khanh Hoa", "khanh-hoa"),
        ("Saigon Morin Hotel, Hue", "hue"),
        ("Hue, Saigon Morin Hotel", "hue"),
        ("Saigon Hotel", "ho-chi-minh"),
        ("District 1 Ho Chi Minh City 700000", "ho-chi-minh"),
        ("An Bang beach, Hoi An, Quang Nam", "da-nang"),
        ("12 Dien Bien Phu, Ward 3", None),
        ("123 Nguyen Hue, Q1", None),
        ("200 Pho Hue", None),
        ("12 đường Hà Nội", None),
        ("Hanoi street 5", None),
        ("Shuen Wan", None),
        ("", None),
    ],
)
def test_the_province_of_an_address_is_found(address: str, place: str | None) -> None:
    assert province_in(address) == place


@given(st.text(max_size=400))
def test_no_text_breaks_the_reading_of_places(text: str) -> None:
    find_port(text)
    find_port(text, "air")
    find_province(text)
    province_in(text)
