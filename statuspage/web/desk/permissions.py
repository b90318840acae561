"""Permissions on the desk: the minimum role of each endpoint."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.exceptions import Forbidden

from statuspage.usecases.accounts import RANKS, Role

OPEN_TO_ALL = (
    "sign_in.show_sign_in", "sign_in.enter", "sign_in.link", "sign_in.use_link", "sign_in.language",
    "answering.show_questions", "answering.send", "answering.real",
)  # fmt: skip
"""Endpoints open without sign-in."""

UNAUTHENTICATED = ("static", "watched.health", "watched.metrics")
"""Endpoints of no account: they work also while the accounts cannot be read."""

INTAKE_ENDPOINTS = ("intake.alerts",)
"""Endpoints for monitors; their secret is checked on arrival."""

_VIEWER = """home.show_home incident.show_incident approving.show_approval receipts.show_receipts letters.show_email
sign_in.out accounts.mine accounts.end_mine keys.show_keys connections.show_connections
drills.show_drills drills.real incoming.show_inbox incoming.newest_banner wall.show_sandbox setting_up.calendar
scorecard.show_scorecard scorecard.over_time scorecard.download leading.show_console leading.event_list"""

_REPORTER = """home.alert home.check lines.line home.resume incident.note incident.told incident.tell
incident.check incident.reopen incident.close
report.new report.send_new report.plan report.send_plan report.on_incident report.send_on_incident receipts.act
engineers.send engineers.follow approving.decide
drills.start drills.end drills.suspend leading.act setting_up.cancel scorecard.act scorecard.grade scorecard.handled"""

_LEAD = "home.go subscribers.show_subscribers subscribers.act"

_ADMINISTRATOR = """lines.topic redacting.ask_for_text redacting.answer accounts.everybody accounts.change
accounts.trail accounts.refused"""

MINIMUM_ROLES: Mapping[str, Role] = {
    **dict.fromkeys(_VIEWER.split(), Role.VIEWER),
    **dict.fromkeys(_REPORTER.split(), Role.REPORTER),
    **dict.fromkeys(_LEAD.split(), Role.LEAD),
    **dict.fromkeys(_ADMINISTRATOR.split(), Role.ADMINISTRATOR),
}
"""Every other endpoint, by the name of its function. An unnamed one is closed to all. Some check more: a scripted drill
is led by its own leader.
"""


class RoleRequired(Forbidden):
    """Others may do this: everybody from this minimum role on; without one, whoever leads the drill."""

    def __init__(self, minimum_role: Role | None = None) -> None:
        super().__init__()
        self.minimum_role = minimum_role


def is_allowed(role: str, endpoint: str) -> bool:
    """Whether this role may use the endpoint."""
    minimum_role = MINIMUM_ROLES.get(endpoint)
    return minimum_role is not None and has_at_least(role, minimum_role)


def require_role(role: str, minimum_role: Role) -> None:
    """Refuses accounts without this role's rights. Raises RoleRequired."""
    if not has_at_least(role, minimum_role):
        raise RoleRequired(minimum_role)


def has_at_least(role: str, minimum_role: Role) -> bool:
    """Whether a role has this one's rights too. An unknown role has none."""
    return role in list(Role) and RANKS.index(Role(role)) >= RANKS.index(minimum_role)
