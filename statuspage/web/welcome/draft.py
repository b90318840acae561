"""What was typed into Welcome, as text; and the company that it describes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from werkzeug.datastructures import MultiDict

from statuspage.content import loading
from statuspage.usecases.new_company import InvalidAnswer, NewCompany, find_invalid, proposed_services
from statuspage.usecases.zones import find_zone

COLONS = (":", "：")
"""What ends the name of a group, as typed in any script."""

VIEWS = ("calm", "incident")
"""What the preview shows: all is well, or an incident."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of the form, as typed. ``first`` is the main language, ``languages`` are all that were ticked.

    ``proposed`` are the services that the form proposed: as long as nobody changes them, they follow the starter and
    the main language. ``desk`` is the language in which Welcome itself is read.
    """

    company: str
    zone: str
    first: str
    languages: tuple[str, ...]
    starter: str
    services: str
    proposed: str
    desk: str
    view: str = VIEWS[0]

    @property
    def page_languages(self) -> tuple[str, ...]:
        """The languages of the page, the main one first, the others in the order of the list."""
        others = tuple(language for language in self.languages if language != self.first)
        return (self.first, *others) if self.first else others


@dataclass(frozen=True, slots=True)
class ServiceLines:
    """The services of a list, the group of each by its name, and groups without a service."""

    services: tuple[str, ...]
    groups: dict[str, str]
    empty_groups: tuple[str, ...]


def fresh_draft(*, zone: str, language: str, desk: str) -> Draft:
    """The form before anybody typed: everything but the name has an answer."""
    return _with_proposal(Draft("", zone, language, (language,), "general", "", "", desk))


def parse_draft(form: MultiDict[str, str], desk: str) -> Draft:
    """The draft that a form sends, after the button that was pressed: another starter, or one more service."""
    draft = Draft(
        company=form.get("company", "").strip(),
        zone=form.get("zone", "").strip(),
        first=form.get("first", ""),
        languages=tuple(dict.fromkeys(form.getlist("language"))),
        starter=form.get("starter") or form.get("chosen_starter", "general"),
        services=_clean_lines(form.get("services", "")),
        proposed=_clean_lines(form.get("proposed", "")),
        desk=desk,
        view=form.get("view", "") if form.get("view", "") in VIEWS else VIEWS[0],
    )
    if added := form.get("add", "").strip():
        return replace(draft, services=f"{draft.services}\n{added}".strip())
    return _with_proposal(draft) if draft.services == draft.proposed else draft


def _clean_lines(text: str) -> str:
    """The lines without the spaces around them; browsers send CR LF."""
    return "\n".join(line.strip() for line in text.replace("\r\n", "\n").split("\n")).strip()


def _with_proposal(draft: Draft) -> Draft:
    """The services that the starter proposes in the main language."""
    if draft.starter not in loading.starters():
        return draft
    lines = "\n".join(proposed_services(draft.starter, draft.first or "en"))
    return replace(draft, services=lines, proposed=lines)


def parse_services(text: str) -> ServiceLines:
    """One service per line; a line that ends in a colon names the group of those below it."""
    services: list[str] = []
    groups: dict[str, str] = {}
    named: list[str] = []
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        if line.endswith(COLONS):
            named.append(line[:-1].strip())
            continue
        services.append(line)
        if named and named[-1]:
            groups[line] = named[-1]
    used = set(groups.values())
    return ServiceLines(tuple(services), groups, tuple(name for name in named if name and name not in used))


def more_services(draft: Draft) -> tuple[str, ...]:
    """What companies of this trade often also name, and this list does not."""
    if draft.starter not in loading.starters():
        return ()
    typed = {name.casefold() for name in parse_services(draft.services).services}
    proposed = proposed_services(draft.starter, draft.first or "en")
    return tuple(name for name in proposed if name.casefold() not in typed)


def company_of(draft: Draft) -> NewCompany:
    """The company of this draft. Its desk also speaks the language in which Welcome was read."""
    lines = parse_services(draft.services)
    languages = draft.page_languages
    spoken = tuple(language for language in languages if language in loading.desk_languages()) or ("en",)
    return NewCompany(
        company=draft.company,
        services=lines.services,
        languages=languages,
        zone=find_zone(draft.zone),
        starter=draft.starter,
        groups=lines.groups,
        desk_languages=() if draft.desk in spoken else (draft.desk, *spoken),
    )


def find_problems(draft: Draft, *, is_complete: bool) -> Iterator[InvalidAnswer]:
    """Every answer that cannot be used; while somebody is still typing (not ``is_complete``), not those that are only
    missing."""
    for answer in find_invalid(company_of(draft)):
        if is_complete or answer.reason not in ("empty", "empty_list", "no_language"):
            yield answer
    if is_complete:
        yield from (InvalidAnswer("group", "empty_group", name) for name in parse_services(draft.services).empty_groups)


def count_groups(lines: ServiceLines) -> int:
    """How many groups have a service."""
    return len(set(lines.groups.values()))


def choices_shown(answer: InvalidAnswer, limit: int = 5) -> Sequence[str]:
    """What could be given instead: the nearest, or all of a short list."""
    if answer.field == "zone":
        return answer.choices
    nearest = get_close_matches(answer.value, answer.choices, n=1, cutoff=0.6)
    return nearest or (answer.choices if len(answer.choices) <= limit else ())
