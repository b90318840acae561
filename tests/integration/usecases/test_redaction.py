"""Published personal data, redacted everywhere by one command: afterwards every stored byte is searched."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, String, Text, select, update
from sqlalchemy.exc import IntegrityError

from statuspage.domain.delivery import NewDelivery
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import EventKind, InternalNote, TimelineEvent
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.integrations import channels
from statuspage.integrations.monitors.registry import SOURCES
from statuspage.storage import alerts, deliveries, drafts, incidents, redactions, send_hold
from statuspage.storage import tables as schema
from statuspage.storage.engine.database import Database
from statuspage.storage.tables import metadata
from statuspage.storage.tables.subscribers import subscribers
from statuspage.usecases import accounts, notices
from statuspage.usecases.accounts import Role
from statuspage.usecases.alerts.handling import confirm, receive_alerts
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.notices import approvals
from statuspage.usecases.on_call import briefing
from statuspage.usecases.redaction import cleanup, redact
from tests.support.database import made, url_of
from tests.support.desk import (
    Browser,
    Clock,
    alertmanager,
    clock,
    drill_environment_in,
    env,
    signed_in,
    until,
    work,
    working,
)
from tests.support.environments import with_changes
from tests.support.fakes.x_server import SECOND, Account, Server, x_server
from tests.support.instance import Cli, cli, fresh_alert, home
from tests.support.times import at
from tests.support.typed import typed_input

__all__ = ["cli", "clock", "env", "home"]

WHO = "Kuroiwa-Zensuke"
"""A person who is mentioned nowhere except by these tests."""

EXTRA = ("--extra", f"ja={WHO}様", "--extra", f"en=Mr {WHO}")


@pytest.fixture
def x() -> Iterator[Server]:
    with x_server(Account(), SECOND) as running:
        yield running


def everything(folder: Path) -> dict[str, bytes]:
    """Every byte in the folder by file, including the content of compressed files."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return found | {f"{name} unpacked": gzip.decompress(data) for name, data in found.items() if name.endswith(".gz")}


def carriers(folder: Path) -> list[str]:
    return sorted(name for name, data in everything(folder).items() if WHO.encode().lower() in data.lower())


def rows(url: str) -> str:
    """Every value of every table of the environment."""
    store = Database.for_environment(url)
    with store.read() as tx:
        found = [str(list(row)) for table in metadata.environment.sorted_tables for row in tx.execute(select(table))]
    store.close()
    return "\n".join(found)


def mention_person(cli: Cli, home: Path) -> str:
    """An incident from alert to postmortem, with the name wherever somebody can type text; returns its id."""
    sample = fresh_alert(home).read_text("utf-8")
    file = home.parent / "alert.json"
    file.write_text(sample.replace('"summary": "', f'"summary": "{WHO} '), "utf-8")
    answer = cli("alert", "receive", "alertmanager", str(file), "--json").json[0]["alert"]
    by_hand = (
        "--text",
        f"ja=ご予約の{WHO}様から、予約ができないと連絡がありました。",
        "--text",
        f"en={WHO} cannot book.",
    )
    how = ("--yes", "--json", "--reason", f"{WHO} called")
    incident = str(cli("report", "--alert", answer, "--incident-type", "booking", *by_hand, *how).json["incident"])
    cli("incident", "note", incident, f"call {WHO}", "--tell")
    assert cli("facts", "ask", incident, "--to", WHO).code == 0
    assert (
        cli("facts", "answer", incident, "--start", "9m", "--line", f"{WHO} was locked out", "--by", "Yamada").code == 0
    )
    assert cli("update", incident, "--current-action", "restart", *EXTRA, "--yes").code == 0
    assert cli("resolve", incident, *EXTRA, "--ended", "1m", "--yes").code == 0
    texts = []
    for language in ("ja", "en"):
        (home.parent / f"a.{language}.md").write_text(
            f"# Report\n\n*{WHO}* found it, see <https://a.example/{WHO}>.", "utf-8"
        )
        texts.append(str(home.parent / f"a.{language}.md"))
    assert (
        cli("postmortem", "publish", incident, *texts, "--only", "ja", "--only", "en", "--reason", "x", "--yes").code
        == 0
    )
    return incident


def draft_of_him(store: Database, incident: str) -> None:
    with store.begin() as tx:
        drafts.save_draft(tx, f"{incident}:update", "p1", {"extra.ja": [f"{WHO}様"]}, at("12:00"))
        drafts.save_draft(tx, "new", "p1", {"extra.en": [WHO]}, at("12:00"))


@pytest.mark.slow
def test_whatever_is_stored_or_published_has_none_of_it_afterwards(
    database: str, cli: Cli, home: Path, x: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**Account().environ("x-ja"), **SECOND.environ("x-en"), "STATUSPAGE_X_API": x.address}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("STATUSPAGE_ADDRESS", "http://127.0.0.1:1")
    monkeypatch.setattr("statuspage.usecases.delivery.sender.READ_BACK", 0.0)
    incident = mention_person(cli, home)
    (home / "environment.db.before-environment0005").write_text(WHO)
    draft_of_him(made_again(home), incident)
    before = carriers(home)
    for place in ("incidents/", "feed.atom", "feed.rss", "history/", "api/v2/"):
        assert any(place in name for name in before), f"{place} never had it: {before}"
    assert ("environment.db" in before) is (database == "sqlite")
    assert rows(url_of(home / "environment.db")).count(WHO) > 50
    result = cli("redaction", "create", incident, "--text", WHO, "--reason", "asked to", "--yes", "--json")
    assert result.code == 0, result.err
    assert WHO.encode() not in result.out.encode(), "what is answered to programs may be kept by them"
    assert carriers(home) == []
    assert WHO not in rows(url_of(home / "environment.db"))
    found = {"notice", "note", "step", "alert", "delivery", "draft", "call"}
    assert {place["record_type"] for place in result.json["places"]} == found
    assert {one["channel"] for one in result.json["sent_deliveries"]} == {"x-ja", "x-en"}
    assert any("/status/" in one["url"] for one in result.json["sent_deliveries"])
    page = (home / "site/current/ja/incidents" / incident / "index.html").read_text("utf-8")
    assert "ご予約の【削除】様から" in page
    assert "[removed] cannot book." in (home / "site/current/en/incidents" / incident / "index.html").read_text("utf-8")


def made_again(home: Path) -> Database:
    return made(home / "environment.db", "environment")


def publish_incident(env: Environment, ja: str = f"{WHO}様は予約ができません。しばらくお待ちください。") -> str:
    """A first report typed by hand."""
    text = {"ja": ja, "en": f"{WHO} cannot book a class."}
    notice_input = typed_input(incident_type="booking", start="about:11:50", text=text, only=("ja", "en"), reason="x")
    target = notices.new_incident_target(env, now=at("12:00"))
    preview = notices.preview_notice(env, notice_input, notice_kind=NoticeKind.FIRST, target=target, now=at("12:00"))
    published = notices.publish_notice(env, notice_input, preview.token, actor="Sato", now=at("12:00"))
    assert isinstance(published, notices.Published), preview.problems
    return published.incident_id


def plan_of_him(env: Environment) -> str:
    """Maintenance with the texts of its reminder and its start."""
    when = {"begins": "7/8 02:00", "ends": "7/8 04:00"}
    notice_input = typed_input(
        incident_type="maintenance", services=("booking:major",), extra={"ja": WHO, "en": WHO}, **when
    )
    target = notices.new_incident_target(env, now=at("12:00"))
    preview = notices.preview_notice(
        env, notice_input, notice_kind=NoticeKind.ANNOUNCED, target=target, now=at("12:00")
    )
    published = notices.publish_notice(env, notice_input, preview.token, actor="Sato", now=at("12:00"))
    assert isinstance(published, notices.Published), preview.problems
    return published.incident_id


def blank(env: Environment, incident: str, text: str = WHO, reason: str = "asked to") -> redact.RedactionPlaces:
    found = redact.redact_text(env, incident, text, reason=reason, actor="Nakamura", now=at("12:05"))
    cleanup.finish_redactions(env, now=at("12:05"))
    return found


@pytest.mark.slow
def test_planned_work_is_told_without_it_in_the_calendar_and_in_what_goes_out_by_itself(
    env: Environment, clock: Clock, database: str
) -> None:
    incident = plan_of_him(env)
    work(env, clock)
    assert any(name.endswith(".ics") for name in carriers(env.home))
    blank(env, incident)
    assert carriers(env.home) == []
    with env.databases.environment.read() as tx:
        planned = incidents.load_incident(tx, incident)
    assert planned is not None and planned.latest is not None
    assert len(planned.latest.notice.scheduled) == 2
    assert WHO not in str(planned)


def test_a_redaction_says_who_when_why_and_how_often_and_never_what(env: Environment, database: str) -> None:
    incident = publish_incident(env)
    found = blank(env, incident)
    ((one, left),) = redact.past_redactions(env.databases.environment, incident)
    assert (one.actor, one.reason, one.at, one.replacements) == ("Nakamura", "asked to", at("12:05"), found.count)
    assert (one.finished_at, left) == (at("12:05"), ())
    with env.databases.environment.read() as tx:
        redacted = incidents.load_incident(tx, incident)
    assert redacted is not None
    assert redacted.entries[-1].entry == TimelineEvent(EventKind.REDACTED, "Nakamura", "asked to")


@pytest.mark.slow
def test_in_a_drill_its_messages_and_pages_lose_it_and_keep_their_marks(tmp_path: Path, clock: Clock) -> None:
    drill = drill_environment_in(tmp_path)
    incident = publish_incident(drill)
    work(drill, clock)
    assert any("outbox/" in name for name in carriers(drill.home))
    found = blank(drill, incident)
    assert {"file", "notice", "delivery"} <= {place.record_type for place in found.places}
    assert carriers(drill.home) == []
    (message,) = (drill.home / "outbox" / "x-ja").glob("*.json")
    assert "【訓練】【削除】様は" in json.loads(message.read_text("utf-8"))["message"]["text"]


def test_what_waits_for_a_second_person_goes_out_without_it(env: Environment, clock: Clock) -> None:
    entry = replace(env.site.catalog.incident_types["entry"], needs_approval=True)
    env = with_changes(
        env, catalog=replace(env.site.catalog, incident_types={**env.site.catalog.incident_types, "entry": entry})
    )
    extra = {"ja": f"{WHO}様は中にいます。", "en": f"{WHO} is inside."}
    notice_input = typed_input(incident_type="entry", start="about:11:50", extra=extra, answers={"exit": "free"})
    preview = notices.preview_notice(
        env,
        notice_input,
        notice_kind=NoticeKind.FIRST,
        target=notices.new_incident_target(env, now=at("12:00")),
        now=at("12:00"),
    )
    waits = notices.publish_notice(env, notice_input, preview.token, actor="Sato", now=at("12:00"))
    assert isinstance(waits, notices.AwaitingApproval), preview.problems
    assert {one.record_type for one in blank(env, waits.incident_id).places} == {"step"}
    approvals.approve_notice(env, waits.incident_id, waits.sequence, actor="Tanaka", now=at("12:06"))
    work(env, clock)
    assert carriers(env.home) == []
    page = (env.site_folder.current / "ja/incidents" / waits.incident_id / "index.html").read_text("utf-8")
    assert "【削除】様は中にいます" in page


@pytest.mark.slow
def test_staff_notifications_are_redacted_and_a_person_hears_by_which_channels_they_went(
    env: Environment, tmp_path: Path, clock: Clock
) -> None:
    (tmp_path / "drill").mkdir()
    rehearsed = drill_environment_in(tmp_path / "drill")
    staff_channels = {
        id: channels.open_sandbox(spec, rehearsed.home / "outbox")
        for id, spec in env.site.catalog.notification_channels.items()
    }
    rehearsed = with_changes(rehearsed, staff_channels=staff_channels)
    for here, called in ((rehearsed, ("chat", "mail")), (env, ())):
        incident = publish_incident(here)
        briefing.brief_staff(here, incident, f"{WHO}様に電話", actor="Sato", now=clock())
        work(here, clock)
        found = blank(here, incident)
        assert found.staff_channels == called, "none of them is connected in this live environment"
        assert sum(place.record_type == "call" for place in found.places) == 2
        assert carriers(here.home) == []


@pytest.mark.slow
def test_a_person_hears_which_messages_only_they_can_delete(env: Environment, clock: Clock) -> None:
    incident = publish_incident(env)
    with env.databases.environment.begin() as tx:
        redacted = incidents.load_incident(tx, incident)
        assert redacted is not None
        new = [NewDelivery(channel, "ja", {"text": WHO}) for channel in ("x-ja", "x-en")]
        deliveries.enqueue_deliveries(tx, incident, redacted.latest_sequence, new, at("12:00"))
        sent = (schema.delivery.c.channel == "x-ja") | (schema.delivery.c.channel == "site")
        receipt = {"remote_id": "1", "url": "https://x.example/1", "checked_at": {}, "note_key": ""}
        tx.execute(update(schema.delivery).where(sent).values(status="delivered", receipt=receipt))
    assert [one.receipt.url for one in blank(env, incident).sent_deliveries] == ["https://x.example/1"]
    browser = signed_in(env, clock)
    browser.open(f"/incidents/{incident}")
    assert "配信先に残っている個人情報" in browser.words
    assert browser.tree.xpath("//a[@href='https://x.example/1']")
    browser.open(f"/incidents/{incident}/notices/{redacted.latest_sequence}")
    assert "後から削除した個人情報を含んだまま" in browser.words


def test_what_may_have_gone_out_and_is_known_by_its_words_alone_is_for_a_person_to_look_at(env: Environment) -> None:
    incident = publish_incident(env)
    with env.databases.environment.begin() as tx:
        (site,) = deliveries.deliveries_of_incident(tx, incident)
        deliveries.enqueue_deliveries(
            tx, incident, site.sequence, [NewDelivery("x-ja", "ja", {"text": WHO})], at("12:00")
        )
        tx.execute(update(schema.delivery).where(schema.delivery.c.channel == "x-ja").values(maybe_sent=True))
    redact.redact_text(env, incident, WHO, reason="asked", actor="N", now=at("12:05"))
    with env.databases.environment.read() as tx:
        found = {one.channel: (one.status, one.reason) for one in deliveries.deliveries_of_incident(tx, incident)}
    assert found["x-ja"] == (DeliveryStatus.NEEDS_REVIEW, "redacted")
    assert found["site"][0] is DeliveryStatus.WAITING


def test_what_a_monitor_repeats_does_not_bring_it_back(env: Environment, clock: Clock, database: str) -> None:
    first, again, over = (
        SOURCES["alertmanager"].parse(alertmanager(at("11:50"), status=status, customer=WHO), at("11:51"))
        for status in ("firing", "firing", "resolved")
    )
    (alert,) = receive_alerts(env, first, now=at("11:51"))
    incident = confirm(env, alert.id, actor="Sato", now=at("11:52")).id
    blank(env, incident)
    receive_alerts(env, again, now=at("11:53"))
    (kept,) = receive_alerts(env, over, now=at("11:54"))
    assert kept.id == alert.id
    assert kept.monitor_alert.labels["customer"] == "【削除】"
    assert kept.monitor_alert.ended_at is not None
    with env.databases.environment.read() as tx:
        assert WHO not in str(alerts.find_alert(tx, alert.id))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("予", "short"),
        ("an", "short"),
        ("予約", "common"),
        ("the", "common"),
        ("ガガ", "too_much"),
    ],
)
def test_what_would_blank_other_words_or_half_a_page_is_refused(env: Environment, text: str, code: str) -> None:
    incident = publish_incident(env, "ガガガガガガガガガガガガとひびきます。")
    with pytest.raises(ActionRefused, match=f"redaction.{code}"):
        redact.find_text(env, incident, text)
    with pytest.raises(ActionRefused, match=f"redaction.{code}"):
        redact.redact_text(env, incident, text, reason="x", actor="N", now=at("12:05"))
    assert redact.past_redactions(env.databases.environment, incident) == ()


@pytest.mark.parametrize("mark", ["訓練", "これは訓練です", "DRILL"])
def test_the_marks_of_a_drill_cannot_be_blanked(tmp_path: Path, mark: str) -> None:
    drill = drill_environment_in(tmp_path)
    with pytest.raises(ActionRefused, match=r"redaction\.common"):
        redact.find_text(drill, publish_incident(drill), mark)


@pytest.mark.parametrize(
    ("reason", "code"),
    [("", "redaction.reason_missing"), (f"{WHO} asked", "redaction.reason_repeats"), ("a\u202eb", "text.characters")],
)
def test_a_reason_is_needed_and_does_not_repeat_it(env: Environment, reason: str, code: str) -> None:
    with pytest.raises(ActionRefused, match=code):
        blank(env, publish_incident(env), reason=reason)


@pytest.mark.slow
def test_where_it_stands_elsewhere_somebody_is_told_and_nothing_is_touched(cli: Cli, home: Path) -> None:
    one, other = (
        str(
            cli(
                *("report", "--incident-type", "booking", "--start", "5m", "--extra", f"ja={who}"),
                *("--yes", "--anyway", "--json"),
            ).json["incident"]
        )
        for who in ("x", WHO)
    )
    result = cli("redaction", "create", one, "--text", WHO, "--reason", "asked", "--yes")
    assert result.code == 1
    assert "does not occur" in result.err
    assert f"also occurs in: {other}" in result.err
    assert cli("redaction", "create", other, "--text", "Mr Nobody Else", "--reason", "asked", "--yes").code == 1
    assert cli("redaction", "create", other, "--text", WHO, "--reason", "asked").code == 2, "nobody was asked"
    assert any("site/" in name for name in carriers(home))


@pytest.mark.slow
def test_what_was_cut_off_after_the_database_was_clean_the_next_worker_finishes(
    env: Environment, clock: Clock, database: str
) -> None:
    incident = publish_incident(env)
    work(env, clock)
    redact.redact_text(env, incident, WHO, reason="asked to", actor="Nakamura", now=at("12:05"))
    assert any(name.startswith("site/") for name in carriers(env.home))
    with working(env, clock):
        until(lambda: all(one.finished_at for one, _ in redact.past_redactions(env.databases.environment, incident)))
    assert carriers(env.home) == []


def test_while_nothing_goes_out_nothing_is_blanked_either(env: Environment, clock: Clock) -> None:
    incident, other = publish_incident(env), publish_incident(env)
    redact.redact_text(env, incident, WHO, reason="asked to", actor="Nakamura", now=at("12:05"))
    with env.databases.environment.begin() as tx:
        send_hold.begin_hold(tx, at("12:06"))
    with pytest.raises(ActionRefused, match=r"redaction\.hold"):
        redact.redact_text(env, other, WHO, reason="asked to", actor="Nakamura", now=at("12:07"))
    cleanup.finish_redactions(env, now=at("12:07"))
    assert [one.finished_at for one, _ in redact.past_redactions(env.databases.environment, incident)] == [None]
    assert not env.site_folder.is_ready, "what is published stays as it is"


@pytest.mark.slow
def test_a_site_that_cannot_be_written_is_said_to_be_unfinished(cli: Cli, home: Path) -> None:
    incident = str(
        cli("report", "--incident-type", "booking", "--start", "5m", *EXTRA, "--yes", "--json").json["incident"]
    )
    (home / "site" / "lock").unlink()
    (home / "site" / "lock").mkdir()
    result = cli("redaction", "create", incident, "--text", WHO, "--reason", "asked", "--yes", "--json")
    assert (result.code, result.json["finished"]) == (3, False)
    assert "not yet from the public page" in result.err


# the database's own protection


def redaction_of(tx: Any, incident: str) -> int:
    return redactions.begin_redaction(tx, incident, at=at("12:05"), actor="N", reason="asked")


def two_incidents(store: Database) -> None:
    for id in ("one", "two"):
        with store.begin() as tx:
            incidents.open_incident(tx, id, at=at("12:00"), t0=at("12:00"), t0_source="form")
            incidents.append_entry(tx, id, InternalNote("words"), happened=at("12:00"), recorded=at("12:00"))


def rewrite(tx: Any, of: str, **change: Any) -> None:
    mine = schema.entry.c.incident == of
    tx.execute(update(schema.entry).where(mine).values(change or {"body": {"type": "note", "text": "", "by": ""}}))


def sealed_before(store: Database) -> None:
    with store.begin() as tx:
        redactions.seal_redaction(tx, redaction_of(tx, "one"), replacements=1, external_deliveries=[])
    with store.begin() as tx:
        rewrite(tx, "one")


def never_sealed(store: Database) -> None:
    with store.begin() as tx:
        redaction_of(tx, "one")
        rewrite(tx, "one")


def not_recorded(store: Database) -> None:
    with store.begin() as tx:
        rewrite(tx, "one")


def of_another(store: Database) -> None:
    with store.begin() as tx:
        redaction_of(tx, "two")
        rewrite(tx, "one")


def more_than_words(store: Database) -> None:
    with store.begin() as tx:
        redaction_of(tx, "one")
        rewrite(tx, "one", recorded=at("11:00"))


def moved_elsewhere(store: Database) -> None:
    with store.begin() as tx:
        redaction_of(tx, "one")
        rewrite(tx, "one", incident="two", sequence=9)


def opened_again(store: Database) -> None:
    with store.begin() as tx:
        number = redaction_of(tx, "one")
        redactions.seal_redaction(tx, number, replacements=1, external_deliveries=[])
    with store.begin() as tx:
        tx.execute(update(schema.redaction).values(sealed=0))


def deleted(store: Database) -> None:
    with store.begin() as tx:
        redactions.seal_redaction(tx, redaction_of(tx, "one"), replacements=1, external_deliveries=[])
    with store.begin() as tx:
        tx.execute(schema.redaction.delete())


def gone_with_it(store: Database) -> None:
    with store.begin() as tx:
        redaction_of(tx, "one")
        tx.execute(schema.entry.delete())


WRONG = [
    sealed_before,
    never_sealed,
    not_recorded,
    of_another,
    more_than_words,
    moved_elsewhere,
    opened_again,
    deleted,
    gone_with_it,
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_the_database_lets_nothing_through_but_a_redaction_on_record(
    tmp_path: Path, database: str, wrong: Callable[[Database], None]
) -> None:
    store = made(tmp_path / "environment.db", "environment")
    two_incidents(store)
    with pytest.raises(IntegrityError):
        wrong(store)
    with store.read() as tx:
        assert [row.body["text"] for row in tx.execute(select(schema.entry))] == ["words", "words"]


def test_the_database_lets_a_redaction_through(tmp_path: Path, database: str) -> None:
    store = made(tmp_path / "environment.db", "environment")
    two_incidents(store)
    with store.begin() as tx:
        number = redaction_of(tx, "one")
        rewrite(tx, "one")
        redactions.seal_redaction(tx, number, replacements=1, external_deliveries=[7])
    with store.begin() as tx:
        redactions.finish_redactions(tx, [number], at("12:06"))
    with store.read() as tx:
        assert [row.body["text"] for row in tx.execute(select(schema.entry).order_by("incident"))] == ["", "words"]
        (one,) = redactions.redactions_of_incident(tx, "one")
    assert (one.external_deliveries, one.finished_at) == ((7,), at("12:06"))


WORDS = {
    "entry": {"body", "media"},
    "alert": {"monitor_alert"},
    "delivery": {"payload", "detail"},
    "staff_notification": {"payload", "detail"},
    "draft": {"form"},
    "api_request": {"body"},
    "drill": {"title", "note"},
    "inject": {"body"},
    "observation": {"text"},
    "incident_record": {"headlines", "search_text"},
    "incident_report": {"recipient"},
    "incident_report_version": {"texts"},
    "retrospective_note": {"text"},
    "retrospective_event": {"text", "source"},
}
"""Where texts about an incident are stored, and searched by a redaction."""

NO_WORDS = {
    "api_request": {"token", "key", "digest", "plan", "headers", "incident"},
    "incident": {"id", "t0_source"},
    "entry": {"incident", "type", "kind", "key"},
    "incident_record": {"incident", "state", "incident_type", "cause", "impacts"},
    "incident_report": {"incident", "services"},
    "incident_report_version": {"state", "changed_by", "approved_by"},
    "retrospective": {"subject", "state", "causes", "changed_by"},
    "retrospective_note": {"subject", "section", "author", "changed_by"},
    "retrospective_event": {"subject", "author"},
    "state_period": {"incident", "service", "state"},
    "affected_service": {"incident", "service"},
    "alert": {"id", "source", "identity", "proposal", "state", "incident", "group_lead"},
    "intake_count": {"source", "outcome", "network"},
    "monitor_heartbeat": {"source", "name"},
    "received_message": {"source", "message_key"},
    "test_alert": {"id", "source", "monitor_alert", "proposal", "actor"},
    "topic": {"arn", "token", "state", "actor"},
    "alert_step": {"alert", "state", "actor"},
    "alert_tick": {"alert", "text", "actor"},
    "draft": {"owner", "account_id"},
    "delivery": {"incident", "channel", "language", "status", "reason", "owner", "receipt"},
    "staff_notification": {
        "key",
        "trigger",
        "alert",
        "incident",
        "channel",
        "language",
        "recipients",
        "status",
        "reason",
        "owner",
        "receipt",
    },
    "escalation": {"alert", "actor"},
    "call_attempt": {"person", "actor", "channel"},
    "pause": {"drill"},
    "channel_health": {"channel", "reason", "detail"},
    "drill": {"id", "leader", "alert", "scenario", "language", "roles", "excluded_people"},
    "inject": {"drill", "state", "actor", "alert"},
    "observation": {"drill", "actor"},
    "scheduled_drill": {
        "id",
        "series_id",
        "scenario",
        "title",
        "leader",
        "language",
        "roles",
        "excluded_people",
        "state",
        "drill_id",
    },
    "redaction": {"incident", "actor", "reason", "external_deliveries"},
    "worker_heartbeat": {"worker", "channels"},
}
"""Ids, states, actors, and other sides' messages: no texts of ours."""


def test_whoever_adds_a_column_says_whether_a_redaction_has_to_go_through_it() -> None:
    for table in metadata.environment.sorted_tables:
        texts = {column.name for column in table.columns if isinstance(column.type, JSON | String | Text)}
        assert texts == WORDS.get(table.name, set()) | NO_WORDS.get(table.name, set()), table.name


OF_SUBSCRIBERS = {
    "subscriber": {"kind", "address", "contact", "language", "services", "topic", "level", "status", "origin"}
    | {"consent", "seed", "secret"},
    "suppression": {"address_hash", "kind", "reason", "detail"},
    "subscription_email": {"kind", "language", "status", "reason", "detail", "owner", "receipt"},
    "link_key": {"secret"},
    "request_count": {"key"},
    "bulk_send": {"incident", "channel", "language", "kind", "owner", "in_progress"},
    "recipient": {"status", "owner", "reason", "detail", "receipt"},
}
"""Requesters, and other sides' messages: no texts of a notice, which a bulk send takes from its delivery."""


def test_the_subscriber_database_holds_no_words_of_a_notice() -> None:
    for table in subscribers.sorted_tables:
        texts = {column.name for column in table.columns if isinstance(column.type, JSON | String | Text)}
        assert texts == OF_SUBSCRIBERS[table.name], table.name


# on the desk


def administrator(env: Environment, clock: Clock) -> Browser:
    accounts.add_account(
        env.databases.accounts, "nakamura", "中村", role=Role.ADMINISTRATOR, language="ja", now=clock()
    )
    return signed_in(env, clock, "nakamura", "中村")


@pytest.mark.slow
def test_on_the_desk_it_is_seen_first_and_then_taken_away(env: Environment, clock: Clock, database: str) -> None:
    incident = publish_incident(env)
    work(env, clock)
    browser = administrator(env, clock).open(f"/incidents/{incident}")
    assert browser.tree.xpath(f"//a[@href='/incidents/{incident}/redact']")
    browser.open(f"/incidents/{incident}/redact").send(text=WHO, reason="本人の依頼", do="preview")
    shown = redact.find_text(env, incident, WHO).count
    assert f"{shown}か所で見つかりました" in browser.words
    assert f"{WHO}様は予約ができません" in browser.words
    shown_before = browser.words
    browser.send(do="redact")
    assert f"{shown}か所から削除しました" in browser.text
    assert WHO not in browser.text
    assert "個人情報を削除 中村" in browser.words
    assert "古いものを削除してください" in shown_before
    assert carriers(env.home) == []


def test_on_the_desk_what_was_not_seen_is_not_taken_away(env: Environment, clock: Clock) -> None:
    incident = publish_incident(env)
    browser = administrator(env, clock).open(f"/incidents/{incident}/redact")
    browser.send(text=WHO, reason="本人の依頼", do="redact")
    assert "確認後に記録が変更されました" in browser.words
    browser.send(reason="", do="redact")
    assert "理由を入力してください" in browser.words
    browser.send(text="予約", do="preview")
    assert "定型文にも同じ文字列があります" in browser.words
    browser.send(text="Mr Nobody", do="preview")
    assert "該当する文字列がありません" in browser.words
    assert redact.past_redactions(env.databases.environment, incident) == ()


def test_a_reporter_is_not_offered_it_and_may_not(env: Environment, clock: Clock) -> None:
    incident = publish_incident(env)
    browser = signed_in(env, clock).open(f"/incidents/{incident}")
    assert not browser.tree.xpath("//a[contains(@href, 'redact')]")
    assert browser.open(f"/incidents/{incident}/redact").page.status_code == 403
