"""The API: what waits on the desk, what is published and for whom, what is refused, and what is answered twice."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from statuspage.storage import alerts, incidents
from statuspage.storage.api import requests as kept_requests
from statuspage.storage.audit_log import list_actions
from statuspage.storage.engine import DatabaseBusy
from statuspage.usecases import account_administration, accounts, drills, retention
from statuspage.usecases.accounts import Role
from statuspage.usecases.alerts import group
from statuspage.usecases.api import Scope, idempotency, tokens
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import add_note
from statuspage.usecases.notices import approvals, open_notice_form
from statuspage.usecases.redaction import redact
from statuspage.web.api import create_api
from tests.support.api import FIRST, Program, new_token, program
from tests.support.desk import Clock, alert_arrives, as_role, clock, desk_of, drill_environment_in, env, signed_in
from tests.support.times import at

__all__ = ["clock", "env"]


def incident_of(env: Environment, id: str) -> Any:
    """The stored incident."""
    with env.databases.environment.read() as tx:
        return incidents.load_incident(tx, id)


def count_incidents(env: Environment) -> int:
    """How many incidents are open."""
    with env.databases.environment.read() as tx:
        return len(incidents.open_incident_ids(tx))


def published(env: Environment, clock: Clock) -> tuple[Program, str, str]:
    """A program that may publish, an incident it reported, and its ETag."""
    bot = program(env, clock, Scope.PUBLISH)
    result = bot.post("/incidents", {"facts": FIRST, "mode": "publish"})
    return bot, result["incident"], bot.answer.headers["ETag"]


def test_a_proposal_waits_on_the_desk_with_its_preview_and_a_person_publishes_it(env: Environment, clock: Clock):
    bot = program(env, clock)
    result = bot.post("/incidents", {"facts": FIRST})
    assert (bot.status, result["status"]) == (200, "waiting")
    incident = incident_of(env, result["incident"])
    assert incident.latest is None
    reporter = as_role(env, clock, Role.REPORTER).open("/")
    assert "reporterさん (API: bot)" in reporter.words
    page = reporter.open(f"/incidents/{incident.id}/approvals/{result['sequence']}")
    assert result["texts"]["ja"]["headline"] in page.words
    page.send(do="approve")
    published = incident_of(env, incident.id)
    assert published.latest.notice.texts["ja"].headline == result["texts"]["ja"]["headline"]
    confirmed = [each.entry.actor for each in published.entries if getattr(each.entry, "event", "") == "confirmed"]
    assert confirmed == ["reporterさん"], "whoever publishes it confirms the incident, not the program"


@pytest.mark.parametrize("path", ["/incidents", "/maintenance"])
def test_a_refused_proposal_leaves_no_incident_behind(env: Environment, clock: Clock, path: str):
    plan = {"services": [{"service": "booking"}], "begins": "2026-07-10T15:00:00Z", "ends": "2026-07-10T17:00:00Z"}
    result = program(env, clock).post(path, {"facts": FIRST} if path == "/incidents" else plan)
    assert result["status"] == "waiting"
    by = {"actor": "佐藤", "now": clock()}
    approvals.refuse_approval(env, result["incident"], result["sequence"], reason="計測の誤り", **by)
    assert count_incidents(env) == 0
    assert incident_of(env, result["incident"]).is_closed_silently


@pytest.mark.parametrize("step", ["form", "note"])
def test_what_somebody_has_taken_up_stays_open_although_the_proposal_is_refused(
    env: Environment, clock: Clock, step: str
):
    result = program(env, clock).post("/incidents", {"facts": FIRST})
    id, by = result["incident"], {"actor": "佐藤", "now": clock()}
    if step == "form":
        open_notice_form(env.databases.environment, id, **by)
    else:
        add_note(env, id, "調べています", **by)
    approvals.refuse_approval(env, id, result["sequence"], reason="書き直します", **by)
    assert not incident_of(env, id).is_over
    page = signed_in(env, clock).open(f"/incidents/{id}/notices/new/first")
    page.send({"incident_type": "booking", "start": "15m", "estimate": "unknown", "do": "publish"})
    published = incident_of(env, id)
    assert published.latest is not None, page.words
    confirmed = [each.entry.actor for each in published.entries if getattr(each.entry, "event", "") == "confirmed"]
    assert confirmed == ["佐藤"]


def test_a_sixth_proposal_of_a_token_waits_until_somebody_has_decided(env: Environment, clock: Clock):
    bot, other = program(env, clock), program(env, clock, name="other")
    waiting, *_ = [bot.post("/incidents", {"facts": FIRST}) for _ in range(5)]
    assert bot.status == 200
    refused = bot.post("/incidents", {"facts": FIRST}, key="the-sixth-one")
    assert (bot.status, refused["type"]) == (409, "urn:statuspage:problem:too-many-proposals")
    assert count_incidents(env) == 5
    assert bot.post("/incidents", {"facts": FIRST, "mode": "preview"})["status"] == "previewed"
    assert other.post("/incidents", {"facts": FIRST})["status"] == "waiting"
    approvals.refuse_approval(
        env, waiting["incident"], waiting["sequence"], actor="佐藤", reason="別件で公開済み", now=clock()
    )
    assert bot.post("/incidents", {"facts": FIRST}, key="the-sixth-one")["status"] == "waiting"


def test_where_two_people_are_needed_the_owner_of_a_token_is_not_the_second(env: Environment, clock: Clock):
    from dataclasses import replace

    from tests.support.environments import with_changes

    types = env.site.catalog.incident_types
    strict = {**types, "booking": replace(types["booking"], needs_approval=True)}
    env = with_changes(env, catalog=replace(env.site.catalog, incident_types=strict))
    bot = program(env, clock, Scope.PUBLISH)
    result = bot.post("/incidents", {"facts": FIRST, "mode": "publish"})
    assert result["status"] == "waiting"
    owner = as_role(env, clock, Role.REPORTER)
    owner.open(f"/incidents/{result['incident']}/approvals/{result['sequence']}")
    assert not owner.tree.xpath("//button[@value='approve']")
    other = signed_in(env, clock).open(f"/incidents/{result['incident']}/approvals/{result['sequence']}")
    other.send(do="approve")
    assert incident_of(env, result["incident"]).latest is not None


def test_publishing_names_the_owner_in_the_timeline_and_in_the_audit_log(env: Environment, clock: Clock):
    bot, id, _ = published(env, clock)
    assert incident_of(env, id).latest.notice.actor == "reporterさん (API: bot)"
    assert [each["actor"] for each in bot.get(f"/incidents/{id}/timeline")["items"]][-1] == "reporterさん (API: bot)"
    log = as_role(env, clock, Role.ADMINISTRATOR).open("/audit-log").words
    assert "APIで変更" in log
    assert id in log


def test_a_token_that_proposes_publishes_nothing_and_one_that_reads_proposes_nothing(env: Environment, clock: Clock):
    bot = program(env, clock)
    assert bot.post("/incidents", {"facts": FIRST, "mode": "publish"})["type"] == "urn:statuspage:problem:scope"
    assert bot.status == 403
    program(env, clock, Scope.READ).post("/incidents", {"facts": FIRST})
    assert count_incidents(env) == 0


def test_a_token_has_no_more_rights_than_its_owner_now(env: Environment, clock: Clock):
    bot = program(env, clock, Scope.PUBLISH, Role.LEAD)
    assert bot.get("/subscribers")["active"] == 0
    owner = accounts.find_by_login(env.databases.accounts, "lead")
    assert owner is not None
    account_administration.change_role(env.databases.accounts, owner.id, Role.VIEWER, by=accounts.NOBODY, now=clock())
    assert bot.get("/subscribers")["type"] == "urn:statuspage:problem:role"
    bot.post("/incidents", {"facts": FIRST})
    assert bot.status == 403
    account_administration.disable(env.databases.accounts, owner.id, now=clock())
    bot.get("/incidents")
    assert bot.status == 401
    account_administration.enable(env.databases.accounts, owner.id, now=clock())
    bot.get("/incidents")
    assert bot.status == 401


def test_a_token_ends_when_it_expires_or_is_ended_and_is_refused_elsewhere(env: Environment, clock: Clock):
    made = new_token(env, clock, days=2)
    bot, elsewhere = Program(create_api(env, clock=clock), made.secret), program(env, clock, environment="drill")
    elsewhere.get("/token")
    assert elsewhere.status == 401
    assert elsewhere.answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert bot.get("/token")["expires_at"] == "2026-07-06T03:02:00Z"
    clock.later(days=2)
    bot.get("/token")
    assert bot.status == 401
    other = new_token(env, clock)
    tokens.end_token(env.databases.accounts, other.token.id, by=accounts.NOBODY, now=clock())
    refused = Program(create_api(env, clock=clock), other.secret)
    refused.get("/token")
    assert refused.status == 401


def test_only_the_hash_of_a_token_is_kept_and_wrong_ones_are_counted(env: Environment, clock: Clock):
    made = new_token(env, clock)
    with env.databases.accounts.read() as tx:
        stored = [str(row) for row in tx.exec_driver_sql("select * from api_token")]
    assert stored
    assert made.secret not in stored[0]
    stranger = Program(create_api(env, clock=clock), "spt_wrong")
    for _ in range(3):
        stranger.get("/incidents")
    assert stranger.status == 401
    assert "トークンを拒否 3回" in as_role(env, clock, Role.ADMINISTRATOR).open("/audit-log/refused").words


def test_the_same_request_again_gets_the_same_answer_and_does_nothing_twice(env: Environment, clock: Clock):
    bot = program(env, clock, Scope.PUBLISH)
    body = {"facts": FIRST, "mode": "publish"}
    first = bot.post("/incidents", body, key="a-key-of-mine")
    again = bot.post("/incidents", body, key="a-key-of-mine")
    assert again == first
    assert bot.answer.headers["Idempotent-Replayed"] == "true"
    assert count_incidents(env) == 1
    assert bot.post("/incidents", {"facts": FIRST}, key="a-key-of-mine")["type"].endswith("key-reused")
    assert bot.status == 422
    clock.later(hours=25)
    later = {**FIRST, "start": {"precision": "about", "time": "2026-07-05T03:55:00Z"}}
    doubtful = bot.post("/incidents", {"facts": later, "mode": "publish"}, key="a-key-of-mine")
    assert bot.status == 409
    assert [each["field"] for each in doubtful["doubts"]] == ["services"]


def test_a_refused_request_leaves_its_key_free(env: Environment, clock: Clock):
    bot = program(env, clock)
    wrong = {"facts": {**FIRST, "incident_type": "nonsense"}}
    assert bot.post("/incidents", wrong, key="once-more")["errors"][0]["field"] == "incident_type"
    assert bot.status == 422
    bot.post("/incidents", {"facts": FIRST}, key="once-more")
    assert bot.status == 200


def test_killed_after_it_was_stored_the_request_finds_its_own_notice(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    bot, body = program(env, clock, Scope.PUBLISH), {"facts": FIRST, "mode": "publish"}
    with monkeypatch.context() as patched:
        patched.setattr(idempotency.Claim, "answer", _killed)
        with pytest.raises(KilledHere):
            bot.post("/incidents", body, key="killed-once")
    assert bot.post("/incidents", body, key="killed-once")["type"].endswith("running")
    clock.later(minutes=2)
    assert bot.post("/incidents", body, key="killed-once")["status"] == "published"
    assert count_incidents(env) == 1


def test_killed_before_it_was_stored_the_request_is_carried_out_once(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    from statuspage.web.api import notices

    bot, body = program(env, clock, Scope.PUBLISH), {"facts": FIRST, "mode": "publish"}
    with monkeypatch.context() as patched:
        patched.setattr(notices, "_store", _killed)
        with pytest.raises(KilledHere):
            bot.post("/incidents", body, key="killed-once")
    assert count_incidents(env) == 0
    clock.later(minutes=2)
    assert bot.post("/incidents", body, key="killed-once")["status"] == "published"
    assert count_incidents(env) == 1


def test_of_what_cannot_be_found_again_it_is_said_that_nobody_knows(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    bot, id, _ = published(env, clock)
    item = {"subject": id, "text": "鍵を替える"}
    with monkeypatch.context() as patched:
        patched.setattr(idempotency.Claim, "answer", _killed)
        with pytest.raises(KilledHere):
            bot.post("/action-items", item, key="killed-once")
    clock.later(minutes=2)
    assert bot.post("/action-items", item, key="killed-once")["type"].endswith("interrupted")
    assert len(bot.get("/action-items")["items"]) == 1


def test_a_busy_database_leaves_a_key_free_only_if_nothing_was_stored(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    from statuspage.web.api import notices

    bot, body = program(env, clock), {"facts": FIRST}
    with monkeypatch.context() as patched:
        patched.setattr(notices, "_store", _busy)
        bot.post("/incidents", body, key="busy-before")
    assert bot.status == 503
    with monkeypatch.context() as patched:
        patched.setattr(notices, "_recorded", _busy)
        bot.post("/incidents", body, key="busy-before")
    assert bot.status == 503
    assert count_incidents(env) == 1
    assert bot.post("/incidents", body, key="busy-before")["type"].endswith("running")
    clock.later(minutes=2)
    assert bot.post("/incidents", body, key="busy-before")["status"] == "waiting"
    assert count_incidents(env) == 1


class KilledHere(BaseException):
    """The program ends here, as if it were killed."""


def _killed(*_: object, **__: object) -> None:
    raise KilledHere


def _busy(*_: object, **__: object) -> None:
    raise DatabaseBusy("the database is in use")


def test_a_notice_needs_the_newest_one_that_its_writer_has_seen(env: Environment, clock: Clock):
    bot, id, etag = published(env, clock)
    path, update = f"/incidents/{id}/notices", {"notice": "update", "mode": "publish"}
    bot.post(path, update)
    assert bot.status == 428
    bot.post(path, update, match=f'"{id}.0"')
    assert bot.status == 412
    assert bot.answer.headers["ETag"] == etag
    assert bot.post(path, update, match=etag)["status"] == "published"
    assert bot.answer.headers["ETag"] == f'"{id}.{incident_of(env, id).latest_sequence}"'
    bot.post(path, {"notice": "resolved", "facts": {"ended": "2026-07-04T03:01:00Z"}, "mode": "publish"}, match=etag)
    assert bot.status == 412


def test_an_alert_that_joined_late_and_fired_before_the_start_is_asked_about(env: Environment, clock: Clock):
    bot, id, _ = published(env, clock)
    clock.later(minutes=1)
    browser = signed_in(env, clock)
    alert_arrives(browser, at("11:51"))
    with env.databases.environment.read() as tx:
        (alert,) = alerts.latest_alerts(tx, 1)
    group(env, alert.id, id, actor="佐藤", now=clock())
    etag = f'"{id}.{incident_of(env, id).latest_sequence}"'
    path, update = f"/incidents/{id}/notices", {"notice": "update", "mode": "publish"}
    (doubt,) = bot.post(path, update, match=etag)["doubts"]
    assert (bot.status, doubt["field"], doubt["at"]) == (409, "start", "2026-07-04T02:51:00Z")
    assert bot.post(path, {**update, "confirmed": [doubt["key"]]}, match=etag)["status"] == "published"


def test_what_is_not_given_stays_as_in_the_last_notice(env: Environment, clock: Clock):
    bot, id, etag = published(env, clock)
    done = bot.post(
        f"/incidents/{id}/notices",
        {"notice": "resolved", "facts": {"ended": "2026-07-04T03:01:00Z"}, "mode": "publish"},
        match=etag,
    )
    assert done["status"] == "published"
    shown = bot.get(f"/incidents/{id}")
    assert shown["is_over"]
    assert [each["kind"] for each in shown["notices"]] == ["first", "resolved"]


def test_a_preview_stores_nothing(env: Environment, clock: Clock):
    bot = program(env, clock)
    preview = bot.post("/incidents", {"facts": FIRST, "mode": "preview"})
    assert preview["status"] == "previewed"
    assert preview["texts"]["en"]["headline"]
    assert count_incidents(env) == 0


def test_no_text_of_a_preview_is_kept_which_no_redaction_would_find(env: Environment, clock: Clock):
    bot = program(env, clock)
    body = {"facts": {**FIRST, "extra": {"ja": "会員番号48151623の方は受付へ。"}}, "mode": "preview"}
    first = bot.post("/incidents", body, key="previewed-once")
    assert "48151623" in json.dumps(first)
    with env.databases.environment.read() as tx:
        assert "48151623" not in str([*tx.exec_driver_sql("select * from api_request")])
    assert bot.post("/incidents", body, key="previewed-once") == first


def test_maintenance_is_proposed_and_listed_once_a_person_has_published_it(env: Environment, clock: Clock):
    bot = program(env, clock)
    plan = {
        "services": [{"service": "booking"}], "begins": "2026-07-10T15:00:00Z", "ends": "2026-07-10T17:00:00Z",
    }  # fmt: skip
    result = bot.post("/maintenance", plan)
    assert result["status"] == "waiting", result
    assert bot.get("/maintenance")["items"] == []
    approvals.approve_notice(env, result["incident"], result["sequence"], actor="佐藤", now=clock())
    assert [each["id"] for each in bot.get("/maintenance")["items"]] == [result["incident"]]


def test_alerts_are_listed_and_acted_on_for_the_owner(env: Environment, clock: Clock):
    alert_arrives(as_role(env, clock, Role.VIEWER, desk_of(env, clock)))
    reader, bot = program(env, clock, Scope.PROPOSE), program(env, clock, Scope.PUBLISH)
    (alert,) = reader.get("/alerts")["items"]
    reader.post(f"/alerts/{alert['id']}/actions", {"action": "acknowledge"})
    assert reader.status == 403
    assert bot.post(f"/alerts/{alert['id']}/actions", {"action": "acknowledge"})["state"] == "acknowledged"
    assert bot.get(f"/alerts/{alert['id']}")["steps"][-1]["by"] == "reporterさん (API: bot)"
    opened = bot.post(f"/alerts/{alert['id']}/actions", {"action": "confirm"})["incident"]
    bot.post(f"/alerts/{alert['id']}/actions", {"action": "dismiss"})
    assert bot.status == 409
    first = {"notice": "first", "facts": FIRST, "mode": "publish"}
    assert bot.post(f"/incidents/{opened}/notices", first, match=f'"{opened}.0"')["status"] == "published"


def test_engineers_answers_come_in_and_a_notice_that_calls_them_unknown_is_refused(env: Environment, clock: Clock):
    bot, id, etag = published(env, clock)
    asked = bot.post(f"/incidents/{id}/fact-requests", {})
    answer = {
        "by": "鈴木", "estimate": {"shape": "known", "earliest": "2026-07-04T04:00:00Z"}, "request": asked["sequence"],
    }  # fmt: skip
    assert bot.post(f"/incidents/{id}/facts", answer)["incident"] == id
    assert bot.get(f"/incidents/{id}/facts")["answers"][0]["by"] == "鈴木 (API: bot)"
    update = {"notice": "update", "mode": "publish"}
    assert bot.post(f"/incidents/{id}/notices", update, match=etag)["type"].endswith("unheard-answers")
    sent = bot.post(f"/incidents/{id}/notices", {**update, "ignore_answers": True}, match=etag)
    assert sent["status"] == "published"


def test_action_items_are_added_changed_and_closed_by_version(env: Environment, clock: Clock):
    bot, id, _ = published(env, clock)
    item = bot.post("/action-items", {"subject": id, "text": "鍵を替える", "due": "2026-08-01"})
    path = f"/action-items/{item['id']}"
    assert bot.put(path, {"text": "鍵を全部替える"}, match='"1"')["version"] == 2
    bot.put(f"{path}/state", {"state": "done"}, match='"1"')
    assert bot.status == 412
    assert bot.put(f"{path}/state", {"state": "dropped"}, match='"2"')["errors"][0]["code"] == "action.reason"
    assert bot.put(f"{path}/state", {"state": "done"}, match='"2"')["state"] == "done"
    assert bot.get("/action-items")["items"] == []
    assert bot.get("/action-items?state=done")["items"][0]["text"] == "鍵を全部替える"


def test_subscribers_are_added_with_proof_counted_and_erased(env: Environment, clock: Clock):
    bot = program(env, clock, Scope.PUBLISH, Role.LEAD)
    proof = {"who": "山田", "when": "2026-06-01", "how": "form"}
    assert bot.post("/subscribers", {"address": "a@example.com", "consent": proof})["added"] == 1
    assert bot.get("/subscribers")["active"] == 1
    bot.post("/subscribers", {"address": "nobody", "consent": proof})
    assert bot.status == 422
    assert bot.post("/subscribers/erasures", {"address": "a@example.com"})["erased"] == 1
    assert bot.post("/subscribers", {"address": "a@example.com", "consent": proof})["skipped"] == 1
    with env.databases.accounts.read() as tx:
        used = [row["detail"] for row in list_actions(tx, 50) if row["action"] == "api.used"]
    assert [(each["token"], each["operation"]) for each in used] == [
        ("bot", "addSubscriber"), ("bot", "eraseSubscriber"), ("bot", "addSubscriber"),
    ]  # fmt: skip


def test_a_token_is_known_although_its_use_cannot_be_noted(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    bot, stranger = program(env, clock), Program(create_api(env, clock=clock), "spt_wrong")
    monkeypatch.setattr(tokens, "touch", _busy)
    monkeypatch.setattr(tokens, "count_refusal", _busy)
    assert bot.get("/token")["owner"] == "reporter"
    stranger.get("/token")
    assert stranger.status == 401


def test_what_was_done_is_answered_although_the_audit_log_is_busy(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    bot = program(env, clock)
    monkeypatch.setattr(tokens, "record_use", _busy)
    assert bot.post("/incidents", {"facts": FIRST})["status"] == "waiting"


def test_only_its_leader_learns_the_scenario_of_a_drill_that_runs(tmp_path, clock: Clock):
    env = drill_environment_in(tmp_path)
    scenario = next(iter(env.site.catalog.scenarios.values()))
    begun = drills.start_drill(
        env, title="x", leader="leadさん", goal=timedelta(minutes=10), setup=drills.Setup(scenario, "ja"), now=clock()
    )
    viewer, leader = program(env, clock, Scope.READ, Role.VIEWER), program(env, clock, Scope.READ, Role.LEAD)
    told = [bot.get("/drills")["items"][0]["scenario"] for bot in (viewer, leader)]
    assert told == [None, begun.drill.scenario]
    drills.end_drill(env, now=clock.later(minutes=1))
    assert viewer.get("/drills")["items"][0]["scenario"] == begun.drill.scenario
    env.databases.environment.close()
    env.databases.accounts.close()


def test_a_list_goes_on_where_it_ended_whatever_was_added_meanwhile(env: Environment, clock: Clock):
    bot = program(env, clock, Scope.PUBLISH)
    ids = []
    for service in ("booking", "login", "checkin"):
        clock.later(seconds=20)
        facts = {**FIRST, "services": [{"service": service, "state": "partial"}]}
        ids.append(bot.post("/incidents", {"facts": facts, "mode": "publish"})["incident"])
    first = bot.get("/incidents?limit=1")
    assert [each["id"] for each in first["items"]] == ids[:1:-1]
    clock.later(seconds=20)
    facts = {**FIRST, "services": [{"service": "gate", "state": "partial"}]}
    bot.post("/incidents", {"facts": facts, "mode": "publish"})
    rest = bot.get(f"/incidents?limit=5&cursor={first['next']}")
    assert [each["id"] for each in rest["items"]] == ids[1::-1]
    assert rest["next"] is None
    bot.get("/incidents?cursor=nonsense")
    assert bot.status == 422


def test_a_redaction_takes_the_words_from_kept_answers(env: Environment, clock: Clock):
    bot = program(env, clock, Scope.PUBLISH)
    body = {"facts": {**FIRST, "extra": {"ja": "会員番号48151623の方は受付へ。"}}, "mode": "publish"}
    id = bot.post("/incidents", body, key="with-a-number")["incident"]
    redact.redact_text(env, id, "48151623", reason="個人情報", actor="佐藤", now=clock())
    with env.databases.environment.read() as tx:
        kept = kept_requests.find_request(tx, tokens.list_tokens(env.databases.accounts)[0].id, "with-a-number")
    assert kept is not None
    assert "48151623" not in json.dumps(kept.body)
    bot.post("/incidents", body, key="with-a-number")
    assert bot.status == 410


def test_every_error_is_a_problem_and_nothing_speaks_to_a_browser(env: Environment, clock: Clock):
    bot = program(env, clock)
    tried = {
        ("GET", "/nothing"): 404,
        ("GET", "/incidents/nothing"): 404,
        ("DELETE", "/incidents"): 405,
        ("OPTIONS", "/incidents"): 405,
        ("POST", "/incidents"): 415,
    }
    for (method, path), status in tried.items():
        bot.send(method, path, headers={"Origin": "https://elsewhere.example"})
        assert (bot.status, bot.answer.mimetype) == (status, "application/problem+json"), (method, path)
        assert "Access-Control-Allow-Origin" not in bot.answer.headers
        assert "Set-Cookie" not in bot.answer.headers
    bot.send("POST", "/incidents", data=b"x" * 300_000, content_type="application/json")
    assert (bot.status, bot.answer.mimetype) == (413, "application/problem+json")
    for wrong in (b"{", b'{"facts": {}, "more": 1}', b'"text"', b'{"facts": {"services": 1}}'):
        headers = {"Idempotency-Key": "a-b-c-d-e"}
        bot.send("POST", "/incidents", data=wrong, content_type="application/json", headers=headers)
        assert (bot.status, bot.answer.mimetype) == (400, "application/problem+json"), wrong


def test_a_mistake_of_ours_is_a_problem_without_a_traceback(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    from statuspage.usecases import figures

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("inner words")

    monkeypatch.setattr(figures, "build_figures", broken)
    bot = program(env, clock)
    assert bot.get("/figures")["status"] == 500
    assert "inner words" not in bot.answer.get_data(as_text=True)


def test_a_token_that_sends_too_much_is_told_when_to_go_on(env: Environment, clock: Clock):
    bot = Program(create_api(env, clock=clock, requests_per_minute=3), new_token(env, clock).secret)
    statuses = [bot.get("/token") and bot.status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert int(bot.answer.headers["Retry-After"]) >= 1
    other = Program(bot.app, new_token(env, clock, name="other").secret)
    other.get("/token")
    assert other.status == 200


def test_a_key_and_its_answer_are_kept_for_a_day(env: Environment, clock: Clock):
    bot = program(env, clock)
    first = bot.post("/incidents", {"facts": FIRST}, key="kept-a-day")
    clock.later(hours=23)
    assert bot.post("/incidents", {"facts": FIRST}, key="kept-a-day") == first
    clock.later(hours=2)
    retention.delete_outdated(env, now=clock())
    with env.databases.environment.read() as tx:
        owner = tokens.list_tokens(env.databases.accounts)[0]
        assert kept_requests.find_request(tx, owner.id, "kept-a-day") is None
