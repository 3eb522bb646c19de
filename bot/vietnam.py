"""Vietnam's clock: the days in the declaration are days there."""

from datetime import timedelta, timezone

# Vietnam keeps UTC+7 all year and has had no daylight-saving time since 1975.
VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
