"""The border gates of Vietnam that admit foreigners, and its 34 provinces and cities as of 1 July 2025."""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["air", "land", "sea"]


@dataclass(frozen=True, slots=True)
class Port:
    """A border gate: airport, land gate or sea port. `id` has at most 20 characters and never changes."""

    id: str
    mode: Mode
    names: dict[str, str]
    codes: tuple[str, ...]
    """IATA codes, for airports that have one."""
    province: str
    also: tuple[str, ...] = ()
    """What else people call it: the town, the gate on the other side, other scripts."""


@dataclass(frozen=True, slots=True)
class Province:
    """A province or a city of that rank (Resolution 202/2025/QH15), with what was merged into it and its towns."""

    id: str
    names: dict[str, str]
    aliases: tuple[str, ...]


def _airport(id: str, code: str, english: str, vietnamese: str, province: str, also: str = "") -> Port:
    names = {"en": f"{english} International Airport", "vi": f"Cảng hàng không quốc tế {vietnamese}"}
    return Port(id, "air", names, (code,) if code else (), province, _words(also))


def _gate(id: str, vietnamese: str, english: str, province: str, also: str = "") -> Port:
    names = {"en": f"{english} border gate", "vi": f"Cửa khẩu quốc tế {vietnamese}"}
    return Port(id, "land", names, (), province, _words(also))


def _sea_port(id: str, vietnamese: str, english: str, province: str, also: str = "") -> Port:
    return Port(id, "sea", {"en": f"{english} port", "vi": f"Cảng {vietnamese}"}, (), province, _words(also))


def _province(id: str, vietnamese: str, english: str, aliases: str = "") -> Province:
    return Province(id, {"en": english, "vi": vietnamese}, _words(aliases))


def _words(listed: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in listed.split("|") if word.strip())


_SAIGON = "Sài Gòn|Saigon|Ho Chi Minh|Ho Chi Minh City|HCMC|HCM|TPHCM|胡志明市|胡志明|西贡|ホーチミン|호치민|"
"Хошимин|Сайгон|โฮจิมินห์|हो ची मिन्ह"
_HANOI = "Hà Nội|Hanoi|河内|河內|ハノイ|하노이|Ханой|ฮานอย|ហាណូយ|हनोई"
_DANANG = "Đà Nẵng|Danang|岘港|峴港|ダナン|다낭|Дананг|ดานัง|ដាណាំង|दा नांग"
_NHA_TRANG = "Nha Trang|芽庄|芽莊|ニャチャン|나트랑|냐짱|Нячанг|ญาจาง"
_PHU_QUOC = "Phú Quốc|Phu Quoc Island|富国岛|富國島|フーコック|푸꾸옥|Фукуок|ฟู้โกว๊ก"

PORTS: tuple[Port, ...] = (
    _airport("noi-bai", "HAN", "Noi Bai", "Nội Bài", "ha-noi", _HANOI),
    _airport("tan-son-nhat", "SGN", "Tan Son Nhat", "Tân Sơn Nhất", "ho-chi-minh", _SAIGON),
    _airport("da-nang", "DAD", "Da Nang", "Đà Nẵng", "da-nang", _DANANG + "|Hội An"),
    _airport("cam-ranh", "CXR", "Cam Ranh", "Cam Ranh", "khanh-hoa", _NHA_TRANG),
    _airport("phu-quoc", "PQC", "Phu Quoc", "Phú Quốc", "an-giang", _PHU_QUOC),
    _airport("cat-bi", "HPH", "Cat Bi", "Cát Bi", "hai-phong", "Hải Phòng"),
    _airport("can-tho", "VCA", "Can Tho", "Cần Thơ", "can-tho"),
    _airport("phu-bai", "HUI", "Phu Bai", "Phú Bài", "hue", "Huế"),
    _airport("van-don", "VDO", "Van Don", "Vân Đồn", "quang-ninh", "Hạ Long"),
    _airport("lien-khuong", "DLI", "Lien Khuong", "Liên Khương", "lam-dong", "Đà Lạt|Dalat"),
    _airport("vinh", "VII", "Vinh", "Vinh", "nghe-an"),
    _airport("tho-xuan", "THD", "Tho Xuan", "Thọ Xuân", "thanh-hoa", "Thanh Hóa"),
    _airport("dong-hoi", "VDH", "Dong Hoi", "Đồng Hới", "quang-tri", "Phong Nha"),
    _airport("phu-cat", "UIH", "Phu Cat", "Phù Cát", "gia-lai", "Quy Nhơn|Qui Nhơn"),
    _airport("long-thanh", "", "Long Thanh", "Long Thành", "dong-nai"),
    # With China
    _gate("mong-cai", "Móng Cái", "Mong Cai", "quang-ninh", "Dongxing|东兴|Bắc Luân"),
    _gate("huu-nghi", "Hữu Nghị", "Huu Nghi", "lang-son", "Friendship Pass|Youyiguan|友谊关|Hữu Nghị Quan|Pingxiang"),
    Port(
        "dong-dang-rail",
        "land",
        {"en": "Dong Dang international railway station", "vi": "Ga đường sắt quốc tế Đồng Đăng"},
        (),
        "lang-son",
        ("Đồng Đăng", "Dong Dang railway station", "同登"),
    ),
    _gate("lao-cai", "Lào Cai", "Lao Cai", "lao-cai", "Hekou|河口|老街|Sapa|Sa Pa"),
    Port(
        "lao-cai-rail",
        "land",
        {"en": "Lao Cai international railway station", "vi": "Ga đường sắt quốc tế Lào Cai"},
        (),
        "lao-cai",
        ("Lao Cai railway station", "Ga Lào Cai"),
    ),
    _gate("thanh-thuy", "Thanh Thủy", "Thanh Thuy", "tuyen-quang", "Hà Giang|Tianbao"),
    _gate("ta-lung", "Tà Lùng", "Ta Lung", "cao-bang", "Shuikou"),
    _gate("tra-linh", "Trà Lĩnh", "Tra Linh", "cao-bang", "Longbang"),
    _gate("ma-lu-thang", "Ma Lù Thàng", "Ma Lu Thang", "lai-chau", "Jinshuihe"),
    # With Laos
    _gate("tay-trang", "Tây Trang", "Tay Trang", "dien-bien", "Điện Biên Phủ|Pang Hok|Sop Hun"),
    _gate("long-sap", "Lóng Sập", "Long Sap", "son-la", "Pa Hang|Mộc Châu"),
    _gate("na-meo", "Na Mèo", "Na Meo", "thanh-hoa", "Nam Soi|Namsoi"),
    _gate("nam-can", "Nậm Cắn", "Nam Can", "nghe-an", "Nong Haet|Nam Khan"),
    _gate("cau-treo", "Cầu Treo", "Cau Treo", "ha-tinh", "Nam Phao|Keo Nua"),
    _gate("cha-lo", "Cha Lo", "Cha Lo", "quang-tri", "Na Phao|Naphao"),
    _gate("lao-bao", "Lao Bảo", "Lao Bao", "quang-tri", "Dansavan|Densavan|Den Savanh"),
    _gate("la-lay", "La Lay", "La Lay", "quang-tri"),
    _gate("nam-giang", "Nam Giang", "Nam Giang", "da-nang", "Dak Ta Ook|Đắc Tà Oọc"),
    _gate("bo-y", "Bờ Y", "Bo Y", "quang-ngai", "Phu Keua|Ngọc Hồi|Phou Keua"),
    # With Cambodia
    _gate("le-thanh", "Lệ Thanh", "Le Thanh", "gia-lai", "Oyadav|O Yadaw|O'Yadaw"),
    _gate("hoa-lu", "Hoa Lư", "Hoa Lu", "dong-nai", "Trapeang Sre|Trapaing Sre"),
    _gate("xa-mat", "Xa Mát", "Xa Mat", "tay-ninh", "Trapeang Phlong|Trapeang Plong"),
    _gate("tan-nam", "Tân Nam", "Tan Nam", "tay-ninh", "Meun Chey"),
    _gate("moc-bai", "Mộc Bài", "Moc Bai", "tay-ninh", "Bavet|បាវិត"),
    _gate("binh-hiep", "Bình Hiệp", "Binh Hiep", "tay-ninh", "Prey Vor"),
    _gate("dinh-ba", "Dinh Bà", "Dinh Ba", "dong-thap", "Bontia Chak Cray"),
    _gate("thuong-phuoc", "Thường Phước", "Thuong Phuoc", "dong-thap", "Kaoh Roka|Koh Roka"),
    _gate("vinh-xuong", "Vĩnh Xương", "Vinh Xuong", "an-giang", "Sông Tiền|Song Tien|Kaam Samnor|Châu Đốc"),
    _gate("tinh-bien", "Tịnh Biên", "Tinh Bien", "an-giang", "Phnom Den|Châu Đốc"),
    _gate("ha-tien", "Hà Tiên", "Ha Tien", "an-giang", "Prek Chak|Xà Xía|Xa Xia"),
    # By sea
    _sea_port("hon-gai", "Hòn Gai", "Hon Gai", "quang-ninh", "Hạ Long|Halong|Ha Long Bay|下龙湾|Bãi Cháy|Tuần Châu"),
    _sea_port("cam-pha", "Cẩm Phả", "Cam Pha", "quang-ninh"),
    _sea_port("hai-phong", "Hải Phòng", "Hai Phong", "hai-phong", "Lạch Huyện"),
    _sea_port("nghi-son", "Nghi Sơn", "Nghi Son", "thanh-hoa"),
    _sea_port("cua-lo", "Cửa Lò", "Cua Lo", "nghe-an"),
    _sea_port("vung-ang", "Vũng Áng", "Vung Ang", "ha-tinh"),
    _sea_port("hon-la", "Hòn La", "Hon La", "quang-tri"),
    _sea_port("chan-may", "Chân Mây", "Chan May", "hue", "Huế|Lăng Cô"),
    _sea_port("da-nang-sea", "Đà Nẵng", "Da Nang", "da-nang", _DANANG + "|Tiên Sa|Hội An"),
    _sea_port("ky-ha", "Kỳ Hà", "Ky Ha", "da-nang", "Chu Lai"),
    _sea_port("dung-quat", "Dung Quất", "Dung Quat", "quang-ngai"),
    _sea_port("quy-nhon", "Quy Nhơn", "Quy Nhon", "gia-lai", "Qui Nhơn"),
    _sea_port("nha-trang", "Nha Trang", "Nha Trang", "khanh-hoa", _NHA_TRANG + "|Cầu Đá"),
    _sea_port("ba-ngoi", "Ba Ngòi", "Ba Ngoi", "khanh-hoa", "Cam Ranh"),
    _sea_port("vung-tau", "Vũng Tàu", "Vung Tau", "ho-chi-minh"),
    _sea_port("phu-my", "Phú Mỹ", "Phu My", "ho-chi-minh", "Cái Mép|Thị Vải"),
    _sea_port("hcmc-port", "Thành phố Hồ Chí Minh", "Ho Chi Minh City", "ho-chi-minh", _SAIGON + "|Nhà Rồng|Khánh Hội"),
    _sea_port("my-tho", "Mỹ Tho", "My Tho", "dong-thap"),
    _sea_port("duong-dong", "Dương Đông", "Duong Dong", "an-giang", _PHU_QUOC),
)

PROVINCES: tuple[Province, ...] = (
    _province("ha-noi", "Hà Nội", "Hanoi", _HANOI + "|Ha Noi City|Hà Tây|Hoàn Kiếm|Ba Đình|Tây Hồ|Old Quarter"),
    _province("hue", "Huế", "Hue", "Thừa Thiên Huế|Thừa Thiên|Lăng Cô|顺化|順化|フエ|후에|Хюэ|เว้"),
    _province(
        "hai-phong", "Hải Phòng", "Hai Phong", "Haiphong|Hải Dương|Cát Bà|Đồ Sơn|海防|ハイフォン|하이퐁|Хайфон|ไฮฟอง"
    ),
    _province(
        "da-nang",
        "Đà Nẵng",
        "Da Nang",
        _DANANG + "|Quảng Nam|Hội An|Tam Kỳ|Mỹ Sơn|Bà Nà|会安|會安|ホイアン|호이안|Хойан|ฮอยอัน",
    ),
    _province(
        "ho-chi-minh",
        "Thành phố Hồ Chí Minh",
        "Ho Chi Minh City",
        _SAIGON + "|Bình Dương|Bà Rịa - Vũng Tàu|Bà Rịa|Vũng Tàu|Côn Đảo|Thủ Dầu Một|Thủ Đức|Phú Mỹ|Hồ Tràm|Dĩ An|"
        "Вунгтау|頭頓|头顿",
    ),
    _province("can-tho", "Cần Thơ", "Can Tho", "Sóc Trăng|Hậu Giang|Vị Thanh|Ninh Kiều|芹苴|カントー|껀터|Кантхо"),
    _province("lai-chau", "Lai Châu", "Lai Chau"),
    _province("dien-bien", "Điện Biên", "Dien Bien", "Điện Biên Phủ"),
    _province("son-la", "Sơn La", "Son La", "Mộc Châu"),
    _province("lang-son", "Lạng Sơn", "Lang Son", "Đồng Đăng"),
    _province(
        "quang-ninh",
        "Quảng Ninh",
        "Quang Ninh",
        "Hạ Long|Ha Long Bay|Móng Cái|Cẩm Phả|Vân Đồn|Cô Tô|Tuần Châu|Bãi Cháy|下龙湾|下龍灣|ハロン|하롱|Халонг",
    ),
    _province("cao-bang", "Cao Bằng", "Cao Bang", "Bản Giốc"),
    _province("tuyen-quang", "Tuyên Quang", "Tuyen Quang", "Hà Giang|Đồng Văn|Mèo Vạc"),
    _province("lao-cai", "Lào Cai", "Lao Cai", "Yên Bái|Sa Pa|Sapa|Mù Cang Chải|沙坝|沙壩|サパ|사파|Сапа|ซาปา"),
    _province("thai-nguyen", "Thái Nguyên", "Thai Nguyen", "Bắc Kạn|Bắc Cạn|Ba Bể"),
    _province("phu-tho", "Phú Thọ", "Phu Tho", "Vĩnh Phúc|Hòa Bình|Việt Trì|Tam Đảo|Mai Châu|Vĩnh Yên"),
    _province("bac-ninh", "Bắc Ninh", "Bac Ninh", "Bắc Giang"),
    _province("hung-yen", "Hưng Yên", "Hung Yen", "Thái Bình"),
    _province(
        "ninh-binh",
        "Ninh Bình",
        "Ninh Binh",
        "Hà Nam|Nam Định|Tam Cốc|Tràng An|Phủ Lý|Cúc Phương|宁平|寧平|ニンビン|닌빈",
    ),
    _province("thanh-hoa", "Thanh Hóa", "Thanh Hoa", "Sầm Sơn|Pù Luông"),
    _province("nghe-an", "Nghệ An", "Nghe An", "Vinh City|Thành phố Vinh|TP Vinh|Cửa Lò"),
    _province("ha-tinh", "Hà Tĩnh", "Ha Tinh"),
    _province("quang-tri", "Quảng Trị", "Quang Tri", "Quảng Bình|Đồng Hới|Đông Hà|Phong Nha|Lao Bảo"),
    _province("quang-ngai", "Quảng Ngãi", "Quang Ngai", "Kon Tum|Kontum|Lý Sơn|Măng Đen"),
    _province("gia-lai", "Gia Lai", "Gia Lai", "Bình Định|Pleiku|Quy Nhơn|Qui Nhơn"),
    _province("khanh-hoa", "Khánh Hòa", "Khanh Hoa", _NHA_TRANG + "|Ninh Thuận|Cam Ranh|Phan Rang|Ninh Hòa|Vân Phong"),
    _province(
        "lam-dong",
        "Lâm Đồng",
        "Lam Dong",
        "Đắk Nông|Dak Nong|Bình Thuận|Đà Lạt|Dalat|Bảo Lộc|Phan Thiết|Mũi Né|Gia Nghĩa|Phú Quý|大叻|ダラット|달랏|"
        "Далат|Муйне|ดาลัด|美奈|ムイネー|무이네",
    ),
    _province("dak-lak", "Đắk Lắk", "Dak Lak", "Đắc Lắc|Daklak|Phú Yên|Buôn Ma Thuột|Buôn Mê Thuột|Tuy Hòa"),
    _province("dong-nai", "Đồng Nai", "Dong Nai", "Bình Phước|Biên Hòa|Long Khánh|Long Thành|Đồng Xoài|Cát Tiên"),
    _province("tay-ninh", "Tây Ninh", "Tay Ninh", "Long An|Mộc Bài"),
    _province("vinh-long", "Vĩnh Long", "Vinh Long", "Bến Tre|Trà Vinh"),
    _province("dong-thap", "Đồng Tháp", "Dong Thap", "Tiền Giang|Mỹ Tho|Cao Lãnh|Sa Đéc|Gò Công|Cái Bè"),
    _province("ca-mau", "Cà Mau", "Ca Mau", "Bạc Liêu|Năm Căn"),
    _province(
        "an-giang",
        "An Giang",
        "An Giang",
        _PHU_QUOC + "|Kiên Giang|Rạch Giá|Hà Tiên|Châu Đốc|Long Xuyên|Dương Đông|Nam Du",
    ),
)
