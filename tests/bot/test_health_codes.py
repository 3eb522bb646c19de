"""Vaccines and tests in the codes of the EU value sets, beside those value sets themselves."""

import json
from pathlib import Path

import pytest

from bot.certificates import health_codes
from bot.certificates.health_codes import Vaccine

DATA = Path(__file__).parents[3] / "shared" / "testdata"
CVX = (*range(207, 209), *range(210, 214), *range(217, 220), 221, *range(227, 231), *range(300, 303), *range(308, 314))
FOREIGN_CVX = (500, *range(502, 507), *range(509, 513), 515)
ICD11 = (
    *("XM68M6", "XM0GQ8", "XM9QW8", "XM1NL1", "XM1J92", "XM5JC5", "XM6AT1", "XM5DF6", "XM0CX4", "XM3CT4", "XM9T65"),
    *("XM8NQ0", "XM3DT5", "XM4YL8", "XM6QV1", "XM97T2", "XM1G90", "XM85P5", "XM5ZJ4", "XM5QM6", "XM1AG7", "XM6SZ8"),
    *("XM8866", "XM1AU2", "XM7HT3", "XM9FQ7", "XM4EC8", "XM3PG0"),
)


def known() -> list[Vaccine]:
    """Every vaccine that a code here leads to."""
    return [
        *(health_codes.vaccine_by_code(health_codes.CVX, str(code)) for code in (*CVX, *FOREIGN_CVX)),
        *(health_codes.vaccine_by_code(health_codes.ICD11, code) for code in ICD11),
    ]


def test_every_code_leads_to_the_disease() -> None:
    assert {vaccine.disease for vaccine in known()} == {"840539006"}
    assert health_codes.disease_by_code("RA01.0") == "840539006"
    assert health_codes.disease_by_code("1A00") == "1A00"


@pytest.mark.skipif(not DATA.exists(), reason=f"the test data of others is not at {DATA}")
def test_product_maker_and_kind_go_together_as_the_value_sets_say() -> None:
    def listed(name: str) -> dict[str, dict[str, object]]:
        values: dict[str, dict[str, object]] = json.loads((DATA / f"dcc/valuesets/{name}.json").read_text())[
            "valueSetValues"
        ]
        return values

    told = {entry["vaccine-code"]: entry for entry in listed("vaccine-encoding-instructions").values()}
    products, kinds = listed("vaccine-medicinal-product"), listed("vaccine-prophylaxis")
    several = {vaccine for vaccine in known() if vaccine.product}
    assert len(several) == 19
    for vaccine in several:
        entry = told[vaccine.product]
        assert vaccine.product in products
        assert vaccine.manufacturer == entry["vaccine-manufacturer"]
        allowed = entry["sct-codes"]
        assert isinstance(allowed, list)
        # Covifenz is listed with the general kind only, though the value set has its own.
        assert vaccine.vaccine in (*allowed, "30141000087107" if vaccine.product == "Covifenz" else "")
    assert {vaccine.vaccine for vaccine in known()} <= kinds.keys()


def test_a_brand_in_a_name_is_taken_when_it_is_the_only_one() -> None:
    for name, product in (
        ("Pfizer Comirnaty", "EU/1/20/1528"),
        ("COMIRNATY", "EU/1/20/1528"),
        ("Moderna (Spikevax)", "EU/1/20/1507"),
        ("Comirnaty or Spikevax", None),
        ("Comirnatyx", None),
        ("", None),
    ):
        found = health_codes.vaccine_by_name(name)
        assert (found.product if found else None) == product


def test_code_and_brand_are_joined_where_they_speak_of_one_disease() -> None:
    by_code, brand = health_codes.vaccine_by_code, health_codes.vaccine_by_name("Comirnaty")
    assert health_codes.joined(by_code("icd11", "XM68M6"), brand) == brand
    assert health_codes.joined(by_code("icd11", "XM4YL8"), brand).product == "EU/1/21/1529"
    assert health_codes.joined(by_code("cvx", "37"), brand).disease == "16541001"
    assert health_codes.joined(by_code("icd11", "XM0GQ8"), None).vaccine == "1119349007"
