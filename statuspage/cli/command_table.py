"""All commands of the program with their modules, in the order of --help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

SHORT_COMMANDS: Mapping[str, Mapping[str, str]] = {
    "instance": {
        "init": "instance.init",
        "serve": "instance.serve",
        "worker": "instance.serve",
        "signup": "instance.serve",
        "check": "instance.build",
        "build": "instance.build",
        "publish": "instance.publish",
        "doctor": "instance.diagnostics",
        "demo-data": "instance.demo_data",
    },
    "notices": {
        "report": "notices.publish",
        "update": "notices.publish",
        "partial": "notices.publish",
        "monitoring": "notices.publish",
        "resolve": "notices.publish",
        "correct": "notices.publish",
        "withdraw": "notices.publish",
        "show": "show",
        "preview": "notices.preview",
        "plain": "plain_language",
    },
}
"""The one-word commands, by heading (``cli.heading.NAME``)."""

GROUPS: Mapping[str, Mapping[str, str]] = {
    "alert": {
        "receive": "alerts",
        "list": "alerts",
        "acknowledge": "alerts",
        "confirm": "alerts",
        "dismiss": "alerts",
        "watch": "alerts",
        "group": "alerts",
        "ungroup": "alerts",
        "topic": "alerts",
    },
    "incident": {
        "list": "incidents",
        "figures": "post_incident.figures",
        "note": "incidents",
        "reopen": "incidents",
        "close": "incidents",
    },
    "action": {
        "list": "post_incident.action_items",
        "add": "post_incident.action_items",
        "change": "post_incident.action_items",
        "done": "post_incident.action_items",
        "drop": "post_incident.action_items",
        "reopen": "post_incident.action_items",
        "issue": "post_incident.action_issues",
    },
    "maintenance": {
        "announce": "notices.maintenance",
        "start": "notices.maintenance",
        "extend": "notices.maintenance",
        "finish": "notices.maintenance",
        "cancel": "notices.maintenance",
    },
    "facts": {"ask": "facts", "answer": "facts", "open": "facts", "publish": "facts"},
    "approval": {"approve": "approvals", "refuse": "approvals", "bypass": "approvals"},
    "retro": {
        "show": "post_incident.retrospectives",
        "note": "post_incident.retrospectives",
        "event": "post_incident.retrospectives",
        "cause": "post_incident.retrospectives",
        "state": "post_incident.retrospectives",
    },
    "postmortem": {"publish": "notices.postmortems"},
    "incident-report": {
        "begin": "post_incident.incident_reports",
        "list": "post_incident.incident_reports",
        "write": "post_incident.incident_reports",
        "approve": "post_incident.incident_reports",
        "pdf": "post_incident.incident_reports",
    },
    "on-call": {"show": "on_call"},
    "drill": {
        "start": "drills.start",
        "inject": "drills.control",
        "skip": "drills.control",
        "pause": "drills.control",
        "resume": "drills.control",
        "observe": "drills.control",
        "suspend": "drills.listing",
        "end": "drills.listing",
        "report": "drills.scorecard",
        "grade": "drills.scorecard",
        "handled": "drills.scorecard",
        "trend": "drills.scorecard",
        "list": "drills.listing",
        "cancel": "drills.start",
        "calendar": "drills.start",
        "scenarios": "drills.scenarios",
        "script": "drills.scenarios",
    },
    "service": {"list": "services"},
    "incident-type": {"list": "incident_types"},
    "channel": {"list": "settings.channels", "test": "settings.channels"},
    "subscriber": {
        "list": "subscribers",
        "add": "subscribers",
        "remove": "subscribers",
        "import": "subscribers",
        "export": "subscribers",
    },
    "queue": {
        "list": "queue",
        "retry": "queue",
        "mark-delivered": "queue",
        "resume": "queue",
        "release": "queue",
    },
    "redaction": {"create": "redaction"},
    "account": {
        "list": "accounts",
        "add": "accounts",
        "link": "accounts",
        "password": "accounts",
        "reset-second-factor": "accounts",
        "disable": "accounts",
        "enable": "accounts",
        "role": "accounts",
        "sessions": "accounts",
        "sign-out": "accounts",
        "emergency-link": "settings.emergency_links",
        "emergency-links": "settings.emergency_links",
        "revoke-emergency-link": "settings.emergency_links",
    },
    "token": {"add": "tokens", "list": "tokens", "end": "tokens"},
    "content": {"diff": "content", "show": "content"},
    "host": {"list": "hosts", "config": "hosts"},
    "history": {"import": "history"},
    "audit": {"export": "settings.audit"},
    "backup": {"create": "backup", "restore": "backup", "erased": "backup"},
    "db": {"move": "databases"},
    "secrets": {"list": "settings.secrets", "rotate": "settings.secrets", "new-key": "settings.secrets"},
}
"""The two-word commands: noun → verb → module."""


def short_commands() -> dict[str, str]:
    """The one-word commands and their modules."""
    return {name: module for commands in SHORT_COMMANDS.values() for name, module in commands.items()}


def all_paths() -> Iterator[tuple[str, ...]]:
    """The words of each command."""
    yield from ((name,) for name in short_commands())
    yield from ((noun, verb) for noun, verbs in GROUPS.items() for verb in verbs)


def all_modules() -> frozenset[str]:
    """All modules that contain commands."""
    return frozenset(short_commands().values()).union(*(verbs.values() for verbs in GROUPS.values()))
