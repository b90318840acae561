"""Reads a whole content folder in an order in which each file knows the ids of those before it."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from statuspage import bundled
from statuspage.content.loading import (
    alert_rules,
    brand,
    drill_scenarios,
    glossary,
    hosting,
    language_pack,
    on_call,
    runbooks,
    translation_parity,
)
from statuspage.content.loading import media as mediums
from statuspage.content.loading import site as shapes
from statuspage.content.loading.folder import STAFF, Folder
from statuspage.content.loading.table_reader import ANYTHING, Table
from statuspage.content.loading.translation_parity import Said
from statuspage.domain import (
    MAINTENANCE,
    OWN_MEDIA,
    Catalog,
    ContentError,
    EnvironmentMarks,
    Glossary,
    IncidentType,
    LanguagePack,
    Scenario,
    Service,
    Site,
)
from statuspage.integrations.monitors import Monitor, monitors


class Reading:
    """One run over one folder. ``faults`` grow as files are read; nothing stops at the first."""

    def __init__(self, path: Path) -> None:
        self._folder = Folder(path)
        self.faults = self._folder.faults

    def catalog(self, *, marks: bool) -> Catalog:
        """All content; with gaps where there are faults."""
        groups, services = self._services()
        site = self._site()
        kinds = self._kinds(site, services)
        media = mediums.media(self._table("media"), OWN_MEDIA)
        channels = shapes.channels(
            self._table("channels"),
            site.languages if self._table("site").source.readable else ANYTHING,
            self._ids("media", media),
        )
        troubles = self._ids("kinds", _troubles(kinds))
        rules, joining, mapped = alert_rules.alerts(self._table("alerts"), troubles, self._ids("services", services))
        targets = hosting.targets(self._folder.table("targets.toml", needed=False))
        checked = runbooks.runbooks(self._folder, self._ids("kinds", kinds), site.desk)
        called, inside = on_call.duty(self._folder, site.desk)
        spoken = tuple(dict.fromkeys((*site.languages, *site.desk)))
        staff = frozenset(site.desk)
        found = {one: self._book(one, groups, services, marks=marks, staff=one in staff) for one in spoken}
        self.faults.extend(self._across(spoken, kinds))
        self.faults.extend(translation_parity.disagreements(self._said(site.desk, STAFF), _shipped_keys(STAFF)))
        self.faults.extend(self._folder.strangers(spoken))
        sources = monitors(mapped)
        scenarios = self._scenarios(site.desk, troubles, self._ids("services", services), found, sources)
        version = self._folder.version
        return Catalog(
            *(version, site, groups, services, kinds, channels, rules, media, found, targets, scenarios),
            duty=called,
            ways_inside=inside,
            joining=joining,
            mapped=mapped,
            runbooks=checked,
        )

    def _scenarios(
        self,
        desk: tuple[str, ...],
        kinds: Collection[str],
        services: Collection[str],
        spoken: Mapping[str, LanguagePack],
        sources: Mapping[str, Monitor],
    ) -> dict[str, Scenario]:
        """The scripts of drills, by their file's name; a house may have none.

        What one of them says in a language of the desk, all of them say in it.
        """
        files = sorted((self._folder.path / drill_scenarios.FOLDER).glob("*.toml"))
        tables = {file.stem: self._folder.table(f"{drill_scenarios.FOLDER}/{file.name}") for file in files}
        marks = {one: str(self._table(f"drill/{one}").values.get("start", "")).strip() for one in spoken}
        never = tuple(said for book in spoken.values() for said in book.never)
        reader = drill_scenarios.Reader(
            drill_scenarios.spoken(tables.values(), desk), kinds, services, marks, never, sources
        )
        return {id: reader.scenario(id, table) for id, table in tables.items()}

    def _table(self, name: str) -> Table:
        return self._folder.table(f"{name}.toml")

    def _ids(self, name: str, found: Collection[str]) -> Collection[str]:
        """What is known from a file; anything goes while the file itself cannot be read."""
        return found if self._table(name).source.readable else ANYTHING

    def _services(self) -> tuple[tuple[str, ...], dict[str, Service]]:
        table = self._table("services")
        groups = shapes.groups(table)
        return groups, shapes.services(table, groups)

    def _site(self) -> Site:
        """The page itself. Where it cannot be read, every folder with a house in it counts as a language."""
        table = self._table("site")
        if not table.source.readable:
            houses = sorted(path.parent.name for path in self._folder.path.glob("*/house.toml"))
            return Site(languages=tuple(houses), zone="UTC", kinds=(), desk=self._staffed(houses))
        look = table.table("brand", needed=False)
        site = shapes.site(table, self._ids("kinds", _troubles(self._table("kinds").values)))
        return replace(site, brand=brand.brand(look, self._folder, site.languages))

    def _staffed(self, languages: Collection[str]) -> tuple[str, ...]:
        return tuple(one for one in languages if (self._folder.path / one / f"{STAFF}.toml").is_file())

    def _kinds(self, site: Site, services: Collection[str]) -> dict[str, IncidentType]:
        """The kinds, whose choices are those of the leading language's lists."""
        lists: dict[str, Collection[str]] = dict.fromkeys(language_pack.LISTS, ANYTHING)
        for language in site.languages[:1]:
            table = self._table(f"{language}/lists")
            lists = {name: self._ids(f"{language}/lists", table.values.get(name, ())) for name in language_pack.LISTS}
        return shapes.kinds(self._table("kinds"), self._ids("services", services), lists)

    def _book(
        self, language: str, groups: Collection[str], services: Collection[str], *, marks: bool, staff: bool
    ) -> LanguagePack:
        house = language_pack.house(self._table(f"{language}/house"), groups, services, staff=staff)
        phrases = self._table(f"{language}/phrases")
        drill, never = language_pack.drill(self._table(f"drill/{language}"))
        return LanguagePack(
            language=language,
            name=phrases.text("name"),
            status=phrases.choice("status", language_pack.STATUSES),
            writing=language_pack.writing(phrases.table("writing")),
            phrases=language_pack.flat(phrases.without("name", "status", "writing"), empty=True),
            labels=self._labels(language, staff=staff),
            lists=language_pack.lists(self._table(f"{language}/lists"), staff=staff),
            site=house.site,
            tagline=house.tagline,
            desk=house.desk,
            groups=house.groups,
            services=house.services,
            people=house.people,
            marks=drill if marks else EnvironmentMarks(),
            glossary=self._glossary(language),
            never=never,
        )

    def _glossary(self, language: str) -> Glossary | None:
        """A language may go without."""
        files = [self._folder.table(f"{language}/{name}.toml", needed=False) for name in glossary.FILES]
        return glossary.glossary(*files) if files[0].values else None

    def _labels(self, language: str, *, staff: bool) -> dict[str, str]:
        files = ("labels", STAFF) if staff else ("labels",)
        tables = (self._table(f"{language}/{name}") for name in files)
        return {key: text for table in tables for key, text in language_pack.flat(table, empty=True).items()}

    def _across(self, languages: tuple[str, ...], kinds: Mapping[str, IncidentType]) -> Iterator[ContentError]:
        """What only shows when the languages are laid side by side, or beside the program."""
        form, answers = tuple(translation_parity.form_keys(kinds)), tuple(translation_parity.answer_keys(kinds))
        general = tuple(key for key in _shipped_keys("phrases") if not key.startswith("kind."))
        phrases = self._said(languages, "phrases")
        yield from translation_parity.disagreements(phrases, (*general, *form, *answers), translation_parity.SLOTS)
        for said in phrases:
            yield from translation_parity.unknown_slots(said)
            yield from translation_parity.silent(said, form)
        labels = self._said(languages, "labels")
        yield from translation_parity.disagreements(labels, _shipped_keys("labels"))
        yield from translation_parity.own_zones(phrases, labels)
        for name, tables in (("lists", language_pack.LISTS), ("house", ("people",))):
            yield from translation_parity.disagreements(self._entries(languages, name, tables))

    def _entries(self, languages: tuple[str, ...], name: str, tables: Collection[str]) -> tuple[Said, ...]:
        """The entries of these tables; what is in each of them is the reader's business."""
        return tuple(
            replace(said, texts={".".join(key.split(".")[:2]): "" for key in said.texts if key.split(".")[0] in tables})
            for said in self._said(languages, name)
        )

    def _said(self, languages: tuple[str, ...], name: str) -> tuple[Said, ...]:
        sources = {language: self._table(f"{language}/{name}").source for language in languages}
        return tuple(Said(language, source, _sayings(source.table)) for language, source in sources.items())


@lru_cache
def _shipped_keys(name: str) -> tuple[str, ...]:
    """The sentences or labels this release of the program comes with, and so may ask for."""
    languages = sorted(path.parent for path in bundled.folder("content").glob(f"*/{name}.toml"))
    return tuple(_sayings(tomllib.loads((languages[0] / f"{name}.toml").read_text(encoding="utf-8"))))


def _sayings(table: Mapping[str, Any]) -> dict[str, str]:
    """What a language says; how it is written is each one's own."""
    return _flat({key: value for key, value in table.items() if key != "writing"})


def _flat(table: Mapping[str, Any], at: str = "") -> dict[str, str]:
    """Every text of nested tables under its dotted key; what is no text is another check's business."""
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found.update(_flat(value, f"{at}{key}."))
        elif isinstance(value, str):
            found[f"{at}{key}"] = value
    return found


def _troubles(kinds: Collection[str]) -> tuple[str, ...]:
    """Kinds that forms and alerts may name: planned work is neither noticed nor sent by a monitor."""
    return tuple(kind for kind in kinds if kind != MAINTENANCE)
