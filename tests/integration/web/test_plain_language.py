"""The plain-language check on the form: findings beside the field, one-click replacements, a reason for the rest."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from statuspage.rendering.plain_language.technical_details import find_technical_details
from statuspage.storage import incidents
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, clock, env, signed_in

__all__ = ["clock", "env"]

REPORT = {"incident_type": "booking", "start": "5m"}


def reasons(env: Environment) -> list[str]:
    """The reasons stored with published notices."""
    with env.databases.environment.read() as tx:
        return [notice.notice.reason for _, notice in incidents.latest_notices(tx, 9)]


def beside(browser: Browser, box: str) -> str:
    """The findings for this field."""
    (elements,) = browser.tree.xpath(f"//*[@data-hint='findings-{box}']")
    return str(elements.text_content())


@pytest.fixture
def form(env: Environment, clock: Clock) -> Browser:
    """The form of a first report, opened."""
    return signed_in(env, clock).open("/incidents/new")


def test_jargon_is_told_beside_its_box_and_holds_nothing_up(form: Browser, env: Environment) -> None:
    text = {**REPORT, "extra-en": "The server is slow."}
    form.send({**text, "do": "preview"})
    assert "server" in beside(form, "extra-en")
    assert "Our system" in beside(form, "extra-en")
    assert beside(form, "extra-ja") == ""
    form.send({**text, "do": "publish"})
    assert reasons(env) == [""]


def test_a_replacement_is_taken_at_one_press_without_script(form: Browser) -> None:
    form.send({**REPORT, "extra-en": "Good day.\r\nThe server is slow.", "do": "preview"})
    (button,) = form.tree.xpath("//button[starts-with(@value, 'replace extra-en')]")
    form.send({**REPORT, "extra-en": "Good day.\r\nThe server is slow.", "do": button.get("value")})
    (box,) = form.tree.xpath("//textarea[@name='extra-en']")
    assert box.text.strip().replace("\r\n", "\n") == "Good day.\nOur system is slow."
    assert beside(form, "extra-en") == ""


def test_a_replacement_for_a_text_that_has_changed_is_left_alone(form: Browser) -> None:
    form.send({**REPORT, "extra-en": "All new.", "do": "replace extra-en 4 10"})
    (box,) = form.tree.xpath("//textarea[@name='extra-en']")
    assert box.text.strip() == "All new."


def test_what_gives_away_a_host_asks_for_a_reason_which_is_kept(form: Browser, env: Environment) -> None:
    text = {**REPORT, "extra-ja": "db-prod-02 を直しています。", "do": "publish"}
    form.send(text)
    assert form.page.status_code == 422
    assert "db-prod-02" in form.tree.xpath("string(//*[@id='f-extra-ja']//p[contains(@class, 'wrong')])")
    assert reasons(env) == []
    form.send({**text, "reason": "報道された名前のため"})
    assert reasons(env) == ["報道された名前のため"]


def test_an_unknown_word_is_offered_as_a_line_for_the_glossary(form: Browser) -> None:
    form.send({**REPORT, "extra-ja": "フニャラリオンを直しています。", "do": "preview"})
    assert '"フニャラリオン" = { replacement = "", example = "フニャラリオンを直しています。" }' in beside(
        form, "extra-ja"
    )


HARD = "障害発生中" * 4000


@pytest.mark.slow
def test_a_draft_that_is_hard_to_look_at_is_shown_and_each_text_looked_at_once(form: Browser) -> None:
    looked: list[str] = []

    def note(frame: FrameType, event: str, _about: object) -> None:
        if event == "call" and frame.f_code is find_technical_details.__code__:
            looked.append(frame.f_locals["text"].cased)

    form.send({**REPORT, "extra-ja": HARD, "extra-en": "The server is slow.", "do": "preview"})
    sys.setprofile(note)
    try:
        form.send({**REPORT, "extra-ja": f"今、{HARD}", "extra-en": "Our server is slow.", "do": "preview"})
    finally:
        sys.setprofile(None)
    assert sorted(map(len, looked)) == [len("Our server is slow."), 20_000]
    form.resume("/incidents/new")
    assert form.page.status_code == 200
    assert HARD in form.text


@pytest.mark.parametrize("place", ["/incidents/new", "/maintenance/new"])
def test_a_draft_can_be_discarded_from_a_page_that_quotes_only_its_beginning(form: Browser, place: str) -> None:
    form.open(place)
    form.send({"extra-en": f"Words that nobody can look at. {HARD} To the end.", "do": "preview"})
    form.open(place)
    assert "Words that nobody can look at." in form.text
    assert "To the end." not in form.text
    form.send({"do": "discard"})
    form.open(place)
    assert "Words that nobody can look at." not in form.text
    assert form.tree.xpath("//button[@value='discard']") == []
