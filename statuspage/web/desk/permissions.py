"""Permissions on the desk: the minimum role for each endpoint."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.exceptions import Forbidden

from statuspage.usecases.accounts import RANKS, Role

OPEN_TO_ALL = (
    "sign_in.show_sign_in",
    "sign_in.submit_password",
    "sign_in.show_link",
    "sign_in.use_link",
    "provider_sign_in.leave_for_provider",
    "provider_sign_in.come_back",
    "emergency_links.show_code_form",
    "emergency_links.use_code",
    "sign_in.set_language",
    "second_step.show_second_step",
    "second_step.submit_second_step",
    "fact_answers.show_questions",
    "fact_answers.submit_answer",
    "fact_answers.live_banner",
)
"""Endpoints open without sign-in."""

UNAUTHENTICATED = (
    "static",
    "stylesheet.send_stylesheet",
    "monitoring.health",
    "monitoring.liveness",
    "monitoring.readiness",
    "monitoring.metrics",
)
"""Endpoints that work without an account, also while the accounts database cannot be read."""

INTAKE_ENDPOINTS = ("intake.receive_webhook", "intake.receive_test", "intake.receive_heartbeat")
"""Endpoints for monitors, which check the monitor's secret."""

LEFT_OUT_MAY = (
    "sign_in.sign_out",
    "sign_in.set_language",
    "drills.live_banner",
)
"""Endpoints for those who are left out of the running drill: to leave, and to see what is real."""

SETUP_MAY = (
    *OPEN_TO_ALL,
    "sign_in.sign_out",
    "second_factor.show_factors",
    "second_factor.change_factors",
    "second_factor.show_app_setup",
    "second_factor.set_up_app",
)
"""Endpoints for those who must set up a second factor before anything else."""

_VIEWER = """
home.show_home
alerts.show_alert
incident_lists.show_incidents incident_lists.export_incidents incident_lists.show_maintenance
settings.show_settings
components.show_components
incidents.show_incident
approvals.show_approval
receipts.show_receipts
email_preview.show_email
sign_in.sign_out
api_tokens.show_tokens api_tokens.act_on_tokens
accounts.show_own_sessions accounts.end_own_session accounts.set_own_password
provider_sign_in.connect_account
second_factor.show_factors second_factor.change_factors second_factor.show_app_setup second_factor.set_up_app
keyboard_help.show_keyboard_help
channel_settings.show_channels
drills.show_drills drills.live_banner
drill_inbox.show_inbox drill_inbox.newest_banner
sandbox.show_sandbox
drill_setup.calendar
action_items.show_items
figures.show_figures figures.download
retrospectives.show_retrospective retrospectives.download
incident_reports.show_reports incident_reports.show_report incident_reports.download
scorecard.show_scorecard scorecard.show_trend scorecard.download
leader_console.show_console leader_console.download_injects
drill_notes.show_notes drill_notes.add_note
scorecard.evaluate_objective
"""

_REPORTER = """
alerts.act_on_alert alerts.act_on_alerts alerts.tick_check test_alerts.remove_test
alert_groups.group_or_ungroup
home.resume_channel home.record_call
incidents.add_note incidents.note_colleagues_told incidents.tell_colleagues_now incidents.tick_check incidents.reopen
incidents.close
notice_form.show_first_report notice_form.submit_first_report notice_form.show_maintenance
notice_form.submit_maintenance notice_form.show_notice notice_form.submit_notice
receipts.act_on_delivery
action_items.add action_items.change
incident_reports.begin incident_reports.change
retrospectives.write_note retrospectives.write_event retrospectives.choose_causes retrospectives.set_state
fact_requests.ask fact_requests.remind_or_end
approvals.decide
drills.start_drill drills.end_drill drills.suspend_drill drills.hand_over_lead
leader_console.act_on_drill
drill_setup.cancel_drill
scorecard.add_action scorecard.grade_objective scorecard.mark_inject
"""

_LEAD = """
incident_reports.approve
home.release_send_hold subscribers.show_subscribers subscribers.act_on_list
service_settings.show_services service_settings.change_services
service_settings.show_service service_settings.change_service
customer_group_settings.show_group customer_group_settings.change_group
word_settings.show_words
language_settings.show_languages language_settings.change_languages
language_settings.record_reading language_settings.download_sheet
word_settings.show_sentence word_settings.change_sentence
setting_changes.show_changes setting_changes.undo_change
channel_settings.choose_type channel_settings.show_new channel_settings.add_channel
channel_settings.show_channel channel_settings.change_channel
channel_settings.show_staff_channel channel_settings.change_staff_channel
monitor_settings.show_monitors monitor_settings.show_monitor monitor_settings.act_on_monitor
page_settings.show_page page_settings.change_page
on_call_settings.show_on_call on_call_settings.change_steps on_call_settings.call
roster_settings.show_new_roster roster_settings.keep_new_roster
roster_settings.show_roster roster_settings.keep_roster
json_mappings.show_new json_mappings.keep_new json_mappings.show_mapping json_mappings.keep_mapping
"""

_ADMINISTRATOR = """
alert_groups.decide_topic monitor_settings.show_secret monitor_settings.change_secret monitors.end_heartbeat
redaction.show_redaction redaction.submit_redaction
account_settings.show_accounts account_settings.invite account_settings.change_account
emergency_link_settings.show_emergency_links emergency_link_settings.make_emergency_links
emergency_link_settings.revoke_emergency_link
security_settings.show_security security_settings.sign_out_everybody security_settings.set_requirement
audit_log.show_log audit_log.export audit_log.show_refusals
retention_settings.show_retention retention_settings.change_retention
"""

MINIMUM_ROLES: Mapping[str, Role] = {
    **dict.fromkeys(_VIEWER.split(), Role.VIEWER),
    **dict.fromkeys(_REPORTER.split(), Role.REPORTER),
    **dict.fromkeys(_LEAD.split(), Role.LEAD),
    **dict.fromkeys(_ADMINISTRATOR.split(), Role.ADMINISTRATOR),
}
"""Every other endpoint, by the name of its function. One that is not listed is closed to all. Some check more: a
scripted drill is controlled by its own leader."""


class RoleRequired(Forbidden):
    """The action needs at least ``minimum_role``; without one, it is for whoever leads the drill."""

    def __init__(self, minimum_role: Role | None = None) -> None:
        super().__init__()
        self.minimum_role = minimum_role


class LeftOut(Forbidden):
    """The account is left out of the running drill, which ``leader`` leads."""

    def __init__(self, leader: str) -> None:
        super().__init__()
        self.leader = leader


def is_allowed(role: str, endpoint: str) -> bool:
    """Whether this role may use the endpoint."""
    minimum_role = MINIMUM_ROLES.get(endpoint)
    return minimum_role is not None and has_at_least(role, minimum_role)


def require_role(role: str, minimum_role: Role) -> None:
    """Refuses roles without the rights of ``minimum_role``. Raises RoleRequired."""
    if not has_at_least(role, minimum_role):
        raise RoleRequired(minimum_role)


def has_at_least(role: str, minimum_role: Role) -> bool:
    """Whether a role includes the rights of ``minimum_role``. An unknown role has none."""
    return role in list(Role) and RANKS.index(Role(role)) >= RANKS.index(minimum_role)
