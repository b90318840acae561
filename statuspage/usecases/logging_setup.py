"""Logging: one line per event on standard error, without secrets."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from statuspage import __version__, process_log
from statuspage.settings import PROVIDER_SETTINGS, SECRET_NAMES, Settings
from statuspage.usecases.repeated_events import RepeatedEvents

_log = process_log.Log(__name__)

REDACTED = "***"
MIN_SECRET_LENGTH = 6
"""The minimum length of a setting's value to be redacted; shorter ones are ordinary words."""

_LOCATION_SETTINGS = (
    "STATUSPAGE_HOME",
    "STATUSPAGE_CONTENT",
    "STATUSPAGE_LANGUAGE",
    "STATUSPAGE_LOG_LEVEL",
    "STATUSPAGE_ADDRESS",
    "STATUSPAGE_ENVIRONMENT",
)
_ADDRESS_SETTINGS = (
    "STATUSPAGE_DESK_ADDRESS",
    "STATUSPAGE_DRILL_DESK_ADDRESS",
    "STATUSPAGE_PROXIES",
    "STATUSPAGE_RESOLVER",
)
NOT_SECRET = (
    *_LOCATION_SETTINGS,
    *_ADDRESS_SETTINGS,
    *PROVIDER_SETTINGS,
    "STATUSPAGE_OIDC_CLIENT_ID",
    "STATUSPAGE_PUBLIC_ADDRESS",
    "STATUSPAGE_SUBSCRIBERS_COPIES",
)
"""Settings that are not secret."""

STEADY_FIELDS = ("channel", "host", "database", "queue", "source", "reason", "code", "status")
"""The fields that tell two faults of one event apart; others, such as ids and paths, change with each line."""

COUNT_ATTRIBUTE = "statuspage_count"
"""The attribute of a library's record with how many times its fault happened."""

_DIGITS = re.compile(r"\d+")

VERBOSE_LIBRARIES = ("authlib", "tweepy", "requests_oauthlib", "oauthlib", "urllib3", "alembic")
"""Libraries that log headers, signatures or statements at debug level."""

Event = MutableMapping[str, Any]


def configure_logging(settings: Settings, *, level: int | None = None) -> None:
    """Sends all events, ours and those of libraries, to standard error: as JSON, or as text on a terminal. The default
    level is that of the settings."""
    import structlog

    level = settings.log_level if level is None else level
    redact_settings(settings)
    renderer: Any = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    shared_processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    readable: list[Any] = [structlog.processors.format_exc_info, _secret_filter]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_add_count, *shared_processors, *readable], processors=[_plain_values, renderer]
        )
    )
    handler.addFilter(LibraryFloodFilter())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # It warns of a handful of requests at once.
    for library in VERBOSE_LIBRARIES:
        logging.getLogger(library).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[
            *shared_processors,
            FloodFilter(),
            *readable,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    process_log.keep(structlog.get_logger)


def keep_no_log(settings: Settings) -> None:
    """Drops all events, ours and those of libraries. For commands, which report their own errors."""
    redact_settings(settings)
    logging.basicConfig(handlers=[logging.NullHandler()], level=logging.CRITICAL, force=True)
    process_log.keep(None)


@contextmanager
def log_lifetime(process: str, environment: str) -> Iterator[None]:
    """Logs that a long-running process started, and that it stopped."""
    _log.info("started", process=process, environment=environment, version=__version__, pid=os.getpid())
    try:
        yield
    finally:
        _log.info("stopped", process=process, environment=environment, pid=os.getpid())


def redact_settings(settings: Settings) -> None:
    """Redacts these settings as well from now on."""
    _secret_filter.add_secrets(secret_values(settings))


def secret_values(settings: Settings) -> frozenset[str]:
    """Every value that must not be logged, including the password within a URL."""
    values = [value for name, value in settings.secrets.items() if name not in NOT_SECRET]
    passwords = [unquote(urlsplit(value).password or "") for value in values if "://" in value]
    return frozenset(value for value in (*values, *passwords) if len(value) >= MIN_SECRET_LENGTH)


class FloodFilter:
    """Drops warnings and errors about a fault that lasts: it is logged when it begins, then once a minute with
    ``count``, how many times it happened."""

    def __init__(self) -> None:
        self._faults = RepeatedEvents()

    def __call__(self, _logger: object, _method: str, event: Event) -> Event:
        """The event. Raises DropEvent."""
        from structlog import DropEvent

        if event["level"] not in ("warning", "error", "critical") or "count" in event:
            return event
        count = self._faults.count_if_due(_fault_of(event), datetime.fromisoformat(event["timestamp"]))
        if count is None:
            raise DropEvent
        return event if count == 1 else {**event, "count": count}


class LibraryFloodFilter(logging.Filter):
    """The same for warnings and errors of libraries. Once a fault is over, the next line of any kind is preceded by one
    that says how many times it happened since its last."""

    def __init__(self) -> None:
        super().__init__()
        self._faults = RepeatedEvents()

    def filter(self, record: logging.LogRecord) -> bool:
        at = datetime.fromtimestamp(record.created, UTC)
        if isinstance(record.msg, dict) or record.levelno < logging.WARNING:  # An event of ours is a mapping here.
            self._report_ended(at)
            return True
        if hasattr(record, COUNT_ATTRIBUTE):
            return True
        count = self._faults.count_if_due(_library_fault(record), at)
        self._report_ended(at)
        setattr(record, COUNT_ATTRIBUTE, count)
        return count is not None

    def _report_ended(self, at: datetime) -> None:
        for fault, count in self._faults.take_ended(at):
            name, level, message, *_ = fault
            logging.getLogger(str(name)).log(int(str(level)), str(message), extra={COUNT_ATTRIBUTE: count})


def _library_fault(record: logging.LogRecord) -> tuple[object, ...]:
    """What stays the same in each line of a library about one fault. Numbers in it change with each line."""
    values = record.args.values() if isinstance(record.args, Mapping) else record.args or ()
    kinds = [type(value) if isinstance(value, BaseException) else _DIGITS.sub("0", str(value)) for value in values]
    error = record.exc_info[1] if record.exc_info else None
    return (record.name, record.levelno, str(record.msg), *kinds, *(_place_of(error) if error else ()))


def _add_count(_logger: object, _method: str, event: Event) -> Event:
    """The event of a library with how many times it happened, if more than once."""
    count = getattr(event["_record"], COUNT_ATTRIBUTE, None) or 1
    return event if count == 1 else {**event, "count": count}


def _fault_of(event: Event) -> tuple[object, ...]:
    """What stays the same in each line about one fault: for an error, its type and where it was raised."""
    error = event.get("exc_info")
    error = sys.exc_info()[1] if error is True else error
    if not isinstance(error, BaseException):
        return (event["event"], *(str(event.get(name)) for name in STEADY_FIELDS))
    return (event["event"], *_place_of(error))


def _place_of(error: BaseException) -> tuple[object, ...]:
    """The type of an error and where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (type(error), trace and (trace.tb_frame.f_code, trace.tb_lineno))


class SecretFilter:
    """Redacts secrets everywhere in an event, also if URL-encoded or quoted."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets: list[str] = []
        self.add_secrets(secrets)

    def add_secrets(self, secrets: Collection[str]) -> None:
        """Redacts these as well from now on."""
        spellings = {form for secret in secrets for form in (secret, quote(secret, safe=""), repr(secret)[1:-1])}
        self._secrets = sorted(spellings | set(self._secrets), key=len, reverse=True)

    def __call__(self, _logger: object, _method: str, event: Event) -> Event:
        """The event without its secrets."""
        return self._redact_mapping(event)

    def _redact_value(self, value: Any) -> Any:
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                for secret in self._secrets:
                    value = value.replace(secret, REDACTED)
                return value
            case Mapping():
                return self._redact_mapping(value)
            case list() | tuple():
                return [self._redact_value(inner) for inner in value]
        return self._redact_value(str(value))

    def _redact_mapping(self, values: Mapping[str, Any]) -> Event:
        return {
            key: REDACTED if SECRET_NAMES.search(str(key)) else self._redact_value(inner)
            for key, inner in values.items()
        }


_secret_filter = SecretFilter(())
"""The secrets that must not appear in any event of this process."""


def _plain_values(_logger: object, _method: str, event: Event) -> Event:
    return {key: value for key, value in event.items() if not key.startswith("_")}
