"""Groups of customers that a notice can name, as the desk sets them up: customers of one country, or of one shop."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage.content.editing import Edit, SetValue, Unset
from statuspage.domain import (
    Affected,
    AffectedAudience,
    Audience,
    Catalog,
    Choice,
    Facts,
    NoticeKind,
    Precision,
    StartTime,
    State,
)
from statuspage.rendering.wording import BadPhrase, DoesNotFit, IncidentContext, compose
from statuspage.usecases import new_company
from statuspage.usecases.settings.content_files import ContentStore, FileChange

WORDS = ("label", "text")
"""The words of a group in one language: its name, and what it is called in the middle of a sentence."""

Typed = Mapping[str, Mapping[str, str]]
"""Words by language and key."""


@dataclass(frozen=True, slots=True)
class SaidOfGroup:
    """What a first report that affects this group alone says on the page."""

    headline: str
    body: str


def files_of_names(catalog: Catalog) -> tuple[str, ...]:
    """The files that the form of a group shows."""
    return tuple(map(_file, catalog.packs))


def own_words(store: ContentStore, group: str, language: str) -> dict[str, str]:
    """What the instance itself calls this group in a language."""
    table = store.read_values(_file(language)).get("audience_groups", {}).get(group, {})
    return {key: str(table.get(key, "")) for key in WORDS}


def add_groups(store: ContentStore, catalog: Catalog, lines: str, *, seen: str) -> FileChange:
    """Adds a group for each line, named in the site's first language; names that are there already are left out."""
    leading = catalog.leading_pack
    names = {new_company.fold_name(each.label or each.text) for each in leading.audience_groups.values()}
    taken = [*leading.audience_groups, *AffectedAudience]
    edits: list[Edit] = []
    added = []
    for name in filter(None, map(str.strip, lines.splitlines())):
        if new_company.fold_name(name) not in names:
            names.add(new_company.fold_name(name))
            taken.append(new_company.id_for(name, taken))
            edits.append(SetValue(("audience_groups", taken[-1], "label"), name))
            added.append(name)
    file = _file(leading.language)
    after = {"customer_groups": added}
    return FileChange({file: edits}, (file,), seen, "customer_group.added", ", ".join(added), None, after)


def change_words(store: ContentStore, catalog: Catalog, group: str, typed: Typed, *, seen: str) -> FileChange:
    """New words of a group. A language without any takes those of the site's first language."""
    edits: dict[str, list[Edit]] = {}
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for language, words in typed.items():
        own, path = own_words(store, group, language), ("audience_groups", group)
        changed = [key for key in WORDS if words.get(key, "") != own[key]]
        before |= {f"{language}.{key}": own[key] for key in changed}
        after |= {f"{language}.{key}": words.get(key, "") for key in changed}
        is_unnamed = not any(words.values())
        if changed and is_unnamed and language != catalog.leading_pack.language:
            edits[_file(language)] = [Unset(path)]
        elif changed:
            edits[_file(language)] = [
                SetValue((*path, key), words[key])
                if words.get(key) or (is_unnamed and key == "label")
                else Unset((*path, key))
                for key in changed
            ]
    return FileChange(edits, files_of_names(catalog), seen, "customer_group.changed", group, before, after)


def remove_group(store: ContentStore, catalog: Catalog, group: str, *, seen: str) -> FileChange:
    """Removes a group in every language. Published notices keep its name."""
    edits = {file: [Unset(("audience_groups", group))] for file in files_of_names(catalog)}
    names = {language: label for language in catalog.packs if (label := own_words(store, group, language)["label"])}
    return FileChange(edits, files_of_names(catalog), seen, "customer_group.removed", group, names, None)


def say_group(catalog: Catalog, group: str, typed: Typed, *, now: datetime) -> dict[str, SaidOfGroup]:
    """What customers would read in each language of the page with these words; nothing where it cannot be said."""
    service = next((each.id for each in catalog.services.values() if not each.is_retired), next(iter(catalog.services)))
    facts = Facts(
        "other",
        (Affected(service, State.MAJOR),),
        start=StartTime(Precision.EXACT, now - timedelta(minutes=12)),
        audience=Audience(AffectedAudience.GROUPS, (group,)),
    )
    leading = typed[catalog.leading_pack.language]
    said = {}
    for language in catalog.languages:
        words = typed.get(language, {})
        label = words.get("label") or ("" if words.get("text") else leading.get("label") or leading.get("text", ""))
        choice, pack = Choice(label, words.get("text", "")), catalog.packs[language]
        pack = replace(pack, audience_groups={**pack.audience_groups, group: choice})
        alone = replace(catalog, site=replace(catalog.site, languages=(language,)), packs={language: pack})
        with suppress(BadPhrase, DoesNotFit, LookupError, ValueError):
            context = IncidentContext("preview", "")
            text = compose(NoticeKind.FIRST, facts, catalog=alone, incident=context, now=now)[language]
            said[language] = SaidOfGroup(text.headline.replace("|", ""), text.media["page"].body)
    return said


def _file(language: str) -> str:
    return f"{language}/organisation.toml"
