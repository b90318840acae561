"""Reads a whole content folder, in such an order that each file can be checked against the ids of earlier ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from statuspage.content.compiled import Lookups
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
from statuspage.content.loading.contact_needs import read_contact_needs
from statuspage.content.loading.contradictions import read_contradictions
from statuspage.content.loading.folder import STAFF_FILE, ContentFolder, starters
from statuspage.content.loading.incident_types import read_incident_types
from statuspage.content.loading.media import read_media
from statuspage.content.loading.own_values import find_stray_keys
from statuspage.content.loading.scenario_slots import fill_slots, find_lacking, playable_table, with_any_service
from statuspage.content.loading.service_words import read_service_templates
from statuspage.content.loading.site import Channels, ids_by_name, read_channels, read_groups, read_services, read_site
from statuspage.content.loading.table_reader import ANY_SERVICE, ANY_VALUE, ServiceIds, Table
from statuspage.content.loading.translation_parity import NOT_COMPARED, LanguageFile, language_texts
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
from statuspage.integrations.monitors import Monitor, all_monitors


class ContentReader:
    """One run over one folder. ``errors`` grows as files are read; reading does not stop at an error."""

    def __init__(self, path: Path, left_out: Collection[tuple[str, str]] = (), lookups: Lookups | None = None) -> None:
        self._folder = ContentFolder(path, left_out, lookups)
        self.errors = self._folder.errors
        self._group_names: Mapping[str, str] = {}

    def read_catalog(self, *, with_marks: bool) -> Catalog:
        """All content, incomplete where there are errors."""
        groups, services = self._read_services()
        site = self._read_site()
        incident_types = self._read_incident_types(site, services)
        media = read_media(self._read_table("media"), OWN_MEDIA)
        channels, disabled_channels = self._read_channels(site, media)
        unplanned_types = self._known_ids("incident_types", [id for id in incident_types if id != MAINTENANCE])
        rules, grouping, json_mappings = alert_rules.read_alert_rules(
            self._folder.read_table("alerts.toml", required=False), unplanned_types, self._service_ids(services)
        )
        hosts = hosting.read_hosts(self._folder.read_table("hosts.toml", required=False))
        runbooks_by_type = runbooks.read_runbooks(
            self._folder, self._known_ids("incident_types", incident_types), site.desk_languages
        )
        on_call_policy, notification_channels = on_call.read_on_call(self._folder, site.desk_languages)
        packs = self._read_language_packs(site, groups, services, with_marks=with_marks)
        self.errors.extend(self._cross_check(tuple(packs), site.desk_languages, incident_types))
        self.errors.extend(self._folder.find_unknown_files(tuple(packs)))
        named_services = with_any_service(self._service_ids(services), services.values())
        scenarios, scenario_needs = self._read_scenarios(
            site.desk_languages, unplanned_types, named_services, packs, all_monitors(json_mappings)
        )
        version = self._folder.version
        return Catalog(
            *(version, site, groups, services, incident_types, channels, rules, media, packs, hosts, scenarios),
            on_call=on_call_policy,
            notification_channels=notification_channels,
            grouping=grouping,
            json_mappings=json_mappings,
            runbooks=runbooks_by_type,
            scenario_needs=scenario_needs,
            scenario_gaps=drill_scenarios.find_gaps(scenarios.values(), self._folder, on_call_policy),
            contradictions=read_contradictions(self._folder, self._choice_lists(site)),
            disabled_channels=disabled_channels,
            wording_version=self._folder.wording_version,
            contact_needs=read_contact_needs(self._folder, self._choice_lists(site)),
        )

    def _read_channels(self, site: Site, media: Collection[str]) -> tuple[Channels, Channels]:
        languages = site.languages if self._read_table("site").source.is_readable else ANY_VALUE
        table = self._read_table("channels", required=False)
        return read_channels(table, languages, self._known_ids("media", media))

    def _read_scenarios(
        self,
        desk_languages: tuple[str, ...],
        incident_types: Collection[str],
        services: ServiceIds,
        packs: Mapping[str, LanguagePack],
        monitors_by_name: Mapping[str, Monitor],
    ) -> tuple[dict[str, Scenario], dict[str, tuple[str, ...]]]:
        """The drill scenarios by file name (there may be none), and what those that were left out need.

        If any scenario is written in a desk language, all must be.
        """
        names = self._folder.glob(f"{drill_scenarios.FOLDER}/*.toml")
        tables = {PurePosixPath(name).stem: playable_table(self._folder.read_table(name), services) for name in names}
        marks = {
            language: str(self._read_table(f"{language}/drill").values.get("start_mark", "")).strip()
            for language in packs
        }
        forbidden_phrases = tuple(phrase for pack in packs.values() for phrase in pack.forbidden_phrases)
        reader = drill_scenarios.ScenarioReader(
            drill_scenarios.scenario_languages(tables.values(), desk_languages),
            incident_types,
            services,
            marks,
            forbidden_phrases,
            monitors_by_name,
        )
        needs = {id: lacking for id, table in tables.items() if (lacking := find_lacking(table, services))}
        scenarios = {id: reader.read_scenario(id, table) for id, table in tables.items() if id not in needs}
        return {id: fill_slots(scenario, packs) for id, scenario in scenarios.items()}, needs

    def _read_table(self, name: str, *, required: bool = True) -> Table:
        return self._folder.read_table(f"{name}.toml", required=required)

    def _service_ids(self, services: Mapping[str, Service]) -> ServiceIds:
        return ids_by_name(services.values()) if self._read_table("services").source.is_readable else ANY_SERVICE

    def _known_ids(self, name: str, ids: Collection[str]) -> Collection[str]:
        """The ids of a file; if the file cannot be read, any id counts as known."""
        return ids if self._read_table(name).source.is_readable else ANY_VALUE

    def _read_services(self) -> tuple[tuple[str, ...], dict[str, Service]]:
        table = self._read_table("services")
        groups = read_groups(table)
        self._group_names = {id: name for id, name in groups.items() if name}
        services = read_services(table, groups)
        has_ungrouped = any(not service.group for service in services.values())
        return (("", *groups) if has_ungrouped else tuple(groups)), services

    def _read_site(self) -> Site:
        """``site.toml``. If it cannot be read, every folder with an ``organisation.toml`` counts as a language."""
        table = self._read_table("site")
        if not table.source.is_readable:
            languages = [PurePosixPath(file).parent.name for file in self._folder.own_files("*/organisation.toml")]
            return Site(
                languages=tuple(languages),
                zone="UTC",
                incident_types=(),
                desk_languages=self._staff_languages(languages),
            )
        brand_table = table.get_table("brand", required=False)
        site = read_site(
            table,
            self._known_ids(
                "incident_types", [id for id in self._read_table("incident_types").values if id != MAINTENANCE]
            ),
            starters(),
        )
        if "desk_languages" not in table.values:
            site = replace(site, desk_languages=self._staff_languages(site.languages) or ("en",))
        return replace(site, brand=brand.read_brand(brand_table, self._folder, site.languages))

    def _staff_languages(self, languages: Collection[str]) -> tuple[str, ...]:
        return tuple(language for language in languages if self._folder.exists(f"{language}/{STAFF_FILE}.toml"))

    def _read_incident_types(self, site: Site, services: Mapping[str, Service]) -> dict[str, IncidentType]:
        """The incident types. Their choices must be in the leading language's lists."""
        lists = self._choice_lists(site)
        table = self._read_table("incident_types")
        return read_incident_types(table, self._service_ids(services), lists, site.contact)

    def _choice_lists(self, site: Site) -> dict[str, Collection[str]]:
        lists: dict[str, Collection[str]] = dict.fromkeys(language_pack.CHOICE_LISTS, ANY_VALUE)
        for language in site.languages[:1]:
            table = self._read_table(f"{language}/lists")
            lists = {
                name: self._known_ids(f"{language}/lists", table.values.get(name, ()))
                for name in language_pack.CHOICE_LISTS
            }
        return lists

    def _read_language_packs(
        self, site: Site, groups: Collection[str], services: Mapping[str, Service], *, with_marks: bool
    ) -> dict[str, LanguagePack]:
        """One pack for each language of the site or the desk, the site's first."""
        packs: dict[str, LanguagePack] = {}
        named = {id: service.name for id, service in services.items() if service.name}
        proposed = {id: self._folder.proposed_names(id) for id in services}
        inherited = language_pack.InheritedNames(
            site.company, named, self._group_names, None, named, proposed, site.contact
        )
        for language in dict.fromkeys((*site.languages, *site.desk_languages)):
            for_staff = language in site.desk_languages
            packs[language] = self._read_language_pack(
                language, groups, services, inherited, with_marks=with_marks, for_staff=for_staff
            )
            inherited = language_pack.names_of_pack(packs[next(iter(packs))], inherited)
        return packs

    def _read_language_pack(
        self,
        language: str,
        groups: Collection[str],
        services: Collection[str],
        inherited: language_pack.InheritedNames,
        *,
        with_marks: bool,
        for_staff: bool,
    ) -> LanguagePack:
        phrases = self._read_table(f"{language}/phrases")
        locale_rules = language_pack.read_locale_rules(phrases.get_table("locale_rules"))
        service_templates = read_service_templates(phrases.get_table("service_clauses"))
        organisation_table, grammar = self._read_table(f"{language}/organisation"), (service_templates, locale_rules)
        organisation = language_pack.read_organisation(
            organisation_table, groups, services, grammar, inherited, for_staff=for_staff
        )
        texts = phrases.without_keys("name", "status", *NOT_COMPARED)
        drill_marks, forbidden_phrases = language_pack.read_drill_marks(self._read_table(f"{language}/drill"))
        return LanguagePack(
            language=language,
            name=phrases.get_text("name"),
            status=language_pack.read_status(phrases, self._read_table(f"{language}/review", required=False)),
            locale_rules=locale_rules,
            phrases=language_pack.flatten_texts(texts, allow_empty=True),
            labels=self._read_labels(language, for_staff=for_staff, in_drill=with_marks),
            lists=language_pack.read_lists(self._read_table(f"{language}/lists"), for_staff=for_staff),
            site=organisation.site_name,
            tagline=organisation.tagline,
            footer=organisation.footer,
            desk=organisation.desk_name,
            groups=organisation.groups,
            services=organisation.services,
            audience_groups=organisation.audience_groups,
            marks=drill_marks if with_marks else EnvironmentMarks(),
            glossary=self._read_glossary(language),
            forbidden_phrases=forbidden_phrases,
            service_templates=service_templates,
            contact=inherited.contact.details(language),
        )

    def _read_glossary(self, language: str) -> Glossary | None:
        """The glossary, if the language has one."""
        files = [self._folder.read_table(f"{language}/{name}.toml", required=False) for name in glossary.FILES]
        return glossary.read_glossary(*files) if files[0].values else None

    def _read_labels(self, language: str, *, for_staff: bool, in_drill: bool) -> dict[str, str]:
        """The labels. In a drill those under ``desk.in_drill`` replace those that say that something was sent."""
        labels: dict[str, str] = {}
        for name in ("labels", STAFF_FILE) if for_staff else ("labels",):
            labels |= language_pack.flatten_texts(self._read_table(f"{language}/{name}"), allow_empty=True)
        return language_pack.labels_of_drill(labels) if in_drill else labels

    def _cross_check(
        self, languages: tuple[str, ...], desk_languages: tuple[str, ...], incident_types: Mapping[str, IncidentType]
    ) -> Iterator[ContentError]:
        """Errors found by comparing languages with each other, or with the program."""
        form_keys = tuple(translation_parity.form_keys(incident_types))
        answer_keys = tuple(translation_parity.answer_keys(incident_types))
        general_keys = tuple(key for key in self._shipped_keys("phrases") if not key.startswith(_ORGANISATIONS_OWN))
        stray = tuple(self._find_stray_keys(languages, desk_languages, incident_types))
        yield from stray
        stray_keys = {error.key for error in stray}
        phrases = self._language_files(languages, "phrases", stray_keys)
        yield from translation_parity.find_disagreements(
            phrases, (*general_keys, *form_keys, *answer_keys), translation_parity.SLOTS
        )
        for file in phrases:
            yield from translation_parity.find_unknown_slots(file)
            yield from translation_parity.find_empty_texts(file, form_keys)
        labels = self._language_files(languages, "labels", stray_keys)
        yield from translation_parity.find_disagreements(labels, self._shipped_keys("labels"))
        yield from translation_parity.find_fixed_zones(phrases, labels)
        lists = self._entry_files(languages, "lists", language_pack.CHOICE_LISTS)
        yield from translation_parity.find_disagreements(lists)
        audience_groups = self._entry_files(languages, "organisation", ("audience_groups",))
        yield from translation_parity.find_unknown_entries(audience_groups)
        staff_files = self._language_files(desk_languages, STAFF_FILE, stray_keys)
        yield from translation_parity.find_disagreements(staff_files, self._shipped_keys(STAFF_FILE))

    def _shipped_keys(self, name: str) -> tuple[str, ...]:
        """The keys of sentences or labels that this release ships and may therefore use."""
        return tuple(language_texts(self._folder.read_shipped(f"en/{name}.toml").table))

    def _find_stray_keys(
        self, languages: Collection[str], desk_languages: Collection[str], incident_types: Collection[str]
    ) -> Iterator[ContentError]:
        for name, spoken in (("phrases", languages), ("labels", languages), (STAFF_FILE, desk_languages)):
            for language in spoken:
                yield from find_stray_keys(self._read_table(f"{language}/{name}").source, incident_types)

    def _entry_files(self, languages: tuple[str, ...], name: str, tables: Collection[str]) -> tuple[LanguageFile, ...]:
        """The entries of these tables; their content is checked where they are read."""
        return tuple(
            replace(file, texts={".".join(key.split(".")[:2]): "" for key in file.texts if key.split(".")[0] in tables})
            for file in self._language_files(languages, name)
        )

    def _language_files(
        self, languages: tuple[str, ...], name: str, left_out: Collection[str] = ()
    ) -> tuple[LanguageFile, ...]:
        """The texts of this file in each language, without the keys ``left_out``."""
        sources = {language: self._read_table(f"{language}/{name}").source for language in languages}
        return tuple(
            LanguageFile(
                language,
                source,
                {key: text for key, text in language_texts(source.table).items() if key not in left_out},
                f"{language}/{name}.toml",
            )
            for language, source in sources.items()
        )


_ORGANISATIONS_OWN = ("incident_type.", "group.", "group_capitalized.")
"""Phrases about what an organisation may not have: its incident types and groups of services."""


def read_content(
    folder: Path,
    *,
    with_marks: bool = False,
    left_out: Collection[tuple[str, str]] = (),
    lookups: Lookups | None = None,
) -> tuple[Catalog | None, tuple[ContentError, ...]]:
    """All content of a folder, or None with every error in it, in the order of files and lines.

    ``with_marks``: the language packs contain the drill marks. The marks are checked either way. ``left_out`` are
    files and keys of the folder that are read as if they were not there. ``lookups`` records what is looked up.
    """
    reader = ContentReader(folder, left_out, lookups)
    catalog = reader.read_catalog(with_marks=with_marks)
    errors = tuple(sorted(set(reader.errors), key=lambda error: (error.file, error.line, error.key, error.message)))
    return (None if errors else catalog), errors
