"""What the templates of Welcome show, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from statuspage.content import loading
from statuspage.content.loading import ShippedLanguage
from statuspage.usecases.new_company import InvalidAnswer
from statuspage.usecases.zones import find_zone
from statuspage.web.desk import Translator, shown_value
from statuspage.web.welcome.draft import Draft, choices_shown, count_groups, more_services, parse_services

FIELDS = {"service": "services", "group": "services"}
"""The field of the form that an answer stands in, where it has another name."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to change: the field it stands beside, and the sentence."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class FrameView:
    """The preview: where it is kept, what it shows, and in which language."""

    key: str
    view: str
    language: str


@dataclass(frozen=True, slots=True)
class FormView:
    """The form: what was typed, and what is said beside it."""

    draft: Draft
    problems: tuple[Problem, ...]
    company_line: str
    language_line: str
    starter_line: str
    count: str
    more: tuple[str, ...]
    open_steps: frozenset[str]
    starters: tuple[tuple[str, str], ...]
    languages: tuple[ShippedLanguage, ...]
    zones: tuple[str, ...]
    preview_language: str

    def is_wrong(self, field: str) -> bool:
        """Whether something in this field has to be changed."""
        return any(problem.field == field for problem in self.problems)


def form_view(draft: Draft, problems: Sequence[InvalidAnswer], translator: Translator) -> FormView:
    """The form with this draft and these problems."""
    names = {language.id: language.name for language in shipped()}
    starters = tuple((name, starter_name(name, translator)) for name in _trades_first())
    spoken = [names[language] for language in draft.page_languages if language in names]
    return FormView(
        draft=draft,
        problems=tuple(
            Problem(FIELDS.get(problem.field, problem.field), _sentence(problem, translator)) for problem in problems
        ),
        company_line=translator.t("join").join(filter(None, (draft.company, find_zone(draft.zone)))),
        language_line=translator.format_list(spoken),
        starter_line=dict(starters).get(draft.starter, draft.starter),
        count=_count(draft, translator),
        more=more_services(draft),
        open_steps=frozenset(_open_steps(draft, problems)),
        starters=starters,
        languages=shipped(),
        zones=zones(),
        preview_language=next((language for language in draft.page_languages if language in names), "en"),
    )


def _open_steps(draft: Draft, problems: Sequence[InvalidAnswer]) -> Iterator[str]:
    """Steps that are not finished, and those with something to change. The services are always in sight."""
    yield "services"
    if not draft.company:
        yield from ("company", "starter")
    for problem in problems:
        yield {"zone": "company", "language": "languages"}.get(problem.field, FIELDS.get(problem.field, problem.field))


def _count(draft: Draft, translator: Translator) -> str:
    lines = parse_services(draft.services)
    services = translator.tn("welcome.services", len(lines.services))
    groups = count_groups(lines)
    return translator.tn("welcome.in_groups", groups, services=services) if groups else services


def _sentence(answer: InvalidAnswer, translator: Translator) -> str:
    value = answer.value if answer.field == "folder" else shown_value(answer.value)
    if answer.reason != "unknown":
        return translator.t(f"welcome.problem.{answer.reason}", value=value)
    text = translator.t(f"welcome.problem.unknown_{answer.field}", value=value)
    choices = choices_shown(answer)
    return f"{text} {translator.t('welcome.problem.choices', known=', '.join(choices))}" if choices else text


def _trades_first() -> list[str]:
    """The starters; that of no trade last, because it is called *something else* there."""
    return sorted(loading.starters(), key=lambda name: name == "general")


def starter_name(name: str, translator: Translator) -> str:
    """What a starter is called; its own name where there are no words for it."""
    key = f"desk.welcome.starter.{name}"
    return translator.label(key) if key in translator.pack.labels else name.replace("-", " ").capitalize()


@cache
def shipped() -> tuple[ShippedLanguage, ...]:
    """The languages to choose from: English and Japanese, then the others by name."""
    desk = loading.desk_languages()
    return tuple(
        sorted(loading.describe_languages(), key=lambda language: (language.id not in desk, language.name.casefold()))
    )


@cache
def zones() -> tuple[str, ...]:
    """The zones to choose from: places, without old names such as ``EST5EDT``."""
    return tuple(
        sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    )


def page_context(translator: Translator) -> dict[str, object]:
    """What every page needs."""
    names = {language.id: language.name for language in shipped()}
    return {
        "t": translator.t,
        "language": translator.language,
        "desk_languages": [(id, names[id]) for id in loading.desk_languages()],
    }
