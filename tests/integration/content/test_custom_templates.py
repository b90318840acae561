"""Custom templates: one that works is used, one that fails never prevents publishing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage import bundled
from statuspage.domain.catalog import Catalog
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.pages import status
from statuspage.usecases.content import custom_templates
from tests.support.deliveries import clock
from tests.support.desk import Clock, environment_in, signed_in
from tests.support.environments import with_changes
from tests.support.instance import Cli, cli, home, publish_report
from tests.support.site import booking, drilled, present, site_context
from tests.support.times import at

__all__ = ["cli", "clock", "home"]

NOON = at("12:20")
OURS = bundled.templates(bundled.folder("templates") / "site")
MINE = OURS["home.html"].replace("{% block main %}", "{% block main %}<p>Our own front</p>")

CustomTemplates = Callable[..., tuple[str, list[str]]]


@pytest.fixture
def templates(tmp_path: Path, catalog: Catalog) -> CustomTemplates:
    """The front page made with these custom templates, and the errors reported."""

    def made(known: Catalog = catalog, **own: str) -> tuple[str, list[str]]:
        folder = tmp_path / custom_templates.FOLDER
        folder.mkdir(parents=True)
        for name, text in own.items():
            (folder / f"{name}.html").write_text(text, "utf-8")
        sources, faults = custom_templates.apply_custom_templates(
            tmp_path, known, custom_templates.bundled_assets(()), now=NOON
        )
        here = replace(site_context(known), assets=sources)
        files = status.front_pages(here, present(here, booking(), now=NOON), now=NOON)
        return files["en/index.html"].decode(), [f"{fault.file}:{fault.line}: {fault.message}" for fault in faults]

    return made


def test_a_single_file_is_the_companys_and_all_others_are_ours(templates: CustomTemplates) -> None:
    page, faults = templates(home=MINE)
    assert faults == []
    assert "<p>Our own front</p>" in page
    assert '<header class="top down">' in page


def test_without_any_nothing_is_in_a_sandbox_and_nothing_is_tried(tmp_path: Path, catalog: Catalog) -> None:
    ours = custom_templates.bundled_assets(())
    sources, faults = custom_templates.apply_custom_templates(tmp_path, catalog, ours, now=NOON)
    assert (sources is ours, faults) == (True, ())


BROKEN = {
    "a tag that is not closed": ("{% block main %}\n{% if cards %}\n{% endblock %}", 3, "TemplateSyntaxError"),
    "a name that is not there": (
        MINE.replace("{{ still_operational }}", "{{ nothing_of_the_kind }}"),
        12,
        "UndefinedError",
    ),
    "a way out of the sandbox": (
        '{% extends "base.html" %}\n{% block main %}{{ "".__class__.__mro__ }}{% endblock %}',
        2,
        "SecurityError",
    ),
    "a change of what it was given": (
        '{% extends "base.html" %}\n{% block main %}{{ key.append(1) }}{% endblock %}',
        2,
        "SecurityError",
    ),
    "a loop without end": (
        '{% extends "base.html" %}\n{% block main %}{% for n in range(10 ** 9) %}{% endfor %}{% endblock %}',
        2,
        "OverflowError",
    ),
    "a division by nothing": (
        '{% extends "base.html" %}\n{% block main %}\n\n{{ 1 / 0 }}{% endblock %}',
        4,
        "ZeroDivi",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_one_is_left_out_with_its_line_and_the_others_are_used(templates: CustomTemplates, what: str) -> None:
    text, line, message = BROKEN[what]
    page, faults = templates(home=text, embed=OURS["embed.html"], not_found=OURS["not_found.html"] + "<!-- ours -->")
    assert len(faults) == 1, faults
    assert faults[0].startswith(f"templates/site/home.html:{line}: This template is not used: {message}"), faults
    assert "<h1><span" in page or "<h1>" in page


@pytest.mark.slow
def test_parts_that_lack_what_pages_ask_for_are_left_out(templates: CustomTemplates) -> None:
    page, faults = templates(parts="{% macro other() %}{% endmacro %}", home=MINE)
    assert ["parts.html" in fault for fault in faults] == [True]
    assert "<p>Our own front</p>" in page


def test_a_name_that_nothing_reads_is_told(templates: CustomTemplates) -> None:
    _, faults = templates(hom=MINE)
    assert faults == [
        "templates/site/hom.html:1: This file is not used: no template has this name; did you mean “home.html”?"
    ]


@pytest.mark.slow
def test_in_a_drill_one_without_marks_is_left_out(templates: CustomTemplates, catalog: Catalog) -> None:
    bare = OURS["base.html"].replace('class="dbar"', 'class="bar2"').replace("{{ drilled }}", "")
    page, faults = templates(drilled(catalog), base=bare)
    assert faults
    assert all(fault.startswith("templates/site/base.html:1: ") for fault in faults)
    assert 'class="dbar"' in page


def test_one_that_fails_on_real_words_is_stood_in_for_and_noted(catalog: Catalog) -> None:
    ours = custom_templates.bundled_assets(())
    text = MINE.replace("Our own front", "{{ 1 / 0 if cards | length > 1 else 'calm' }}")
    sources = replace(ours, templates={**ours.templates, "home.html": text}, builtin=ours, template_errors={})
    here = SiteContext(catalog, sources, "https://status.example.com")
    calm = status.front_pages(here, present(here, now=NOON), now=NOON)["en/index.html"].decode()
    assert ("<p>calm</p>" in calm, sources.template_errors) == (True, {})
    incidents = (booking(), booking(id="another00000"))
    page = status.front_pages(here, present(here, *incidents, now=NOON), now=NOON)["en/index.html"].decode()
    assert "<p>calm</p>" not in page
    assert page.count('<details class="down"') == 2
    assert list(sources.template_errors) == ["home.html"]


@pytest.mark.slow
def test_customers_are_told_with_a_broken_template_and_check_command_and_desk_say_so(cli: Cli, home: Path) -> None:
    folder = home / "content" / custom_templates.FOLDER
    folder.mkdir(parents=True)
    (folder / "incident.html").write_text(
        "{% extends 'base.html' %}\n{% block main %}{{ nobody }}{% endblock %}", "utf-8"
    )
    (folder / "home.html").write_text(MINE, "utf-8")
    result = publish_report(cli)
    assert (home / "site" / "current" / "en" / "incidents" / result["incident"] / "index.html").exists()
    assert "Our own front" in (home / "site" / "current" / "en" / "index.html").read_text("utf-8")
    shown = cli("show")
    assert (shown.code, "Custom templates that cannot be used: 1" in shown.err) == (0, True)
    checked = cli("check")
    assert (checked.code, "templates/site/incident.html:2: " in checked.err) == (1, True)


@pytest.mark.slow
def test_the_desk_says_which_template_and_why(tmp_path: Path, catalog: Catalog, clock: Clock) -> None:
    env = environment_in(tmp_path, catalog)
    folder = tmp_path / custom_templates.FOLDER
    folder.mkdir(parents=True)
    (folder / "home.html").write_text("{{ nobody }}{% endblock %}", "utf-8")
    env = with_changes(env, template_errors=custom_templates.custom_template_errors(tmp_path, catalog, now=NOON))
    page = signed_in(env, Clock(clock())).open("/")
    (warning,) = page.tree.xpath("//div[@role='alert']")
    assert "一部が使えません" in warning.text_content()
    assert "templates/site/home.html:1: " in warning.text_content()
