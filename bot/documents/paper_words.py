"""The words that stand before what a reviewer looks for on vaccination cards, and the names of vaccines.

Written as they are folded: small letters without accents. Only scripts that the reader of letters knows are listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Label = Literal["name", "birth_date", "product", "batch", "other"]

LABELS: Mapping[Label, str] = {
    "name": (
        "name|full name|last name|surname|family name|first name|given name|given names|name of holder|holder|patient"
        "|patient name|patients name|name of patient|name of traveller|this is to certify that|nous certifions que"
        "|se certifica que|certifica que"
        "|nom|prenom|prenoms|nom et prenom|nom et prenoms|nom de famille"
        "|nombre|nombres|apellido|apellidos|nombre y apellidos|apellidos y nombres|nombre completo"
        "|nome|nome completo|sobrenome|cognome|nome e cognome"
        "|vorname|nachname|familienname|naam|voornaam|achternaam|nama|nama lengkap|imie i nazwisko|ad soyad|pangalan"
        "|ho ten|ho va ten|ten|姓名|氏名|名字"
    ),
    "birth_date": (
        "date of birth|birth date|birthdate|dob|d.o.b|born|born on"
        "|date de naissance|ne le|nee le|fecha de nacimiento|fecha de nac|data de nascimento|data di nascita"
        "|geburtsdatum|geb. am|geboren am|geboortedatum|tanggal lahir|data urodzenia|dogum tarihi"
        "|ngay sinh|sinh ngay|ngay thang nam sinh|nam sinh|出生日期|出生年月|出生年月日|生年月日"
    ),
    # Other papers have products and manufacturers too; only words that speak of vaccines announce one not known here.
    "product": (
        "vaccine|vaccine name|name of vaccine|type of vaccine|vaccine type|vaccine product|vaccine or prophylaxis"
        "|vaccine/prophylaxis|vaccine/product|vaccine manufacturer|vaccin|nom du vaccin|vacuna|nombre de la vacuna"
        "|vacina|vaccino|impfstoff|vaksin|jenis vaksin|vac xin|vacxin|vaccine tiem|ten vac xin|loai vac xin|ten vaccine"
        "|loai vaccine|疫苗|疫苗名称|疫苗品种"
    ),
    "batch": (
        "lot|lot no|lot nr|lot number|lot n|batch|batch no|batch nr|batch number|batch/lot no|lot/batch|lot/charge"
        "|product name/manufacturer lot number|manufacturer and batch no|manufacturer and batch number"
        "|manufacturer & batch no|numero de lot|no de lot|n de lot|lote|no de lote|n de lote|numero de lote|lotto"
        "|charge nr|chargen-nr|chargennummer|ch.-b|ch.b|no batch|nomor batch|no. batch|so lo|lo sx|so lo vac xin"
        "|so lo sx|批号|批次|疫苗批号|生产批号|产品批号"
    ),
    # Nothing is looked for behind these; they end what stands before them.
    "other": (
        "name of|nom de|nom du|nombre de|nombre del|ten co so|product|product name|brand|manufacturer|manufactured by"
        "|produit|fabricant|producto|fabricante|laboratorio|produttore|hersteller|handelsname|charge|nha san xuat"
        "|生产企业|生产厂家|厂家|name of hospital|name of clinic"
        "|name of centre|name of facility|clinic name|place of birth|lieu de naissance"
        "|nationality|nationalite|nacionalidad|sex|sexe|sexo|gender|address|adresse|dia chi|passport no|passport number"
        "|passport|patient number|id number|id no|national id|cccd|document no|phone|tel|signature|firma|chu ky|stamp"
        "|official stamp|dose|dose no|dosis|mui|mui thu|date|date given|date of vaccination|vaccination date|fecha"
        "|datum|ngay|ngay tiem|valid from|valid until|expiry|exp|expiry date|place"
        "|healthcare professional or clinic site|clinic site|batch released by"
        "|性别|身份证号|证件号码|接种日期|接种单位|剂次|地址|有效期"
    ),
}
"""What the words before a value say about it; the longest that fits counts."""

PRODUCTS: Mapping[str, str] = {
    "Comirnaty (Pfizer/BioNTech)": "comirnaty|pfizer|biontech|bnt162b2|tozinameran",
    "Spikevax (Moderna)": "spikevax|moderna|mrna-1273|elasomeran",
    "Vaxzevria (AstraZeneca)": "vaxzevria|astrazeneca|azd1222|chadox1",
    "Covishield (Serum Institute of India)": "covishield|serum institute of india",
    "CoronaVac (Sinovac)": "coronavac|sinovac|科兴",
    "Vero Cell (Sinopharm)": "vero cell|sinopharm|bbibp-corv|covilo|国药|北京生物",
    "Janssen (Johnson & Johnson)": "janssen|johnson & johnson|jcovden",
    "Sputnik V (Gamaleya)": "sputnik v|sputnik|gam-covid-vac|gamaleya",
    "Sputnik Light": "sputnik light",
    "Covaxin (Bharat Biotech)": "covaxin|bharat biotech",
    "Nuvaxovid (Novavax)": "nuvaxovid|novavax|covovax",
    "Convidecia (CanSino)": "convidecia|cansino|康希诺",
    "Abdala": "abdala|cigb-66",
    "Soberana": "soberana",
    "Nanocovax": "nanocovax|nano covax|nanogen",
    "Hayat-Vax": "hayat-vax|hayat vax",
    "QazVac": "qazvac",
    "ZF2001 (Zifivax)": "zifivax|zf2001|智飞",
    "Medigen": "medigen",
    "Stamaril (Sanofi Pasteur)": "stamaril",
    "YF-Vax (Sanofi Pasteur)": "yf-vax|yf vax",
    "Yellow fever": "yellow fever|fievre jaune|fiebre amarilla|febre amarela|gelbfieber|sot vang|黄热病",
    "Poliomyelitis": "polio|poliomyelitis|ipv|bopv|topv|imovax polio|bai liet|脊髓灰质炎",
    "Meningococcal": "meningococcal|menveo|menactra|nimenrix|menquadfi|mencevax",
    "Typhoid": "typhoid|typhim vi|vivotif",
    "Hepatitis A": "havrix|vaqta|avaxim",
    "Hepatitis B": "engerix-b|hepatitis b|viem gan b",
    "Hepatitis A+B": "twinrix",
    "Measles, mumps, rubella": "priorix|m-m-rvaxpro|mmr|measles",
    "Cholera": "dukoral|shanchol|cholera",
    "Japanese encephalitis": "ixiaro|imojev|jevax|viem nao nhat ban",
    "Rabies": "rabipur|verorab|rabies",
    "Tetanus, diphtheria": "boostrix|repevax|revaxis|tetanus",
}
"""Vaccines by the name a reviewer knows, and what cards write for them: brands, makers, research names, diseases."""
