"""Reads the lists that other status pages export, whatever they call their columns, as rows of our own list."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from statuspage.domain import Catalog


@dataclass(frozen=True, slots=True)
class Consent:
    """What proves the consent of a whole list, where its rows do not: who gave it ("": each address its own), when
    ("": as the row says) and how."""

    who: str = ""
    when: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """A row as our own list would have it. ``reason`` says why it cannot be one, as the last part of a label key
    (``cli.list_KEY``), with ``value``; "" if it can."""

    line_number: int
    values: Mapping[str, str]
    reason: str = ""
    value: str = ""


_COLUMNS = {
    "address": "email emailaddress mail mailaddress subscriberemail recipient endpoint destination target subscriber",
    "kind": "type mode method channel kind subscribertype subscriptiontype",
    "other_address": "phone phonenumber mobile sms subscriberphone webhook webhookurl subscriberwebhook slack "
    "slackwebhookurl slackincomingwebhookurl microsoftteamsincomingwebhookurl",
    "services": "components componentids componentnames services monitors statuspageresourceids resources",
    "language": "language locale lang preferredlanguage",
    "state": "status state standing verified confirmed isconfirmed issubscriptionconfirmed active isactive",
    "left": "unsubscribed isunsubscribed unsubscribedat quarantined quarantinedat bounced bouncedat deletedat",
    "when": "confirmedat verifiedat optinat subscribedat subscribedon subscribed createdat created date joinedat",
}
"""What other products call the columns, without capitals, spaces and signs: Statuspage, Instatus, Better Stack,
StatusCake, Sorry, OneUptime, Freshstatus, Squadcast and Flashduty among them."""

_MEANINGS = {name: meaning for meaning, names in _COLUMNS.items() for name in names.split()}
_EMAIL_KINDS = ("", "email", "e-mail", "mail", "emailsubscriber")
_NOT_ACTIVE = re.compile(
    r"no|false|0|not[ _-]?verified|unverified|unconfirmed|pending|inactive|unsubscribed|quarantined|bounced|deleted"
    r"|disabled|invited"
)
_NOT_LEFT = ("", "no", "false", "0", "null", "none")


def is_foreign(text: str) -> bool:
    """Whether this is a list of another product: it has a column of addresses, and it is none of ours."""
    header = _header(text)
    return "address" not in header and "address" in {_MEANINGS.get(_plain(name)) for name in header}


def unused_columns(text: str) -> tuple[str, ...]:
    """The columns of a foreign list that nothing is read from."""
    return tuple(name for name in _header(text) if name and _plain(name) not in _MEANINGS)


def read_rows(text: str, catalog: Catalog, consent: Consent) -> Iterator[ForeignRow]:
    """Every row with something in it. Raises csv.Error."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=_delimiter(text), strict=True)
    header = _header(text)
    if not _is_headless(text):
        next(reader)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield _row(reader.line_num, _by_meaning(header, cells), catalog, consent)


def _row(line_number: int, cells: Mapping[str, Sequence[str]], catalog: Catalog, consent: Consent) -> ForeignRow:
    first = {meaning: next(iter(values), "") for meaning, values in cells.items()}
    address, kind = first.get("address", ""), first.get("kind", "")
    left = [value for value in cells.get("left", ()) if value.casefold() not in _NOT_LEFT]
    inactive = [value for value in cells.get("state", ()) if _NOT_ACTIVE.fullmatch(value.casefold())]
    other = first.get("other_address", "")
    if kind.casefold() not in _EMAIL_KINDS or (not address and other):
        return ForeignRow(line_number, {}, "other_kind", kind or other[:80])
    if left or inactive:
        return ForeignRow(line_number, {}, "not_active", (left or inactive)[0][:80])
    values = {
        "address": address,
        "language": _language(first.get("language", ""), catalog),
        "services": ";".join(_services(cells.get("services", ()), catalog)),
        "consent_who": consent.who or address,
        "consent_when": consent.when or next(filter(None, map(_iso_time, cells.get("when", ()))), ""),
        "consent_how": consent.how,
    }
    return ForeignRow(line_number, values) if values["consent_when"] else ForeignRow(line_number, {}, "no_date", "")


def _header(text: str) -> list[str]:
    line = text.removeprefix("\ufeff").lstrip("\r\n").partition("\n")[0]
    with suppress(csv.Error):
        cells = next(csv.reader([line], delimiter=_delimiter(text)), [])
        return ["type", "email", *cells[2:]] if _is_headless(text) else [cell.strip() for cell in cells]
    return []


def _is_headless(text: str) -> bool:
    """Whether it is Statuspage's form without a heading, whose rows begin with ``email,somebody@example.com``."""
    first, _, rest = text.removeprefix("\ufeff").partition("\n")[0].partition(",")
    return first.strip('" ').casefold() in ("email", "sms", "webhook") and "@" in rest.partition(",")[0]


def _delimiter(text: str) -> str:
    line = text.partition("\n")[0]
    return max((",", ";", "\t"), key=line.count)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _by_meaning(header: Sequence[str], cells: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The cells that are not empty, by what their columns mean, in the order of the names above."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name, cell in zip(header, cells, strict=False):
        meaning = _MEANINGS.get(_plain(name))
        if meaning and cell.strip():
            rank = _COLUMNS[meaning].split().index(_plain(name))
            found.setdefault(meaning, []).append((rank, cell.strip().removeprefix("'")))
    return {meaning: [cell for _, cell in sorted(values)] for meaning, values in found.items()}


def _language(code: str, catalog: Catalog) -> str:
    """The language of the page that is nearest to this code; "" if none is near."""
    folded = code.replace("_", "-").casefold()
    near = [language for language in catalog.languages if language.casefold() == folded]
    near += [language for language in catalog.languages if language.partition("-")[0] == folded.partition("-")[0]]
    return near[0] if near else ""


def _services(cells: Sequence[str], catalog: Catalog) -> Iterator[str]:
    """The ids of services by their names in any language; a name that none has stays as it is."""
    by_name = {words.name.casefold(): id for pack in catalog.packs.values() for id, words in pack.services.items()}
    for name in re.split(r"[;|,\n]", cells[0].strip("[]{} ")) if cells else ():
        plain = name.strip().strip("\"'").strip()
        if plain and plain.casefold() not in ("all", "true"):
            yield by_name.get(plain.casefold(), plain.replace(" ", "-"))


def _iso_time(text: str) -> str:
    """A time as ISO 8601 writes it; "" if it is written otherwise, since 3/4 may be two days."""
    cleaned = re.sub(r"\s*(?:UTC|GMT)$", "+00:00", text.strip())
    with suppress(ValueError):
        at = datetime.fromisoformat(cleaned)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
    return ""
