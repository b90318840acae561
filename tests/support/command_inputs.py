"""The input of each command: mostly valid, sometimes not, including odd words.

The simplest choice is always valid. ``VERBS`` has every command of the program except those of ``NEEDS_NONE``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from tests.support import post_incident_inputs
from tests.support.input_choices import ODD, PLAIN, Call, Choice, Known, Saying, by, incident, nothing, one, text, work

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"
"""A topic that has never asked."""

NEEDS_NONE = {
    "doctor": "reads settings and asks other machines, nothing that anybody types; usecases/test_diagnostics.py",
    "init": "makes the instance that is used here; cli/test_verbs.py",
    "check": "reads prepared content and nothing that anybody types; drills/test_safety.py::test_a5_a12_…",
    "serve": "runs until it is stopped; its desks and workers are in use in test_soak.py and test_sealed_drill.py",
    "signup": "runs until it is stopped, and has no drill; in use in subscribers/test_public_pages.py",
    "worker": "runs until it is stopped; commands carry the queue out here as it does; test_serve.py, test_soak.py",
    "demo-data": "has no drill: it fills both environments, if it cannot send; usecases/test_demo_data.py",
    "backup create": "has no drill: it has the databases of both environments, compared and killed; test_backup.py",
    "backup restore": "makes an instance of its own in an empty folder; test_backup.py",
    "backup erased": "has no drill: it reads what live alone has; cli/test_encrypted_backup.py",
    "db move": "has no drill: it copies the databases of both environments, row by row; test_database_transfer.py",
}
"""Commands that are not played, the reason, and where they are tested instead."""


def words(choose: Choice) -> list[str]:
    """The text typed in addition to the prepared sentences, in one of the possible ways."""
    match choose.of(["extra", "", "text", "only", "quiet"]):
        case "extra":
            return ["--extra", f"ja={text(choose)}", "--extra", f"en={text(choose)}"]
        case "text":
            return ["--text", f"ja={text(choose)}", "--text", f"en={text(choose)}", "--reason", text(choose)]
        case "only":
            return ["--only", choose.of(["ja", "en", "xx"]), "--reason", text(choose)]
        case "quiet":
            return ["--quiet"]
    return []


def facts(choose: Choice, *allowed: str) -> list[str]:
    """Facts, sometimes odd ones."""
    choices = {
        "--estimate": ["unknown", "30m", "not-before:40m", "20m..50m", ODD[0]],
        "--next-update": ["20m", "45m", "-x"],
        "--current-action": ["spare", "looking", ODD[4]],
        "--cause": ["crowd", "storage", ODD[3]],
        "--audience": ["checking", "all", "some", ODD[10]],
        "--workaround": ["wait", "phone", ODD[0]],
        "--service": ["booking:major", "login:partial", "fees:degraded", ODD[5]],
        "--answer": ["retry=safe", "repeat=safe", f"retry={ODD[0]}", "=", ODD[1]],
    }
    args: list[str] = []
    for flag in allowed:
        if choose.of(range(4)) == 3:
            args += [flag, choose.of(choices[flag])]
    return args


SOME = ("--audience", "--workaround", "--service", "--next-update", "--answer")


def report(choose: Choice, known: Known) -> Call:
    """A first report, with or without an alert."""
    incident_type = choose.of(["booking", "slow", "login", "payment", "entry", "security", "app", ODD[1]])
    since = choose.of(["5m", "about:10m", "noticed:3m", "now", ODD[4]])
    alerts = ["none", *known.ids("alert")]
    joined = choose.of(alerts)
    more = [*facts(choose, *SOME, "--estimate", "--current-action"), *words(choose), *by(choose)]
    return Call(["--incident-type", incident_type, "--start", since, "--alert", joined, *more, "--yes", "--anyway"])


def following(*allowed: str, **always: str) -> Saying:
    """A notice on an existing incident."""

    def saying(choose: Choice, known: Known) -> Call:
        fixed = [part for flag, value in always.items() for part in (f"--{flag}", value)]
        return Call([incident(choose, known), *fixed, *facts(choose, *allowed), *words(choose), *by(choose), "--yes"])

    return saying


def account(choose: Choice, known: Known) -> Call:
    """A postmortem, from files."""
    named = []
    for language in ("ja", "en", "ja-simple"):
        file = known.folder / f"report.{language}.md"
        file.write_text(f"## {text(choose)}\n\n* {text(choose)}\n", "utf-8", newline="")
        named.append(f"{language}={file}")
    return Call([incident(choose, known), *named, *by(choose), "--yes"])


def plan(choose: Choice, known: Known) -> Call:
    """Maintenance for the day after tomorrow."""
    day = datetime.now(UTC) + timedelta(days=2)
    known_id = [work(choose, known)] if choose.of(range(5)) == 4 else []
    ends = choose.of(["2h", "30m", ODD[4]])
    flags = ["--from", f"{day.month}/{day.day} 02:00", "--to", ends, "--service", "booking"]
    return Call([*known_id, *flags, *facts(choose, "--service"), *words(choose), *by(choose), "--yes", "--anyway"])


def of_work(**always: str) -> Saying:
    """A maintenance notice."""

    def saying(choose: Choice, known: Known) -> Call:
        fixed = [part for flag, value in always.items() for part in (f"--{flag}", value)]
        return Call([work(choose, known), *fixed, *words(choose), *by(choose), "--yes"])

    return saying


def alert(choose: Choice, known: Known) -> Call:
    """A monitor's message, with odd words in every field that people read."""
    number, resolved = choose.of(range(10)), choose.of([False, True])
    begun = datetime.now(UTC) - timedelta(minutes=number)
    labels = {"alertname": text(choose), "service": "booking-api", "severity": choose.of(["critical", ODD[19]])}
    fired = {
        "status": "resolved" if resolved else "firing",
        "labels": labels,
        "annotations": {"summary": text(choose), "description": text(choose)},
        "startsAt": begun.isoformat(),
        "endsAt": datetime.now(UTC).isoformat() if resolved else "0001-01-01T00:00:00Z",
        "generatorURL": choose.of(["http://monitor.example/graph", "javascript:alert(1)"]),
        "fingerprint": choose.of(["f1", "f2", "f3", ODD[19]]),
    }
    around = {
        "version": "4",
        "groupKey": "{}:{}",
        "receiver": "desk",
        "groupLabels": {},
        "externalURL": "http://a.example",
    }
    message = {**around, "commonLabels": labels, "commonAnnotations": {}, "status": fired["status"], "alerts": [fired]}
    return Call(["alertmanager", "-"], json.dumps(message))


def to_another(choose: Choice, known: Known) -> Call:
    """An alert and its new group: another alert, or an incident."""
    ids = [*known.ids("alert"), *known.ids("incident")]
    return Call([one(choose, known, known.ids("alert")), one(choose, known, ids), *by(choose)])


def of_alert(choose: Choice, known: Known) -> Call:
    """A command on an alert."""
    return Call([one(choose, known, known.ids("alert")), *by(choose)])


def of_incident(choose: Choice, known: Known) -> Call:
    """A command on an incident, without a text."""
    return Call([incident(choose, known), *by(choose)])


def unpublished(choose: Choice, known: Known) -> Call:
    """A command on an unpublished incident, if there is one."""
    found = known.ids("incident", latest_notice=False)
    return Call([one(choose, known, found), *by(choose)])


def note(choose: Choice, known: Known) -> Call:
    """An internal note, on the command line or from a pipe."""
    if choose.of([False, True]):
        return Call([incident(choose, known), "-", *by(choose)], text(choose))
    tell_flag = choose.of([[], ["--tell"]])
    return Call([incident(choose, known), text(choose), *tell_flag, *by(choose)])


def asked(choose: Choice, known: Known) -> Call:
    """A fact request, or its revocation."""
    more = choose.of([[], ["--to", text(choose)], ["--end", "4"]])
    return Call([incident(choose, known), *more, *by(choose)])


def answered(choose: Choice, known: Known) -> Call:
    """An engineer's answer, in facts and in a line of text."""
    ended = choose.of([[], ["--ended", "1m"], ["--ended", ODD[0]]])
    given = ["--start", choose.of(["9m", "about:9m", ODD[1]]), *facts(choose, "--service", "--estimate", "--answer")]
    return Call([incident(choose, known), *given, *ended, "--line", text(choose), *by(choose)])


def follow_up(choose: Choice, known: Known) -> Call:
    """The answer to a question that was still open when it was over."""
    found = known.ids("incident", has_open_questions=True)
    answer = choose.of(["made=valid", f"made={ODD[0]}", "retry=safe", "repeat=safe", ODD[1]])
    more = [*facts(choose, "--workaround"), *words(choose), *by(choose)]
    return Call([one(choose, known, found), "--answer", answer, *more, "--yes"])


def say(choose: Choice, known: Known) -> Call:
    """A text that is only displayed."""
    medium = choose.of(["page", "x", "feed", ODD[0]])
    return Call(
        ["--incident-type", "slow", "--start", "5m", "--medium", medium, *facts(choose, *SOME), *words(choose)[:4]]
    )


def number(choose: Choice, known: Known) -> Call:
    """A delivery in the queue."""
    return Call([one(choose, known, known.ids("delivery"))])


def looked(choose: Choice, known: Known) -> Call:
    """Marks a delivery in the queue as delivered."""
    return Call([one(choose, known, known.ids("delivery")), "--url", choose.of(["https://x.example/1", *ODD])])


LOGIN = ("sato", "tanaka", ODD[0], ODD[11], "-x", "")


def login(choose: Choice, known: Known) -> Call:
    """An account."""
    return Call([choose.of(LOGIN)])


def begin(choose: Choice, known: Known) -> Call:
    """A drill, from a scenario or with any title, now or later."""
    leader = ["--leader", text(choose)]
    match choose.of(["script", "name", "silent", "later"]):
        case "script":
            return Call(["booking-phone", *leader, "--role", f"reporter={text(choose)}"])
        case "name":
            return Call(["--title", text(choose), *leader])
        case "later":
            return Call(["booking-phone", *leader, "--at", "23:59", "--every", "7"])
    return Call(["--title", text(choose), *leader, "--no-alert"])


def redact(choose: Choice, known: Known) -> Call:
    """A redaction of published text, marks, or any text."""
    words = choose.of([PLAIN[0], "訓練", "[DRILL] ", *ODD])
    return Call(
        [
            incident(choose, known),
            "--text",
            words,
            "--reason",
            choose.of(["somebody asked", *ODD]),
            *by(choose),
            "--yes",
        ]
    )


def fed(choose: Choice, known: Known) -> Call:
    """One of the drill's injects."""
    return Call([choose.of(["next", "1", "99", ODD[0]]), *by(choose)])


ASKED = "sakura@fitline.example"
LIST = f"address,consent_who,consent_when,consent_how\n{ASKED},Sakura,2026-04-01,contract 4711\n"


def subscriber(choose: Choice, known: Known) -> Call:
    """A subscriber with proof of consent, sometimes with odd words."""
    consent = ["--who", text(choose), "--when", choose.of(["2026-04-01", ODD[0]]), "--how", text(choose)]
    return Call([choose.of([ASKED, ODD[0]]), "--service", choose.of(["booking", ODD[0]]), *consent])


VERBS: Mapping[str, Saying] = {
    "drill start": begin,
    "alert receive": alert,
    "report": report,
    "update": following(*SOME, "--estimate", "--current-action"),
    "correct": following(*SOME, "--estimate", "--current-action", start="12m"),
    "partial": following(
        "--audience",
        "--workaround",
        "--next-update",
        "--answer",
        "--estimate",
        "--current-action",
        service="booking:degraded",
    ),
    "monitoring": following(*SOME),
    "resolve": following("--audience", "--service", "--cause", ended="now"),
    "withdraw": following(),
    "postmortem publish": account,
    "maintenance announce": plan,
    "maintenance start": of_work(),
    "maintenance extend": of_work(to="3h"),
    "maintenance finish": of_work(ended="now"),
    "maintenance cancel": of_work(),
    "alert acknowledge": of_alert,
    "alert confirm": of_alert,
    "alert dismiss": of_alert,
    "alert watch": of_alert,
    "alert group": to_another,
    "alert ungroup": of_alert,
    "alert topic": lambda choose, known: Call([TOPIC, "--refuse"] if choose.of([False, True]) else []),
    "incident note": note,
    "approval approve": lambda choose, known: Call([incident(choose, known), "--yes", *by(choose)]),
    "approval refuse": lambda choose, known: Call([incident(choose, known), "--reason", text(choose), *by(choose)]),
    "approval bypass": lambda choose, known: Call(
        [incident(choose, known), "--reason", text(choose), "--yes", *by(choose)]
    ),
    "facts ask": asked,
    "facts answer": answered,
    "facts open": nothing,
    "facts publish": follow_up,
    "incident reopen": of_incident,
    "incident close": unpublished,
    "build": lambda choose, known: Call(["--out", str(known.folder / "out")] if choose.of([False, True]) else []),
    "service list": nothing,
    "incident-type list": nothing,
    "show": lambda choose, known: Call([incident(choose, known)] if choose.of([False, True]) else []),
    "alert list": nothing,
    "incident list": lambda choose, known: Call([text(choose)] if choose.of([False, True]) else ["--csv"]),
    "on-call show": nothing,
    "preview": say,
    "plain": lambda choose, known: Call(["-"], text(choose)),
    "account add": lambda choose, known: Call([choose.of(LOGIN), "--name", text(choose)]),
    "account list": nothing,
    "subscriber list": lambda choose, known: Call([ASKED] if choose.of([False, True]) else []),
    "subscriber add": subscriber,
    "subscriber remove": lambda choose, known: Call([choose.of([ASKED, ODD[0]])]),
    "subscriber import": lambda choose, known: Call(["-"], choose.of([LIST, text(choose)])),
    "subscriber export": lambda choose, known: Call(["-"]),
    "account link": login,
    "account password": lambda choose, known: Call([choose.of(LOGIN)], "correct horse battery\n"),
    "account reset-second-factor": lambda choose, known: Call([choose.of(LOGIN)]),
    "account disable": login,
    "account enable": login,
    "account role": lambda choose, known: Call([choose.of(LOGIN), choose.of(["lead", "administrator", ODD[0]])]),
    "account sessions": nothing,
    "account sign-out": login,
    "account emergency-link": login,
    "account emergency-links": nothing,
    "account revoke-emergency-link": lambda choose, known: Call([choose.of(["1", ODD[0]])]),
    "token add": lambda choose, known: Call([choose.of(LOGIN), "--name", text(choose)]),
    "token list": nothing,
    "token end": lambda choose, known: Call([one(choose, known, known.ids("api_token"))]),
    "queue list": nothing,
    "queue retry": number,
    "queue mark-delivered": looked,
    "queue resume": lambda choose, known: Call([choose.of(["x-ja", "x-en", ODD[0]])]),
    "queue release": nothing,
    "channel list": nothing,
    "channel test": lambda choose, known: Call([choose.of(["x-ja", "x-en", ODD[0], "-x"])]),
    "content diff": lambda choose, known: Call(["--starter", "saas"] if choose.of([False, True]) else []),
    "content show": lambda choose, known: Call([choose.of(["slow.cadence_minutes", *ODD])]),
    "audit export": nothing,
    "secrets list": nothing,
    "secrets rotate": nothing,
    "secrets new-key": nothing,
    "publish": lambda choose, known: Call(["--dry-run"] if choose.of([False, True]) else []),
    "redaction create": redact,
    "drill inject": fed,
    "drill skip": fed,
    "drill pause": nothing,
    "drill resume": nothing,
    "drill observe": lambda choose, known: Call([text(choose), *by(choose)]),
    "drill scenarios": nothing,
    "drill script": lambda choose, known: Call([choose.of(["booking-phone", "real-alert", ODD[0]])]),
    "drill calendar": nothing,
    "drill cancel": lambda choose, known: Call([one(choose, known, known.ids("scheduled_drill"))]),
    "drill grade": lambda choose, known: Call([choose.of(["plain", ODD[0]]), "performed", "--reason", text(choose)]),
    "drill handled": lambda choose, known: Call([choose.of(["1", "2", "99"]), "yes", "--text", text(choose)]),
    "drill trend": nothing,
    "host list": nothing,
    "host config": lambda choose, known: Call([choose.of(["nginx", "caddy", ODD[0]]), "--folder", text(choose)]),
    "history import": lambda choose, known: Call(
        [str(known.home / choose.of(["drill/site/current", "site/current", "no"]))]
    ),
    "drill suspend": nothing,
    "drill end": nothing,
    "drill report": nothing,
    "drill list": nothing,
    **post_incident_inputs.VERBS,
}
"""The input of each command."""

OFTEN = (
    *("report", "update", "resolve", "alert receive", "withdraw", "correct", "postmortem publish"),
    "maintenance announce",
)
WEIGHTED = (*OFTEN, *VERBS)
"""Commands that publish something are chosen twice as often."""
