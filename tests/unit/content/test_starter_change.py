"""Before the starter is changed, what would break is told, with the line of the instance's own file."""

from __future__ import annotations

from pathlib import Path

from statuspage.content import loading
from statuspage.usecases.content.starter_change import try_starter
from tests.support.trial_company import write_company


def company(folder: Path) -> Path:
    """A software company with a type of incident, an alert rule and a sentence of its own."""
    write_company(folder, "saas", ["en"])
    (folder / "incident_types.toml").write_text('[billing]\nservices = ["api:major"]\ncauses = ["provider"]\n', "utf-8")
    (folder / "en" / "phrases.toml").write_text(
        '[incident_type.billing]\nname = "Billing"\n\n[incident_type.api-errors]\nname = "API"\n', "utf-8"
    )
    (folder / "alerts.toml").write_text(
        '[[rule]]\nsource = "alertmanager"\nmatch = { team = "api" }\nincident_type = "api-errors"\n'
        'services = ["api:major"]\n',
        "utf-8",
    )
    assert loading.read_content(folder)[1] == ()
    return folder


def test_what_refers_to_things_the_other_starter_lacks_is_told_with_its_line(tmp_path: Path):
    change = try_starter(company(tmp_path / "content"), "shop")
    places = {(error.file, error.line, error.key) for error in change.errors}
    assert ("alerts.toml", 4, "rule.1.incident_type") in places
    assert ("en/phrases.toml", 5, "incident_type.api-errors.name") in places
    assert "api-errors" in change.lost
    assert "payment" in change.gained
    assert "billing" not in (*change.lost, *change.gained)


def test_nothing_is_written(tmp_path: Path):
    folder = company(tmp_path / "content")
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    try_starter(folder, "shop")
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


def test_services_that_nothing_of_the_other_starter_proposes_are_told(tmp_path: Path):
    services = "".join(f'[[service]]\nid = "{id}"\nname = "Our {id}"\n' for id in ("api", "webhooks", "login"))
    folder = write_company(tmp_path / "content", "saas", ["en"], services=services)
    change = try_starter(folder, "general")
    assert change.errors == ()
    assert set(change.unproposed) == {"api", "webhooks"}


def test_errors_that_are_there_anyway_are_not_the_starters(tmp_path: Path):
    folder = company(tmp_path / "content")
    with (folder / "site.toml").open("a", encoding="utf-8") as site:
        site.write('colour = 3\nincident_types = ["nothing"]\n')
    files = {error.file for error in try_starter(folder, "shop").errors}
    assert "alerts.toml" in files
    assert "site.toml" not in files


def test_names_that_only_the_present_starter_gives_are_told(tmp_path: Path):
    change = try_starter(write_company(tmp_path / "content", "saas", ["en"]), "general")
    assert ("en/organisation.toml", "services.api") in {(error.file, error.key) for error in change.errors}


def test_a_company_without_a_starter_is_told_the_right_lines(tmp_path: Path):
    folder = write_company(tmp_path / "content", "general", ["en"])
    site = folder / "site.toml"
    text = site.read_text("utf-8").replace('starter = "general"\n', "") + 'incident_types = ["slow"]\n'
    site.write_text(text.replace('"Europe/Berlin"', '"Berlin"'), "utf-8")
    assert try_starter(folder, "shop").errors == ()
