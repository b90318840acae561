"""The input of each command for what follows an incident or a drill: figures, action items, retrospectives, reports."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.input_choices import ODD, Call, Choice, Known, Saying, by, incident, one, text

REPORT_PDF = "incident-report.{language}.pdf"
"""The file of a report in a language, in the folder of the input."""


def subject(choose: Choice, known: Known) -> str:
    """An incident or, in a drill, the drill itself."""
    return one(choose, known, [*known.ids("incident", maintenance_start=False), *known.ids("drill")])


def item(choose: Choice, known: Known) -> str:
    """An action item of this environment, or of another one, or none."""
    return choose.of([*map(str, known.ids("action_item")), "1", "2", "99", "-1", ODD[0]])


def item_flags(choose: Choice) -> list[str]:
    """Sometimes an owner, a priority, a day and a link."""
    choices = {
        "--owner": [text(choose)],
        "--priority": ["high", ODD[0]],
        "--until": ["2026-12-31", "2020-01-01", ODD[4]],
        "--link": ["https://tracker.example/1", "javascript:alert(1)", ODD[0]],
    }
    return [part for flag, values in choices.items() if choose.of([0, 1, 2]) == 2 for part in (flag, choose.of(values))]


def listed(choose: Choice, known: Known) -> Call:
    """Action items, all or some."""
    state = choose.of([[], ["--state", "late"], ["--state", "all"], ["--state", ODD[0]]])
    return Call([*state, *choose.of([[], ["--of", subject(choose, known)], ["--of", ODD[0]]])])


def added(choose: Choice, known: Known) -> Call:
    """A new action item."""
    return Call([subject(choose, known), text(choose), *item_flags(choose), *by(choose)])


def changed(choose: Choice, known: Known) -> Call:
    """A change of an action item."""
    return Call([item(choose, known), "--text", text(choose), *item_flags(choose), *by(choose)])


def dropped(choose: Choice, known: Known) -> Call:
    """An action item that is given up."""
    return Call([item(choose, known), "--reason", text(choose), *by(choose)])


def of_item(choose: Choice, known: Known) -> Call:
    """A command on an action item, without a text."""
    return Call([item(choose, known), *by(choose)])


def noted(choose: Choice, known: Known) -> Call:
    """A note of a retrospective, on the command line or from a pipe."""
    section = choose.of(["why", "response", "again", "prevention", "went_well", ODD[0]])
    if choose.of([False, True]):
        return Call([subject(choose, known), section, "-", *by(choose)], text(choose))
    return Call([subject(choose, known), section, text(choose), *by(choose)])


def happened(choose: Choice, known: Known) -> Call:
    """An event that is added to the timeline."""
    when = choose.of(["1m", "00:01", "2026-01-01T10:00", "+1d", ODD[0]])
    return Call([subject(choose, known), when, text(choose), "--source", text(choose), *by(choose)])


def causes(choose: Choice, known: Known) -> Call:
    """Contributing causes, added or removed."""
    chosen = choose.of([["change"], ["change", "capacity"], [ODD[0]]])
    return Call([subject(choose, known), *chosen, *choose.of([[], ["--remove"]]), *by(choose)])


def stage(choose: Choice, known: Known) -> Call:
    """How far a retrospective is."""
    return Call([subject(choose, known), choose.of(["done", "draft", "reviewed", ODD[0]]), *by(choose)])


def report(choose: Choice, known: Known) -> str:
    """An incident report of this environment, or none."""
    return choose.of([*map(str, known.ids("incident_report")), "1", "99", "-1", ODD[0]])


def begun(choose: Choice, known: Known) -> Call:
    """A new incident report, for anybody."""
    services = choose.of([[], ["--service", "booking"], ["--service", ODD[0]]])
    return Call([incident(choose, known), "--to", text(choose), *services, *by(choose)])


def written(choose: Choice, known: Known) -> Call:
    """A part of an incident report, on the command line or from a pipe."""
    parts = ["summary", "direct_cause", "root_cause", "emergency", "permanent", "prevention", ODD[0]]
    place = [report(choose, known), choose.of(parts), choose.of(["ja", "en", "de"])]
    if choose.of([False, True]):
        return Call([*place, "-", *by(choose)], text(choose))
    return Call([*place, text(choose), *by(choose)])


def approved(choose: Choice, known: Known) -> Call:
    """The approval of an incident report."""
    return Call([report(choose, known), *by(choose)])


def printed(choose: Choice, known: Known) -> Call:
    """An incident report as PDF."""
    language = choose.of(["ja", "en"])
    out = known.folder / REPORT_PDF.format(language=language)
    version = choose.of([[], ["--version", "1"], ["--version", "9"]])
    return Call([report(choose, known), "--lang", language, *version, "--out", str(out)])


VERBS: Mapping[str, Saying] = {
    "incident figures": lambda choose, known: Call(choose.of([[], ["--csv"], ["--year", "2026"], ["--year", ODD[0]]])),
    "action list": listed,
    "action add": added,
    "action change": changed,
    "action issue": of_item,
    "action done": of_item,
    "action reopen": of_item,
    "action drop": dropped,
    "retro show": lambda choose, known: Call([subject(choose, known)]),
    "retro note": noted,
    "retro event": happened,
    "retro cause": causes,
    "retro state": stage,
    "incident-report begin": begun,
    "incident-report list": lambda choose, known: Call([incident(choose, known)]),
    "incident-report approve": approved,
    "incident-report write": written,
    "incident-report pdf": printed,
}
"""The input of each command."""
