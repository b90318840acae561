"""An update without scripts: nothing new is ready, a change is a row, another kind of notice takes it along."""

from __future__ import annotations

from datetime import timedelta

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import AffectedAudience, NoticeKind, State
from statuspage.domain.incident import Incident
from statuspage.rendering.site import incident_mark
from statuspage.storage import incidents
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk.notice_form.preview import front_mark
from tests.support.desk import Browser, Clock, clock, env, signed_in
from tests.support.public_stories import booking_life, late_messages, login_trouble
from tests.support.times import at

__all__ = ["clock", "env"]

PLAN = {"service": ["booking"], "begins": "2026-07-12T02:00", "do": "publish"}


def only_incident(env: Environment) -> Incident:
    with env.databases.environment.read() as tx:
        (incident,) = incidents.open_incidents(tx)
    return incident


@pytest.fixture
def update(env: Environment, clock: Clock) -> Browser:
    """The form of an update, in English."""
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new")
    browser.send({"incident_type": "booking", "start": "5m", "estimate_at": "13:30", "do": "publish"})
    clock.later(minutes=10)
    return browser.open(f"/incidents/{only_incident(env).id}/notices/new/update")


def test_the_preview_stands_under_the_mark_that_the_page_will_have(catalog: Catalog):
    lives = [booking_life(catalog, until) for until in range(1, 7)]
    for incident in (*lives, login_trouble(catalog), late_messages(catalog)):
        notice = incident.notices[-1].notice
        assert front_mark(notice.facts, notice.notice) == incident_mark(incident), notice.notice


def row(browser: Browser, name: str) -> str:
    (value,) = browser.tree.xpath(f"//*[@data-hint='row-{name}']")
    return " ".join(value.text_content().split())


def button(browser: Browser) -> str:
    return " ".join(browser.tree.xpath("//button[@id='publish']/span")[0].text_content().split())


def chosen(browser: Browser) -> list[str]:
    return [
        " ".join(one.text_content().split())
        for one in browser.tree.xpath("//*[@class='kinds']/button[@aria-current='true']")
    ]


def test_nothing_new_is_ready_to_publish(env: Environment, update: Browser):
    assert button(update) == "Publish: nothing new"
    assert chosen(update) == ["Nothing newWe are still fixing it"]
    assert row(update, "estimate") == "about 13:30"
    assert not update.tree.xpath("//*[@class='fact']//s")
    update.send({"do": "publish"})
    assert [one.notice.notice for one in only_incident(env).notices] == ["first", "update"]


def test_a_change_shows_what_it_was_and_can_be_undone(env: Environment, update: Browser):
    update.send({"estimate_at": "14:00", "audience": "all", "do": "preview"})
    assert row(update, "estimate") == "about 13:30 about 14:00"
    assert row(update, "audience") == "Still checking Everyone"
    assert chosen(update) == ["Still not working2 changes below"]
    assert button(update) == "Publish: 2 changes"
    update.send({"do": "undo estimate"})
    assert row(update, "estimate") == "about 13:30"
    assert button(update) == "Publish: 1 change"
    update.send({"do": "publish"})
    facts = only_incident(env).notices[-1].notice.facts
    assert facts.audience.extent is AffectedAudience.ALL
    assert facts.estimate.shape == "known"
    assert getattr(facts.estimate, "at") == at("13:30")  # noqa: B009 - only some estimates have it


def test_the_time_that_passes_while_writing_is_no_change(update: Browser, clock: Clock):
    clock.later(minutes=7)
    update.send({"do": "preview"})
    assert not update.tree.xpath("//*[@class='fact']//s")
    assert button(update) == "Publish: nothing new"


def test_another_kind_of_notice_opens_as_it_is_if_nothing_was_changed(update: Browser):
    update.send({"do": "as resolved"})
    assert update.path.endswith("/notices/new/resolved")
    assert update.fields()["ended"] == ["now"]
    assert button(update) == "Publish resolved notice"


def test_another_kind_of_notice_takes_the_changes_along(env: Environment, update: Browser, clock: Clock):
    changes = {"state-booking": "partial", "estimate": "30m", "workaround": ["phone"], "extra-en": "Thank you."}
    update.send({**changes, "do": "as partly_restored"})
    assert update.path.endswith("/notices/new/partly_restored")
    fields = update.fields()
    assert (fields["state-booking"], fields["workaround"]) == (["partial"], ["phone"])
    assert (fields["extra-en"], fields["estimate"]) == (["Thank you."], ["30m"])
    pressed_at = clock()
    clock.later(minutes=5)
    update.send({"do": "publish"})
    newest = only_incident(env).notices[-1].notice
    assert newest.notice is NoticeKind.PARTLY_RESTORED
    assert newest.facts.affected[0].state is State.PARTIAL
    assert getattr(newest.facts.estimate, "at") == pressed_at + timedelta(minutes=30)  # noqa: B009 - only some estimates have it


def test_an_unfinished_notice_of_the_other_kind_is_not_written_over(env: Environment, update: Browser):
    path = f"/incidents/{only_incident(env).id}/notices/new"
    update.open(f"{path}/monitoring").send({"extra-en": "Earlier.", "do": "preview"})
    update.open(f"{path}/update").send({"extra-en": "Later.", "do": "as monitoring"})
    assert "Earlier." in update.words
    assert update.resume(f"{path}/update").fields()["extra-en"] == ["Later."]


@pytest.mark.parametrize("action", ["as withdrawal", "as moon", "as", "undo", "undo moon"])
def test_an_action_that_the_form_does_not_have_changes_nothing(env: Environment, update: Browser, action: str):
    update.send({"extra-en": "Kept.", "do": action})
    assert update.page.status_code == 200
    assert len(only_incident(env).notices) == 1


def test_the_same_plan_twice_is_noticed_and_every_time_has_its_zone(env: Environment, clock: Clock):
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/maintenance/new").send(PLAN)
    again = browser.open("/maintenance/new").send({**PLAN, "do": "refresh"})
    (noticed,) = again.tree.xpath("//*[@data-hint='same-plans']/p")
    assert "Already planned for that time:" in noticed.text_content()
    assert "Sun 12 July, 02:00–04:00 (Japan Time)" in noticed.text_content()
    for change in ({"begins": "2026-07-12T04:00"}, {"service": ["gate"]}):
        browser.open("/maintenance/new").send({"do": "discard"})
        other = browser.open("/maintenance/new").send({**PLAN, **change, "do": "refresh"})
        assert not other.tree.xpath("//*[@data-hint='same-plans']/p")
    assert "Sun 12 July, 02:00–04:00 (Japan Time)" in browser.open("/maintenance").words
