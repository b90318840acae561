"""The front page of a company that does not exist yet, rendered from the answers given so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from statuspage.content import loading
from statuspage.domain import (
    Affected,
    Catalog,
    Facts,
    Incident,
    Notice,
    NoticeKind,
    Precision,
    StartTime,
    State,
    TimelineEntry,
    uptime_record,
)
from statuspage.rendering.site import FrontPageContent, SiteContext, status
from statuspage.rendering.wording import IncidentContext, compose
from statuspage.usecases import new_company
from statuspage.usecases.content import custom_templates
from statuspage.usecases.new_company import NewCompany

STARTED = timedelta(minutes=12)
"""How long ago the incident of the preview began."""

PUBLISHED = timedelta(minutes=6)
"""How long ago its first report was published."""

INCIDENT = "previewaaaaa"


@dataclass(frozen=True)
class CompanyPreview:
    """A company as it would be now, read from content that is kept nowhere."""

    catalog: Catalog
    now: datetime

    def front_pages(self, *, in_incident: bool) -> Mapping[str, bytes]:
        """The front page in each language, as ``LANG/index.html``: all is well, or its first service does not work."""
        site = SiteContext(self.catalog, custom_templates.bundled_assets(()))
        zone, first_day = self.catalog.site.zone, self.catalog.site.history_start
        record = uptime_record((), now=self.now, zone=zone, first_day=first_day)
        incidents = (self._incident(),) if in_incident else ()
        content = FrontPageContent(incidents, {}, dict.fromkeys(self.catalog.services, record))
        return status.front_pages(site, content, now=self.now)

    def _incident(self) -> Incident:
        """A first report: the first service does not work."""
        service, published = next(iter(self.catalog.services)), self.now - PUBLISHED
        start = StartTime(Precision.EXACT, (self.now - STARTED).replace(second=0, microsecond=0))
        facts = Facts("other", (Affected(service, State.MAJOR),), start=start)
        context = IncidentContext(INCIDENT, "")
        texts = compose(NoticeKind.FIRST, facts, catalog=self.catalog, incident=context, now=published)
        entry = TimelineEntry(1, published, published, Notice(NoticeKind.FIRST, facts, texts))
        return Incident(INCIDENT, published, published, "form", (entry,))


def preview_company(new: NewCompany, *, now: datetime) -> CompanyPreview:
    """The company of these answers at this time. Raises new_company.InvalidCompany, new_company.BrokenStarter."""
    if invalid := list(new_company.find_invalid(new)):
        raise new_company.InvalidCompany(invalid)
    with TemporaryDirectory(prefix="statuspage-") as folder:
        for name, content in new_company.content_files(new, now=now).items():
            (Path(folder) / name).write_bytes(content)
        catalog, errors = loading.read_content(Path(folder))
    if catalog is None or errors:
        raise new_company.BrokenStarter(errors)
    return CompanyPreview(catalog, now)


def usable_answers(new: NewCompany, *, placeholder: str) -> NewCompany:
    """The same answers without those that cannot be used, so that there is always a page to show. ``placeholder``
    stands for a company without a name.
    """
    shipped, starters = loading.shipped_languages(), loading.starters()
    languages = tuple(language for language in new.languages if language in shipped) or ("en",)
    starter = new.starter if new.starter in starters else "general"
    single = replace(new, company=new.company or placeholder, languages=languages, starter=starter, address="")
    if any(answer.field == "company" for answer in new_company.find_invalid(single)):
        single = replace(single, company=placeholder)
    if any(answer.field == "zone" for answer in new_company.find_invalid(single)):
        single = replace(single, zone="UTC")
    invalid = {answer.value for answer in new_company.find_invalid(single) if answer.field in ("service", "group")}
    groups = {name: group for name, group in single.groups.items() if group not in invalid}
    services = tuple(dict.fromkeys(name for name in single.services if not _is_invalid_alone(single, name)))
    services = _without_repetition(services)[: new_company.MAX_SERVICES]
    return replace(single, services=services or new_company.proposed_services(starter, languages[0]), groups=groups)


def _is_invalid_alone(new: NewCompany, service: str) -> bool:
    return any(
        answer.field == "service" for answer in new_company.find_invalid(replace(new, services=(service,), groups={}))
    )


def _without_repetition(services: tuple[str, ...]) -> tuple[str, ...]:
    """The services, each name once however it is written."""
    return tuple({new_company.fold_name(name): name for name in reversed(services)}.values())[::-1]
