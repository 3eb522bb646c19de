"""The words besides the names of months that people write in dates, in the twelve languages."""

# Days from today. कल and परसों mean a day before or after today alike.
RELATIVE_DAYS: dict[int, str] = {
    0: "today|hôm nay|bữa nay|今天|今日|本日|きょう|오늘|금일|сегодня|aujourd'hui|ce jour|heute|วันนี้|ថ្ងៃនេះ|आज",
    1: "tomorrow|tmrw|tmr|tomorow|tommorow|tommorrow|ngày mai|mai|明天|明日|あした|あす|내일|завтра|demain|morgen"
    "|พรุ่งนี้|วันพรุ่งนี้"
    "|ថ្ងៃស្អែក|ស្អែក|कल",
    2: "day after tomorrow|the day after tomorrow|ngày kia|ngày mốt|mốt|后天|後天|明後日|あさって|모레|послезавтра"
    "|après-demain|après demain|übermorgen|uebermorgen|มะรืน|มะรืนนี้|วันมะรืน|ខានស្អែក|ថ្ងៃខានស្អែក|परसों",
    -1: "yesterday|hôm qua|昨天|昨日|きのう|어제|вчера|hier|gestern|เมื่อวาน|เมื่อวานนี้|ម្សិលមិញ|កាលពីម្សិលមិញ|कल",
    -2: "day before yesterday|the day before yesterday|hôm kia|前天|一昨日|おととい|그저께|позавчера|avant-hier"
    "|avant hier|vorgestern|เมื่อวานซืน|ម្សិលម្ង៉ៃ|परसों",
}

# Forms that CLDR does not list: nominatives, common short forms, spellings without accents.
MORE_MONTHS: dict[int, str] = {
    1: "jänner|jaenner|январь|янв|jan|जन|มกรา",
    2: "feber|февраль|фев|fev|févr|feb|फ़रवरी|फरवरी|फर|กุมภา",
    3: "mrz|maerz|март|мар|mar|มีนา",
    4: "апрель|апр|apr|avr|เมษา",
    5: "май|мая|พฤษภา",
    6: "июнь|июн|jun|มิถุนา",
    7: "июль|июл|jul|juil|กรกฎา",
    8: "август|авг|aug|aoû|สิงหา",
    9: "сентябрь|сен|сент|sept|sep|กันยา",
    10: "октябрь|окт|oct|okt|ตุลา",
    11: "ноябрь|ноя|нояб|nov|พฤศจิกา",
    12: "декабрь|дек|dec|dez|ธันวา",
}

# Vietnamese months by number word; năm is both five and year, so they count only after tháng.
VIETNAMESE_NUMBERS: dict[str, int] = {
    "mười một": 11,
    "mười hai": 12,
    "một": 1,
    "hai": 2,
    "ba": 3,
    "bốn": 4,
    "tư": 4,
    "năm": 5,
    "sáu": 6,
    "bảy": 7,
    "tám": 8,
    "chín": 9,
    "mười": 10,
    "giêng": 1,
    "chạp": 12,
}

# A word before a number, or a character after it, that says which part of the date the number is.
LABELS_BEFORE: dict[str, str] = {
    "day": "ngày|ngay mung|mùng|mồng|วันที่|ថ្ងៃទី|ថ្ងៃ|day|tag|jour|день|तारीख|दिनांक",
    "month": "tháng|thg|เดือน|ខែ|month|monat|mois|месяц|महीना",
    "year": "năm|พศ|คศ|ปี|ឆ្នាំ|year|jahr|année|год|साल|वर्ष",
}
LABELS_AFTER: dict[str, str] = {"day": "日|号|號|일", "month": "月|월", "year": "年|년"}

# Words that stand in dates without saying anything.
FILLERS = (
    "the|of|on|in|st|nd|rd|th|le|la|du|de|en|er|der|den|am|dem|im|г|года|год|го|е|ое|ого|числа|число|ad|ce|be|and|"
    "ngày|tháng|thg|năm|mùng|mồng|วันที่|วัน|ที่|เดือน|ปี|พศ|คศ|ថ្ងៃទី|ថ្ងៃ|ទី|ខែ|ឆ្នាំ|को|की|का|के|तारीख|दिनांक|सन|ई|"
    "の|に|にち|에|"
    "day|month|year|date|datum|jour|tag|dated|день|месяц|月|日|年"
)

# Years that are counted from another beginning: what to add to them.
ERAS: dict[str, int] = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "民國": 1911, "民国": 1911}
ERA_FIRST_YEAR = "元"
