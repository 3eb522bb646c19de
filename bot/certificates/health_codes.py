"""Vaccines, diseases and tests by the codes of other standards, in the codes of the EU value sets (version 2.14.0).

Only sure correspondences stand here: the CVX list of the CDC, ICD-11 for vaccines (WHO), and the encoding instructions
of the eHealth Network. A code that is not here is kept as it was, behind the short name of its system.
"""

import re
from dataclasses import dataclass, replace
from types import MappingProxyType

COVID_19, YELLOW_FEVER = "840539006", "16541001"
DETECTED, NOT_DETECTED = "260373001", "260415000"
NUCLEIC_ACID, RAPID_ANTIGEN = "LP6464-4", "LP217198-3"

MAX_CODE = 80
"""Characters of a code that is kept."""

# Kinds of vaccine against COVID-19 in SNOMED CT.
_ANY, _MRNA, _VECTOR = "28531000087107", "1119349007", "29061000087103"
_INACTIVATED, _SPIKE, _PARTICLE = "1157024006", "1162643001", "30141000087107"

CVX, ICD11, SNOMED, LOINC, GTIN = "cvx", "icd11", "snomed", "loinc", "gtin"
SYSTEMS = MappingProxyType(
    {
        "http://hl7.org/fhir/sid/cvx": CVX,
        "http://id.who.int/icd/release/11/mms": ICD11,
        "http://id.who.int/icd11/mms": ICD11,
        "http://snomed.info/sct": SNOMED,
        "http://loinc.org": LOINC,
        "https://www.gs1.org/gtin": GTIN,
    }
)
"""Code systems as FHIR names them."""


@dataclass(frozen=True, slots=True)
class Vaccine:
    """What a code says of a vaccine, in EU codes where it is known: disease, product, kind of vaccine, maker."""

    disease: str = ""
    product: str = ""
    vaccine: str = ""
    manufacturer: str = ""


def _of(product: str, vaccine: str, manufacturer: str) -> Vaccine:
    return Vaccine(COVID_19, product, vaccine, manufacturer)


_COMIRNATY = _of("EU/1/20/1528", _MRNA, "ORG-100030215")
_SPIKEVAX = _of("EU/1/20/1507", _MRNA, "ORG-100031184")
_VAXZEVRIA = _of("EU/1/21/1529", _VECTOR, "ORG-100001699")
_JCOVDEN = _of("EU/1/20/1525", _VECTOR, "ORG-100001417")
_NUVAXOVID = _of("EU/1/21/1618", _SPIKE, "ORG-100032020")
_COVISHIELD = _of("Covishield", _VECTOR, "ORG-100001981")
_COVOVAX = _of("Covovax", _SPIKE, "ORG-100001981")
_COVAXIN = _of("Covaxin", _INACTIVATED, "Bharat-Biotech")
_COVIVAC = _of("CoviVac", _INACTIVATED, "Chumakov-Federal-Scientific-Center")
_SPUTNIK_V = _of("Sputnik-V", _VECTOR, "Gamaleya-Research-Institute")
_SPUTNIK_LIGHT = _of("Sputnik-Light", _VECTOR, "Gamaleya-Research-Institute")
_CONVIDECIA = _of("Convidecia", _VECTOR, "ORG-100013793")
_EPIVACCORONA = _of("EpiVacCorona", _SPIKE, "Vector-Institute")
_BBIBP = _of("BBIBP-CorV", _INACTIVATED, "ORG-100020693")
_WIBP = _of("WIBP-CorV", _INACTIVATED, "Sinopharm-WIBP")
_CORONAVAC = _of("CoronaVac", _INACTIVATED, "Sinovac-Biotech")
_HAYAT_VAX = _of("Hayat-Vax", _INACTIVATED, "ORG-100023050")
_COVIFENZ = _of("Covifenz", _PARTICLE, "ORG-100008549")
_MEDIGEN = _of("MVC-COV1901", _SPIKE, "ORG-100033914")
_SOBERANA = _of("Soberana-02", _ANY, "Finlay-Institute")
_COVID = Vaccine(COVID_19, vaccine=_ANY)
_YELLOW_FEVER = Vaccine(YELLOW_FEVER)

# Adapted vaccines of one maker share the code of the first (encoding instructions of the value sets).
_CVX = {
    **dict.fromkeys(("208", "217", "218", "219", "300", "301", "302", "308", "309", "310"), _COMIRNATY),
    **dict.fromkeys(("207", "221", "227", "228", "229", "230", "311", "312"), _SPIKEVAX),
    **dict.fromkeys(("211", "313"), _NUVAXOVID),
    **dict.fromkeys(("213", "500"), _COVID),
    **dict.fromkeys(("37", "183", "184"), _YELLOW_FEVER),
    "210": _VAXZEVRIA,
    "212": _JCOVDEN,
    "502": _COVAXIN,
    "503": _COVIVAC,
    "504": _SPUTNIK_LIGHT,
    "505": _SPUTNIK_V,
    "506": _CONVIDECIA,
    "509": _EPIVACCORONA,
    "510": _BBIBP,
    "511": _CORONAVAC,
    "512": _COVIFENZ,
    "515": _MEDIGEN,
}
_ICD11 = {
    "XM68M6": _COVID,
    "XM0GQ8": Vaccine(COVID_19, vaccine=_MRNA),
    "XM9QW8": Vaccine(COVID_19, vaccine=_VECTOR),
    "XM1NL1": Vaccine(COVID_19, vaccine=_INACTIVATED),
    "XM1J92": Vaccine(COVID_19, vaccine=_PARTICLE),
    **dict.fromkeys(("XM5JC5", "XM6AT1", "XM5DF6", "XM0CX4", "XM3CT4"), _COVID),
    # One entry for two makers' vaccines of the same kind, Nuvaxovid and Covovax.
    "XM9T65": Vaccine(COVID_19, vaccine=_SPIKE),
    "XM8NQ0": _COMIRNATY,
    "XM3DT5": _SPIKEVAX,
    "XM4YL8": _VAXZEVRIA,
    "XM6QV1": _JCOVDEN,
    "XM97T2": _COVISHIELD,
    "XM1G90": _COVAXIN,
    "XM85P5": _COVIVAC,
    "XM5ZJ4": _SPUTNIK_V,
    "XM5QM6": _SPUTNIK_LIGHT,
    "XM1AG7": _CONVIDECIA,
    "XM6SZ8": _EPIVACCORONA,
    "XM8866": _BBIBP,
    "XM1AU2": _WIBP,
    "XM7HT3": _CORONAVAC,
    "XM9FQ7": _HAYAT_VAX,
    "XM4EC8": _MEDIGEN,
    "XM3PG0": _SOBERANA,
}
_SNOMED = {
    kind: Vaccine(COVID_19, vaccine=kind)
    for kind in (_ANY, _MRNA, _VECTOR, _INACTIVATED, _SPIKE, _PARTICLE, "1119305005", "1187593009")
}
_TABLES = {CVX: _CVX, ICD11: _ICD11, SNOMED: _SNOMED}
_BRANDS = {
    "COMIRNATY": _COMIRNATY,
    "SPIKEVAX": _SPIKEVAX,
    "VAXZEVRIA": _VAXZEVRIA,
    "JCOVDEN": _JCOVDEN,
    "NUVAXOVID": _NUVAXOVID,
    "COVISHIELD": _COVISHIELD,
    "COVOVAX": _COVOVAX,
    "COVAXIN": _COVAXIN,
    "CORONAVAC": _CORONAVAC,
    "CONVIDECIA": _CONVIDECIA,
    "BNT162B2": _COMIRNATY,
}
_DISEASES = {"RA01.0": COVID_19, "RA01": COVID_19, COVID_19: COVID_19, "1D47": YELLOW_FEVER}

_NAAT = ("94500-6", "94309-2", "94759-8", "94845-5", "95406-5", "94533-7", "94534-5", "94314-2", "94316-7", "95409-9")
_TESTS = {
    **dict.fromkeys((*_NAAT, "94565-9", "95608-6", "96986-5"), NUCLEIC_ACID),
    **dict.fromkeys(("94558-4", "95209-3", "97097-0"), RAPID_ANTIGEN),
}
_RESULTS = {
    **dict.fromkeys((DETECTED, "10828004", "POSITIVE", "DETECTED"), DETECTED),
    **dict.fromkeys((NOT_DETECTED, "260385009", "NEGATIVE", "NOT DETECTED"), NOT_DETECTED),
}


def vaccine_by_code(system: str, code: str) -> Vaccine:
    """The vaccine of a code in a system named above; an unknown code is kept as the product."""
    return _TABLES.get(system, {}).get(code.upper()) or Vaccine(product=kept(system, code))


def vaccine_by_name(name: str) -> Vaccine | None:
    """The one vaccine whose brand stands as a word in a name such as "Pfizer Comirnaty"; None where none or two do."""
    words = re.findall(r"[A-Z0-9]+", name.upper())
    found = {_BRANDS[word].product: _BRANDS[word] for word in words if word in _BRANDS}
    return next(iter(found.values())) if len(found) == 1 else None


def joined(code: Vaccine, brand: Vaccine | None) -> Vaccine:
    """What code and brand say together: the brand is the closer word where both speak of the same disease."""
    if brand is None or code.disease not in ("", brand.disease) or (code.product and code.disease):
        return code
    return replace(brand, disease=code.disease or brand.disease)


def disease_by_code(code: str) -> str:
    """The disease of an ICD-11 or SNOMED CT code; an unknown one stays as it is."""
    return _DISEASES.get(code.upper(), code[:MAX_CODE])


def test_by_loinc(code: str) -> str:
    """The kind of test for SARS-CoV-2 that a LOINC code stands for; "" for any other test."""
    return _TESTS.get(code, "")


def result_of(word: str) -> str:
    """A result of a test, from a SNOMED CT code or a word; an unknown one stays as it is."""
    return _RESULTS.get(word.upper(), word[:MAX_CODE])


def kept(system: str, code: str) -> str:
    """A code as it was, behind the short name of its system."""
    return f"{system}:{code}"[:MAX_CODE] if system and system != SNOMED else code[:MAX_CODE]
