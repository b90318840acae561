"""Who may do what on the desk: the least role that each address asks for."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.exceptions import Forbidden

from statuspage.usecases.accounts import RANKS, Role

OPEN_TO_ALL = (
    "sign_in.show_sign_in", "sign_in.enter", "sign_in.link", "sign_in.use_link", "sign_in.language",
    "answering.show_questions", "answering.send", "answering.real",
)  # fmt: skip
"""What may be asked for by somebody who is not signed in."""

UNAUTHENTICATED = ("static", "watched.health", "watched.metrics")
"""What concerns nobody's account: answered also while the accounts cannot be read."""

INTAKE_ENDPOINTS = ("intake.alerts",)
"""What monitors ask for; their secret is looked at where they come in."""

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
"""Every other address, by the name of its function. What is not named here nobody may ask for. Some look closer still:
a drill with a script is led by its own leader."""


class RoleRequired(Forbidden):
    """Somebody else may do this: everybody from the role ``least`` on; without one, whoever leads the drill."""

    def __init__(self, minimum_role: Role | None = None) -> None:
        super().__init__()
        self.minimum_role = minimum_role


def is_allowed(role: str, endpoint: str) -> bool:
    """Whether somebody of this role may ask for it."""
    minimum_role = MINIMUM_ROLES.get(endpoint)
    return minimum_role is not None and has_at_least(role, minimum_role)


def require_role(role: str, minimum_role: Role) -> None:
    """Refuses whoever has not this role's rights. Raises NotYours."""
    if not has_at_least(role, minimum_role):
        raise RoleRequired(minimum_role)


def has_at_least(role: str, minimum_role: Role) -> bool:
    """Whether a role has this one's rights too. A role nobody knows has none."""
    return role in list(Role) and RANKS.index(Role(role)) >= RANKS.index(minimum_role)
