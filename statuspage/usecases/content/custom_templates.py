"""A house's own templates: each is tried on every kind of page, and one that fails is left out for the shipped one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from statuspage import bundled
from statuspage.content.loading import meant
from statuspage.content.validation import Trial, sample_notices
from statuspage.domain import (
    DRILL,
    MAINTENANCE,
    Catalog,
    ContentError,
    Incident,
    Notice,
    NoticeKind,
    TimelineEntry,
    record,
)
from statuspage.rendering.site import (
    Part,
    Present,
    Recent,
    ServiceHistory,
    SiteAssets,
    SiteContext,
    Year,
    archive,
    current_states,
    drill_marks,
    embed,
    guides,
    month_paging,
    running,
    service,
    status,
    template_errors,
)
from statuspage.rendering.wording import compose

FOLDER = "templates/site"
"""Below the content."""

PLACE = "https://status.example.com"


def dressed(
    folder: Path, catalog: Catalog, ours: SiteAssets, *, now: datetime
) -> tuple[SiteAssets, tuple[ContentError, ...]]:
    """The sources with those templates of the house that can be used, and why the others cannot."""
    own, faults = _own(folder, ours)
    wrong = _faults(catalog, ours, own, now) if own else ()
    if not wrong:
        return (_with(ours, own) if own else ours), faults
    alone = {name: _faults(catalog, ours, {name: text}, now) for name, text in own.items()}
    good = {name: text for name, text in own.items() if not alone[name]}
    each = tuple(fault for found in alone.values() for fault in found)
    if not each or (good and _faults(catalog, ours, good, now)):
        return ours, (*faults, *(each or wrong))  # One by one they do, but not together.
    return (_with(ours, good) if good else ours), (*faults, *each)


def _with(ours: SiteAssets, own: Mapping[str, str]) -> SiteAssets:
    return replace(ours, templates={**ours.templates, **own}, shipped=ours, stumbled={})


def _own(folder: Path, ours: SiteAssets) -> tuple[dict[str, str], tuple[ContentError, ...]]:
    """Those of the house that have the name of one of ours."""
    found: dict[str, str] = {}
    faults = []
    for path in sorted((folder / FOLDER).glob("*.html")):
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            faults.append(_fault(path.name, 1, "it cannot be read as UTF-8 text"))
            continue
        if path.name in ours.templates:
            found[path.name] = text
        else:
            said = f"no template has this name; {meant(path.name, ours.templates)}"
            faults.append(ContentError(f"{FOLDER}/{path.name}", 1, "", f"Nothing reads this file: {said}"))
    return found, tuple(faults)


def _fault(name: str, line: int, why: str) -> ContentError:
    said = f"This template is not used: {why}. The one that comes with the program stands in for it."
    return ContentError(f"{FOLDER}/{name}", line, "", said)


def _faults(catalog: Catalog, ours: SiteAssets, own: Mapping[str, str], now: datetime) -> tuple[ContentError, ...]:
    """What goes wrong when every kind of page is made with these templates."""
    edition = SiteContext(catalog, replace(_with(ours, own), shipped=None, sealed=True), PLACE)
    try:
        files = {name: data for some in _every(edition, now) for name, data in some.items()}
    except Exception as error:  # whatever a template does is a fault to be told
        name, line = template_errors.place(error, own)
        return (_fault(name or next(iter(own)), line, f"{type(error).__name__}: {error}"),)
    return tuple(_fault(next(iter(own)), 1, one) for one in drill_marks.faults(edition, files)[:3])


def _every(edition: SiteContext, now: datetime) -> Iterator[dict[str, bytes]]:
    """Every kind of page there is."""
    catalog, zone = edition.catalog, edition.catalog.site.zone
    found = tuple(_incidents(catalog, now))
    records = {
        id: record((), now=now, zone=zone, since=None) for id, one in catalog.services.items() if not one.retired
    }
    here, month = Present(found, {}, records), (now.year, now.month)
    yield guides.guides(edition)
    yield status.fronts(edition, here, now=now)
    yield status.fronts(edition, Present((), {}, records), now=now)
    for incident in found:
        yield status.incidents(edition, incident, now=now)
    yield archive.months(edition, Part(month, month_paging.NEWEST_PAGE, 1, earlier=True, later=True), found, now=now)
    yield archive.years(edition, Year(now.year, ((now.month, 2), (1, 0)), earlier=True, later=True))
    states = current_states(catalog, running(found))
    for id in list(records)[:1]:
        yield service.services(edition, ServiceHistory(id, states[id], records[id], found), now=now)
    yield embed.embed_files(edition, Recent(found))


def _incidents(catalog: Catalog, now: datetime) -> Iterator[Incident]:
    """Trouble and planned work of today, each told of once, and a second time in every way there is."""
    kinds = [kind for kind in catalog.kinds if kind != MAINTENANCE][:1]
    few = replace(catalog, kinds={id: catalog.kinds[id] for id in (*kinds, MAINTENANCE) if id in catalog.kinds})
    before = DRILL if catalog.leading.marks.word else "trial"
    first: list[TimelineEntry] = []
    for number, trial in enumerate(sample_notices(few, now.replace(hour=0, minute=0, second=0, microsecond=0), PLACE)):
        if trial.notice in (NoticeKind.FIRST, NoticeKind.ANNOUNCED):
            first = []
        entries = [*first, _recorded(trial, catalog, len(first) + 1)]
        first = entries[:1]
        yield Incident(f"{before}page{number:03}", trial.now, trial.now, "form", tuple(entries))


def _recorded(trial: Trial, catalog: Catalog, number: int) -> TimelineEntry:
    words = compose(trial.notice, trial.facts, catalog=catalog, story=trial.story, now=trial.now)
    return TimelineEntry(number, trial.now, trial.now, Notice(trial.notice, trial.facts, words))


def bundled_assets(refused: tuple[str, ...]) -> SiteAssets:
    """The templates, the style and the script that come with the program."""
    static = bundled.folder("static")
    return SiteAssets(
        templates=bundled.templates(bundled.folder("templates") / "site"),
        css="".join((static / name).read_text("utf-8") for name in ("tokens.css", "site.css")),
        script=(static / "site.js").read_text("utf-8"),
        refused=refused,
    )


def faults(folder: Path, catalog: Catalog, *, now: datetime) -> tuple[ContentError, ...]:
    """Why templates of the house cannot be used."""
    return dressed(folder, catalog, bundled_assets(()), now=now)[1]
