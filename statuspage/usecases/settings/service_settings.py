"""Services as the desk sets them up: their order, groups, names, grammar and clauses, and since when one is retired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from statuspage.content import loading
from statuspage.content.editing import AppendTable, Edit, ReorderTables, SetValue, Unset
from statuspage.domain import (
    IMPACT_STATES,
    Catalog,
    GrammaticalNumber,
    ImpactClauses,
    ServiceGrammar,
    ServiceWords,
    State,
)
from statuspage.rendering.wording import name_service
from statuspage.usecases import new_company
from statuspage.usecases.settings.content_files import ContentStore, FileChange, value_at

FILE = "services.toml"

REQUIRED_CLAUSES = ("now", "still", "again")
"""What own words of a state need: told first, told again, over."""

CLAUSES = (*REQUIRED_CLAUSES, "was")
"""What a service has words for in each state; without one for after the end, the program says it of the name."""

WORDS = (
    "name",
    "number",
    "noun",
    "noun_capitalized",
    *(f"{state}.{form}" for state in IMPACT_STATES for form in CLAUSES),
)
"""The words of a service in one language, as keys of its table."""


class UnknownService(Exception):
    """There is no service, or no group, with this id in the file."""


@dataclass(frozen=True, slots=True)
class GroupOfServices:
    """A group ("" for services without one) and the ids of its services, in the order of the page."""

    id: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TypedWords:
    """The words of a service in one language as typed, by key; a missing or empty one is made by the program."""

    values: Mapping[str, str] = field(default_factory=dict)

    def get(self, key: str) -> str:
        """The typed text without surrounding spaces."""
        return self.values.get(key, "").strip()


def list_groups(store: ContentStore) -> tuple[GroupOfServices, ...]:
    """All groups with their services, as the file has them; those without a group first."""
    tables = store.read_values(FILE)
    services = [(str(each.get("id", "")), str(each.get("group", ""))) for each in tables.get("service", [])]
    ids = ["", *(str(each.get("id", "")) for each in tables.get("group", []))]
    groups = (GroupOfServices(id, tuple(service for service, group in services if group == id)) for id in ids)
    return tuple(group for group in groups if group.id or group.services)


def own_words(store: ContentStore, service: str, language: str) -> TypedWords:
    """What the instance itself says of a service in this language."""
    table = _words_table(store, language).get("services", {}).get(service, {})
    own = {key: str(value_at(table, key)) for key in WORDS if value_at(table, key)}
    entry = _entry(store, service)
    if "name" not in own and entry.get("name") and language == _leading_language(store):
        own["name"] = str(entry["name"])
    return TypedWords(own)


def words_from(store: ContentStore, catalog: Catalog, service: str, language: str, typed: TypedWords) -> ServiceWords:
    """What customers would read with these words."""
    pack, below = catalog.packs[language], _words_below(store, service, language, typed.get("name"))
    texts = {key: typed.get(key) or str(value_at(below, key) or "") for key in WORDS}
    texts |= {f"{state}.was": typed.get(f"{state}.was") for state in IMPACT_STATES if typed.get(f"{state}.now")}
    name = texts["name"] or _inherited_name(catalog, service, language)
    clauses = {
        State(state): ImpactClauses(*(texts[f"{state}.{form}"] for form in CLAUSES))
        for state in IMPACT_STATES
        if all(texts[f"{state}.{form}"] for form in REQUIRED_CLAUSES)
    }
    number = GrammaticalNumber(texts["number"]) if texts["number"] in ("singular", "plural") else None
    grammar = ServiceGrammar(
        number=number or GrammaticalNumber.UNKNOWN,
        noun=texts["noun"],
        noun_capitalized=texts["noun_capitalized"],
        clauses=clauses,
    )
    return name_service(name or service, pack.service_templates, pack.locale_rules, grammar)


def change_words(store: ContentStore, service: str, words: Mapping[str, TypedWords], *, seen: str) -> FileChange:
    """New words of a service, by language. Empty ones are left to the program again."""
    _number_of(store, "service", service)
    edits: dict[str, list[Edit]] = {}
    before, after = {}, {}
    for language, typed in words.items():
        own = own_words(store, service, language)
        for key in WORDS:
            if typed.get(key) != own.get(key):
                before[f"{language}.{key}"], after[f"{language}.{key}"] = own.get(key), typed.get(key)
                file, edit = _word_edit(store, service, language, key, typed.get(key))
                edits.setdefault(file, []).append(edit)
        for state in _emptied_states(own, typed):
            edits[_words_file(language)].append(Unset(("services", service, state)))
    watched = watched_files(words)
    return FileChange(edits, watched, seen, "service.words.changed", service, before, after)


def _emptied_states(own: TypedWords, typed: TypedWords) -> list[str]:
    """The states that had clauses of their own and have none now; their tables go too, because an empty one is an
    error."""

    def has_clauses(words: TypedWords, state: str) -> bool:
        return any(words.get(f"{state}.{form}") for form in CLAUSES)

    return [state for state in IMPACT_STATES if has_clauses(own, state) and not has_clauses(typed, state)]


def watched_files(languages: Sequence[str] | Mapping[str, object]) -> tuple[str, ...]:
    """The files that the form of a service shows."""
    return (FILE, *(_words_file(language) for language in languages))


def add_services(store: ContentStore, lines: str, *, today: date, seen: str) -> FileChange:
    """Adds a service for each line, offered from today; a line that ends in a colon begins a group, which is made if
    there is none of that name. Names that are there already are left out."""
    tables = store.read_values(FILE)
    taken = [str(each.get("id", "")) for name in ("group", "service") for each in tables.get(name, [])]
    taken += [str(former) for each in tables.get("service", []) for former in each.get("former_ids", [])]
    groups = {
        new_company.fold_name(str(each.get("name", each.get("id")))): str(each["id"])
        for each in tables.get("group", [])
    }
    named = {new_company.fold_name(str(each.get("name", each.get("id")))) for each in tables.get("service", [])}
    edits: list[Edit] = []
    group, added = "", []
    for line in filter(None, map(str.strip, lines.splitlines())):
        name = line.rstrip(":：").strip()
        if line != name:
            group = groups.get(new_company.fold_name(name), "")
            if not group:
                group = groups[new_company.fold_name(name)] = new_company.id_for(name, taken)
                taken.append(group)
                edits.append(AppendTable("group", {"id": group, "name": name}))
        elif new_company.fold_name(name) not in named:
            named.add(new_company.fold_name(name))
            taken.append(new_company.id_for(name, taken))
            in_group = {"group": group} if group else {}
            edits.append(AppendTable("service", {"id": taken[-1], "name": name, **in_group, "offered_since": today}))
            added.append(name)
    return FileChange({FILE: edits}, (FILE,), seen, "service.added", ", ".join(added), None, {"services": added})


def move_service(store: ContentStore, service: str, *, by: int, seen: str) -> FileChange:
    """Moves a service up (``by`` -1) or down (1) among those of its group."""
    tables = store.read_values(FILE).get("service", [])
    group = str(tables[_number_of(store, "service", service)].get("group", ""))
    peers = [number for number, each in enumerate(tables) if str(each.get("group", "")) == group]
    return _swap(store, "service", service, peers, by, seen)


def move_group(store: ContentStore, group: str, *, by: int, seen: str) -> FileChange:
    """Moves a group up or down."""
    return _swap(store, "group", group, list(range(len(store.read_values(FILE).get("group", [])))), by, seen)


def rename_group(store: ContentStore, group: str, name: str, *, seen: str) -> FileChange:
    """Gives a group another name in the site's first language, kept where its name is now."""
    number, file = _number_of(store, "group", group), _words_file(_leading_language(store))
    before = str(store.read_values(FILE)["group"][number].get("name", ""))
    own = str(store.read_values(file).get("groups", {}).get(group, {}).get("name", ""))
    place, path = (file, ("groups", group, "name")) if own else (FILE, ("group", number, "name"))
    edits: dict[str, list[Edit]] = {place: [SetValue(path, name)]}
    return FileChange(edits, (FILE,), seen, "group.renamed", group, {"name": own or before}, {"name": name})


def put_in_group(store: ContentStore, service: str, group: str, *, seen: str) -> FileChange:
    """Puts a service in another group; "" in none."""
    number = _number_of(store, "service", service)
    if group:
        _number_of(store, "group", group)
    before = str(store.read_values(FILE)["service"][number].get("group", ""))
    edit = SetValue(("service", number, "group"), group) if group else Unset(("service", number, "group"))
    return FileChange({FILE: [edit]}, (FILE,), seen, "service.grouped", service, {"group": before}, {"group": group})


def retire(store: ContentStore, service: str, day: date | None, *, seen: str) -> FileChange:
    """Retires a service as of this day; None: it is offered again. It stays in every incident and in the history."""
    number = _number_of(store, "service", service)
    before = store.read_values(FILE)["service"][number].get("retired", "")
    path = ("service", number, "retired")
    edit = SetValue(path, day) if day else Unset(path)
    return FileChange(
        {FILE: [edit]},
        (FILE,),
        seen,
        "service.retired" if day else "service.offered",
        service,
        before={"retired": str(before)} if before else None,
        after={"retired": str(day)} if day else None,
    )


def _swap(store: ContentStore, name: str, id: str, peers: Sequence[int], by: int, seen: str) -> FileChange:
    number = _number_of(store, name, id)
    ids = [str(each.get("id", "")) for each in store.read_values(FILE).get(name, [])]
    order = list(range(len(ids)))
    place = peers.index(number) + by
    if 0 <= place < len(peers):
        other = peers[place]
        order[number], order[other] = other, number
    edits = [ReorderTables(name, tuple(order))] if order != sorted(order) else []
    return FileChange({FILE: edits}, (FILE,), seen, f"{name}.moved", id, ids, [ids[each] for each in order])


def _entry(store: ContentStore, service: str) -> Mapping[str, Any]:
    """The table of a service in its file; empty if there is none."""
    entries: list[Mapping[str, Any]] = store.read_values(FILE).get("service", [])
    return next((each for each in entries if each.get("id") == service), {})


def _number_of(store: ContentStore, name: str, id: str) -> int:
    for number, each in enumerate(store.read_values(FILE).get(name, [])):
        if each.get("id") == id:
            return number
    raise UnknownService(id)


def _leading_language(store: ContentStore) -> str:
    languages = loading.ContentFolder(store.folders.current).read_table("site.toml").values.get("languages", [""])
    return str(languages[0])


def _words_file(language: str) -> str:
    return f"{language}/organisation.toml"


def _words_table(store: ContentStore, language: str) -> Mapping[str, Any]:
    return store.read_values(_words_file(language))


def _words_below(store: ContentStore, service: str, language: str, name: str) -> Mapping[str, Any]:
    """What the program says of a service in this language, if it counts: only while its name is the program's.
    ``name`` is the one typed."""
    file = _words_file(language)
    folder = loading.ContentFolder(store.folders.current, [(file, f"services.{service}")])
    below = folder.read_table(file, required=False).values.get("services", {}).get(service, {})
    given = name or _entry(store, service).get("name")
    return {} if loading.is_called_otherwise(given, folder.proposed_names(service)) else below


def _inherited_name(catalog: Catalog, service: str, language: str) -> str:
    leading = catalog.leading_pack
    names = [catalog.services[service].name] if service in catalog.services else []
    return next(filter(None, [*names, leading.services[service].name if service in leading.services else ""]), "")


def _word_edit(store: ContentStore, service: str, language: str, key: str, text: str) -> tuple[str, Edit]:
    """The edit of one word, and its file: a name is kept where it is now."""
    number = _number_of(store, "service", service)
    entry, table = (
        store.read_values(FILE)["service"][number],
        _words_table(store, language).get("services", {}).get(service, {}),
    )
    path = ("services", service, *key.split("."))
    if key == "name" and "name" not in table and language == _leading_language(store) and (entry.get("name") or text):
        name_path = ("service", number, "name")
        return FILE, SetValue(name_path, text) if text else Unset(name_path)
    return _words_file(language), SetValue(path, text) if text else Unset(path)
