"""Logs: one JSON line an event, without personal words and without secrets."""

from __future__ import annotations

import ipaddress
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# A Telegram token stands in the address of every call: digits, a colon, and 35 signs.
_TOKEN = re.compile(r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}")
# Where somebody writes from: libraries put it into their messages. What looks like the newer kind is tried.
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)")
_LIKE_IPV6 = re.compile(r"(?<![\w:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
HIDDEN = "[hidden]"
# What a log line may name; anything else that somebody passes is left out.
ALLOWED = frozenset(
    {"event", "level", "timestamp", "logger", "case", "channel", "error", "seconds", "count", "place", "url"}
)


def hide(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave out what a log line may not name, and hide tokens and network addresses in the rest."""
    return {key: _hidden(str(value)) for key, value in event.items() if key in ALLOWED}


def _hidden(text: str) -> str:
    return _LIKE_IPV6.sub(_hidden_address, _IPV4.sub(HIDDEN, _TOKEN.sub(HIDDEN, text)))


def _hidden_address(found: re.Match[str]) -> str:
    try:
        ipaddress.IPv6Address(found.group())
    except ValueError:
        return found.group()  # A time of day, for example.
    return HIDDEN


def _place(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of an exception only its kind and where it was raised: its message may quote what a traveller wrote."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        frame = error.__traceback__
        while frame and frame.tb_next:
            frame = frame.tb_next
        event["error"] = type(error).__name__
        event["place"] = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else ""
    return event


def open_logs() -> None:
    """Send everything that is logged, by us and by libraries, through the same filter to standard error."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _place,
                hide,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # These name addresses and bodies at lower levels; what matters of them we log ourselves.
    for name in ("aiohttp.access", "httpx", "httpcore", "telegram", "sqlalchemy", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
