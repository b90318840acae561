"""Makes the content of a new company: its name, its languages, its zone, its services, and a starter for the rest."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from statuspage import bundled
from statuspage.content import loading
from statuspage.content.compiled import Reading, load_content
from statuspage.domain import ContentError, has_unreadable_characters
from statuspage.usecases.content import ContentFolders
from statuspage.usecases.instance import InstanceExists, create_intake_secret
from statuspage.usecases.zones import guess_zone, nearest_zones

if TYPE_CHECKING:
    from statuspage.integrations.history import PublishedPage

MAX_NAME_LENGTH = 60
"""Characters of a company's or a service's name: as many as fit into a post beside what it has to say."""

MAX_SERVICES = 200
"""Services of a new company: more than any page can show to a reader."""

DEMO = "demo"
"""The folder of the demo company."""

STAGED = "content.new"
"""Where content is written until it is complete."""


@dataclass(frozen=True, slots=True)
class NewCompany:
    """The answers that ``init`` needs. ``languages``: the first one leads. ``address``: where the page will be read.
    ``groups``: the group of each service by its name, for those that have one. ``desk_languages``: those of the desk,
    where they are not the ones that follow from ``languages``.
    """

    company: str
    services: tuple[str, ...]
    languages: tuple[str, ...] = ("en",)
    zone: str = "UTC"
    starter: str = "general"
    address: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    desk_languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvalidAnswer:
    """An answer that cannot be used: which (``company``, ``service`` …), the reason (``init.KEY``), what was given, and
    what could be given instead.
    """

    field: str
    reason: str
    value: str
    choices: tuple[str, ...] = ()


class InvalidCompany(Exception):
    """Some answers cannot be used. Nothing was made."""

    def __init__(self, answers: Sequence[InvalidAnswer]) -> None:
        super().__init__(", ".join(f"{answer.field}: {answer.reason}" for answer in answers))
        self.answers = tuple(answers)


class BrokenStarter(Exception):
    """The content that was written does not pass; nothing was made. A fault of ours."""

    def __init__(self, errors: Sequence[ContentError]) -> None:
        super().__init__("; ".join(map(str, errors)))


def create_company(home: Path, new: NewCompany, *, now: datetime) -> tuple[str, ...]:
    """Makes ``home`` an instance of this company, whose record begins today; returns the names of the files that were
    written.

    Raises InvalidCompany with every answer that cannot be used, and InstanceExists for a folder in use. An interrupted
    attempt is started over.
    """
    if invalid := list(find_invalid(new)):
        raise InvalidCompany(invalid)
    return _write_content(home, content_files(new, now=now))


def content_files(new: NewCompany, *, now: datetime) -> dict[str, bytes]:
    """The files of this company's content, by name."""
    first_day = now.astimezone(ZoneInfo(new.zone)).date()
    return {"site.toml": _site_file(new, first_day), "services.toml": _services_file(new)}


def create_demo(home: Path) -> None:
    """Makes ``home`` an instance of the demo company, which says everywhere that it is one. Raises InstanceExists for a
    folder in use.
    """
    demo = bundled.folder("content") / DEMO
    files = {str(path.relative_to(demo)): path.read_bytes() for path in demo.rglob("*") if path.is_file()}
    _write_content(home, {**files, "site.toml": DEMO_LINE + files["site.toml"]})


DEMO_LINE = b"""# Every page and screen says that this company is invented. Delete the line in an instance of your own.
demo = true

"""
"""Put before the ``site.toml`` of an instance of the demo company."""


def is_demo(home: Path) -> bool:
    """Whether this folder is an instance of the demo company."""
    try:
        return tomllib.loads((home / "content" / "site.toml").read_text("utf-8")).get("demo") is True
    except (OSError, ValueError):
        return False


def is_free(home: Path) -> bool:
    """Whether an instance can be made in this folder: it does not exist, or has only what an interrupted attempt
    left."""
    try:
        return all(path.name == STAGED for path in home.iterdir())
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _write_content(home: Path, files: dict[str, bytes]) -> tuple[str, ...]:
    """Writes the content completely before it gets its name, and reads it once, for the commands after this one too.
    Whatever goes wrong, nothing is left.
    """
    content_folder, staged, was_there = home / "content", home / STAGED, home.exists()
    if not is_free(home):
        raise InstanceExists(home)
    shutil.rmtree(staged, ignore_errors=True)
    folders = ContentFolders.of_live(home, content_folder)
    try:
        for name, content in files.items():
            (staged / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).write_bytes(content)
        staged.rename(content_folder)
        _, errors = load_content(Reading(content_folder), folders.cache)
        if errors:
            raise BrokenStarter(errors)
        create_intake_secret(home)
    except BaseException:
        for folder in (staged, content_folder, folders.cache):
            shutil.rmtree(folder, ignore_errors=True)
        if not was_there:
            with suppress(OSError):  # Another process may have made an instance here meanwhile: that stays.
                home.rmdir()
        raise
    return tuple(sorted(files))


def find_invalid(new: NewCompany) -> Iterator[InvalidAnswer]:
    """Every answer that cannot be used."""
    yield from _invalid_name("company", new.company)
    if not new.services:
        yield InvalidAnswer("service", "empty_list", "")
    if len(new.services) > MAX_SERVICES:
        yield InvalidAnswer("service", "too_many", str(len(new.services)))
    for name in new.services:
        yield from _invalid_name("service", name)
    for name in dict.fromkeys(filter(None, new.groups.values())):
        yield from _invalid_name("group", name)
    folded = [fold_name(name) for name in new.services]
    yield from (
        InvalidAnswer("service", "twice", name)
        for n, name in enumerate(new.services)
        if fold_name(name) and fold_name(name) in folded[:n]
    )
    if not new.languages:
        yield InvalidAnswer("language", "no_language", "")
    yield from _unknown("language", new.languages, loading.shipped_languages())
    if new.zone not in available_timezones():
        yield InvalidAnswer("zone", "unknown", new.zone, nearest_zones(new.zone))
    yield from _unknown("starter", (new.starter,), loading.starters())
    if new.address and not re.fullmatch(r"https?://[^\s/?#]+(?:/[^\s?#]*)?", new.address):
        yield InvalidAnswer("address", "no_url", new.address)


def _unknown(field: str, values: Iterable[str], known: tuple[str, ...]) -> Iterator[InvalidAnswer]:
    yield from (InvalidAnswer(field, "unknown", value, known) for value in values if value not in known)


def _invalid_name(field: str, name: str) -> Iterator[InvalidAnswer]:
    if not name.strip():
        yield InvalidAnswer(field, "empty", name)
    elif any(map(is_unreadable, name)):
        yield InvalidAnswer(field, "unreadable", name)
    elif len(name) > MAX_NAME_LENGTH:
        yield InvalidAnswer(field, "too_long", name)


def is_unreadable(character: str) -> bool:
    """Whether this character would break a page, or show a name as another one."""
    return has_unreadable_characters(character) or unicodedata.category(character) == "Cc"


def company_of_page(page: PublishedPage, new: NewCompany) -> NewCompany:
    """The company of a published page: its services with their groups; and its name and zone, where the answers have
    none.
    """
    return replace(
        new,
        company=new.company or page.name,
        zone=new.zone or (page.zone if page.zone in available_timezones() else guess_zone()),
        services=tuple(name for name, _ in page.components),
        groups={name: group for name, group in page.components if group},
    )


def proposed_services(starter: str, language: str) -> tuple[str, ...]:
    """The names of the services that a starter proposes, in this language, else in English."""
    content = loading.ContentFolder(bundled.folder("content") / loading.STARTERS / starter)
    ids = [str(entry.get("id", "")) for entry in content.read_table("services.toml").values.get("service", ())]
    names = (_names_of(content, language), _names_of(content, "en"))
    return tuple(next((known[id] for known in names if id in known), id) for id in ids)


def _names_of(content: loading.ContentFolder, language: str) -> dict[str, str]:
    services = content.read_table(f"{language}/organisation.toml", required=False).values.get("services", {})
    return {id: str(words["name"]) for id, words in services.items() if "name" in words}


def _site_file(new: NewCompany, first_day: date) -> bytes:
    lines = {
        "company": new.company.strip(),
        "starter": new.starter,
        "languages": list(new.languages),
        "time_zone": new.zone,
        "address": new.address.rstrip("/"),
        "history_start": first_day.isoformat(),
    } | ({"desk_languages": list(new.desk_languages)} if new.desk_languages else {})
    return "".join(f"{key} = {_toml(value)}\n" for key, value in lines.items()).encode("utf-8")


def _services_file(new: NewCompany) -> bytes:
    starter = loading.ContentFolder(bundled.folder("content") / loading.STARTERS / new.starter)
    entries = starter.read_table("services.toml").values.get("service", ())
    roles = {str(entry["id"]): str(entry.get("role") or entry["id"]) for entry in entries}
    ids_by_name = {
        fold_name(name): id
        for language in loading.shipped_languages()
        for id, name in _names_of(starter, language).items()
        if id in roles
    }
    roles |= {word: role for word, role in _words_of_roles(starter).items() if word not in roles}
    group_ids: dict[str, str] = {}
    for group in dict.fromkeys(new.groups.get(name, "") for name in new.services):
        if group:
            group_ids[group] = id_for(group, list(group_ids.values()))
    tables = [_table("group", {"id": id, "name": name}) for name, id in group_ids.items()]
    ids: list[str] = []
    for name in new.services:
        ids.append(id_for(ids_by_name.get(fold_name(name), name), ids))
        role = "" if roles.get(ids[-1]) == ids[-1] else _role_of(name, roles, ids_by_name)
        group = group_ids.get(new.groups.get(name, ""), "")
        tables.append(_table("service", {"id": ids[-1], "name": name.strip(), "role": role, "group": group}))
    return "\n".join(tables).encode("utf-8")


def _words_of_roles(starter: loading.ContentFolder) -> dict[str, str]:
    """Roles that incident types name without a proposed service, by the words that a service's name may have."""
    types = starter.read_table("incident_types.toml").values.values()
    roles = {text.partition(":")[0] for kind in types for text in kind.get("services", ())}
    words = {role: role for role in roles}
    return words | (dict.fromkeys(_WORDS_FOR_MESSAGES, MESSAGES) if MESSAGES in roles else {})


MESSAGES = "messages"
_WORDS_FOR_MESSAGES = ("email", "e-mail", "emails", "notifications", "メール", "通知")


def _table(name: str, values: Mapping[str, str]) -> str:
    return f"[[{name}]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in values.items() if value)


def _role_of(name: str, roles: Mapping[str, str], ids_by_name: Mapping[str, str]) -> str:
    """The role of the starter's service whose id or name, or a part of its name, is in this name; "" if there is none.
    The longest counts.
    """
    words = {**roles, **{part: roles[id] for known, id in ids_by_name.items() for part in (known, *_parts(known))}}
    folded = fold_name(name)
    return next((words[word] for word in sorted(words, key=len, reverse=True) if _has_word(folded, word)), "")


def _parts(name: str) -> list[str]:
    """What a name joins: “配送” and “荷物の追跡” of “配送・荷物の追跡”."""
    return [part.strip() for part in _JOINTS.split(name) if part.strip()]


_JOINTS = re.compile(r"[・·,、&]| and | und | et | y | e ")


def _has_word(name: str, word: str) -> bool:
    """Japanese and Chinese put no space between words."""
    return (
        word in name
        if word[0] >= "\u3000"
        else re.search(rf"(?<![a-zà-ÿ0-9]){re.escape(word)}(?![a-zà-ÿ0-9])", name) is not None
    )


def id_for(name: str, taken: Sequence[str]) -> str:
    """An id made of the name's letters a to z and digits, else ``service``; numbered where it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    base = "-".join(re.findall(r"[a-z0-9]+", plain))[:32].strip("-") or "service"
    return next(id for id in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if id not in taken)


def fold_name(name: str) -> str:
    """The name as it is compared with others: neither case nor width counts."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _toml(value: str | Sequence[str]) -> str:
    return json.dumps(value, ensure_ascii=False)
