"""The tables of an environment's database: alerts, incidents, drafts, deliveries, drills, staff notifications."""

import sqlalchemy as sa
from alembic import op

from statuspage.storage.engine import DIALECTS

revision = "environment0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Creates the tables."""
    _api_request()
    _call_attempt()
    _channel_health()
    _draft()
    _drill()
    _incident()
    _intake_count()
    _monitor_heartbeat()
    _received_message()
    _scheduled_drill()
    _site()
    _test_alert()
    _topic()
    _worker_heartbeat()
    _affected_service()
    _alert()
    _delivery()
    _entry()
    _incident_record()
    _inject()
    _observation()
    _pause()
    _redaction()
    _retrospective()
    _incident_report()
    _state_period()
    _alert_step()
    _alert_tick()
    _escalation()
    _staff_notification()
    op.bulk_insert(sa.table("site", sa.column("id"), sa.column("fence")), [{"id": 1, "fence": 0}])
    dialect = DIALECTS[op.get_bind().dialect.name]
    for statement in (*dialect.APPEND_ONLY, *dialect.NOTIFY_TRIGGERS):
        op.execute(statement)


def _api_request() -> None:
    op.create_table(
        "api_request",
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("incident", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("token", "key", name=op.f("pk_api_request")),
    )
    op.create_index("ix_api_request_claimed_at", "api_request", ["claimed_at"])
    op.create_index("ix_api_request_incident", "api_request", ["incident"])


def _call_attempt() -> None:
    op.create_table(
        "call_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("person", sa.String(128), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("was_reached", sa.Boolean(name="was_reached"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_attempt")),
    )
    op.create_index("ix_call_attempt_at", "call_attempt", ["at"])


def _channel_health() -> None:
    op.create_table(
        "channel_health",
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", INSTANT, nullable=True),
        sa.Column("closed_until", INSTANT, nullable=True),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_health")),
    )


def _draft() -> None:
    op.create_table(
        "draft",
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(128), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("owner", "account_id", name=op.f("pk_draft")),
    )


def _drill() -> None:
    op.create_table(
        "drill",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("leader", sa.String(128), nullable=False),
        sa.Column("goal_seconds", sa.Integer(), nullable=False),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("ended", INSTANT, nullable=True),
        sa.Column("alert", sa.String(32), nullable=False),
        sa.Column("note", sa.JSON(), nullable=False),
        sa.Column("scenario", sa.String(64), server_default="", nullable=False),
        sa.Column("language", sa.String(16), server_default="", nullable=False),
        sa.Column("is_announced", sa.Boolean(name="is_announced"), server_default=sa.true(), nullable=False),
        sa.Column("window_from", INSTANT, nullable=True),
        sa.Column("window_to", INSTANT, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("paused_since", INSTANT, nullable=True),
        sa.Column("roles", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("excluded_people", sa.JSON(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
    )
    op.create_index("ix_drill_started", "drill", ["started"])


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("t0", INSTANT, nullable=False),
        sa.Column("t0_source", sa.String(8), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("latest_notice", sa.Integer(), nullable=False),
        sa.Column("first_notice_at", INSTANT, nullable=True),
        sa.Column("last_notice_at", INSTANT, nullable=True),
        sa.Column("is_over", sa.Boolean(name="is_over"), nullable=False),
        sa.Column("maintenance_start", INSTANT, nullable=True),
        sa.Column("has_open_questions", sa.Boolean(name="has_open_questions"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_first_notice_at", "incident", ["first_notice_at"])
    op.create_index("ix_incident_has_open_questions", "incident", ["has_open_questions"])
    op.create_index("ix_incident_is_over_opened_at", "incident", ["is_over", "opened_at"])
    op.create_index("ix_incident_last_notice_at", "incident", ["last_notice_at"])
    op.create_index("ix_incident_opened_at", "incident", ["opened_at"])
    op.create_index(
        "ix_incident_maintenance_start_first_notice_at", "incident", ["maintenance_start", "first_notice_at"]
    )


def _intake_count() -> None:
    op.create_table(
        "intake_count",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("source", "outcome", name=op.f("pk_intake_count")),
    )


def _monitor_heartbeat() -> None:
    op.create_table(
        "monitor_heartbeat",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", "name", name=op.f("pk_monitor_heartbeat")),
    )


def _received_message() -> None:
    op.create_table(
        "received_message",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("message_key", sa.String(128), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", "message_key", name=op.f("pk_received_message")),
    )
    op.create_index("ix_received_message_received_at", "received_message", ["received_at"])


def _scheduled_drill() -> None:
    op.create_table(
        "scheduled_drill",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("series_id", sa.String(32), nullable=False),
        sa.Column("scenario", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("leader", sa.String(128), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("goal_seconds", sa.Integer(), nullable=True),
        sa.Column("is_announced", sa.Boolean(name="is_announced"), nullable=False),
        sa.Column("window_from", INSTANT, nullable=False),
        sa.Column("window_to", INSTANT, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("excluded_people", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("drill_id", sa.String(32), nullable=False),
        sa.Column("is_tabletop", sa.Boolean(name="is_tabletop"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_drill")),
    )
    op.create_index("ix_scheduled_drill_state_starts_at", "scheduled_drill", ["state", "starts_at"])


def _site() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("held_since", INSTANT, nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_site_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )


def _test_alert() -> None:
    op.create_table(
        "test_alert",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("monitor_alert", sa.JSON(), nullable=False),
        sa.Column("proposal", sa.JSON(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_alert")),
    )


def _topic() -> None:
    op.create_table(
        "topic",
        sa.Column("arn", sa.String(400), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("arn", name=op.f("pk_topic")),
    )


def _worker_heartbeat() -> None:
    op.create_table(
        "worker_heartbeat",
        sa.Column("worker", sa.String(64), nullable=False),
        sa.Column("last_seen", INSTANT, nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_worker_heartbeat")),
    )


def _affected_service() -> None:
    op.create_table(
        "affected_service",
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("last_notice_at", INSTANT, nullable=False),
        sa.Column("is_affected", sa.Boolean(name="is_affected"), nullable=False),
        sa.Column("was_affected", sa.Boolean(name="was_affected"), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_affected_service_incident")),
        sa.PrimaryKeyConstraint("incident", "service", name=op.f("pk_affected_service")),
    )
    op.create_index("ix_affected_service_service_last_notice_at", "affected_service", ["service", "last_notice_at"])


def _alert() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("identity", sa.String(512), nullable=False),
        sa.Column("fired_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("monitor_alert", sa.JSON(), nullable=False),
        sa.Column("proposal", sa.JSON(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("incident", sa.String(32), nullable=True),
        sa.Column("redacted_at", INSTANT, nullable=True),
        sa.Column("group_lead", sa.String(32), nullable=True),
        sa.Column("last_grouped_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_alert_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("source", "identity", "fired_at", name=op.f("uq_alert_source_identity_fired_at")),
    )
    is_grouped = sa.text("group_lead IS NOT NULL")
    op.create_index(
        "ix_alert_group_lead", "alert", ["group_lead"], sqlite_where=is_grouped, postgresql_where=is_grouped
    )
    op.create_index("ix_alert_incident", "alert", ["incident"])
    op.create_index("ix_alert_received_at", "alert", ["received_at"])
    op.create_index("ix_alert_state_received_at", "alert", ["state", "received_at"])


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("retry_at", INSTANT, nullable=True),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("maybe_sent", sa.Boolean(name="maybe_sent"), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_delivery_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "incident", "sequence", "channel", "language", name=op.f("uq_delivery_incident_sequence_channel_language")
        ),
    )
    op.create_index(
        "ix_delivery_incident_channel_language_sequence", "delivery", ["incident", "channel", "language", "sequence"]
    )
    op.create_index("ix_delivery_status_retry_at", "delivery", ["status", "retry_at"])


def _entry() -> None:
    op.create_table(
        "entry",
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("happened", INSTANT, nullable=False),
        sa.Column("recorded", INSTANT, nullable=False),
        sa.Column("key", sa.String(128), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("media", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_entry_incident")),
        sa.PrimaryKeyConstraint("incident", "sequence", name=op.f("pk_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_entry_key")),
    )
    op.create_index("ix_entry_type_recorded", "entry", ["type", "recorded"])


def _incident_record() -> None:
    op.create_table(
        "incident_record",
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("headlines", sa.JSON(), nullable=False),
        sa.Column("impacts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("incident_type", sa.String(64), nullable=False),
        sa.Column("cause", sa.String(64), nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.Column("notice_seconds", sa.Integer(), nullable=True),
        sa.Column("promises_made", sa.Integer(), nullable=False),
        sa.Column("promises_kept", sa.Integer(), nullable=False),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("has_postmortem", sa.Boolean(name="has_postmortem"), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(name="is_withdrawn"), nullable=False),
        sa.Column("report_by", sa.Date(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_incident_record_incident")),
        sa.PrimaryKeyConstraint("incident", name=op.f("pk_incident_record")),
    )
    op.create_index("ix_incident_record_cause", "incident_record", ["cause"])
    op.create_index("ix_incident_record_duration_seconds", "incident_record", ["duration_seconds"])
    op.create_index("ix_incident_record_notice_seconds", "incident_record", ["notice_seconds"])
    op.create_index("ix_incident_record_report_by", "incident_record", ["report_by"])


def _inject() -> None:
    op.create_table(
        "inject",
        sa.Column("drill", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("planned_at", INSTANT, nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("alert", sa.String(32), nullable=False),
        sa.Column("delay_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["drill"], ["drill.id"], name=op.f("fk_inject_drill")),
        sa.PrimaryKeyConstraint("drill", "number", name=op.f("pk_inject")),
    )


def _observation() -> None:
    op.create_table(
        "observation",
        sa.Column("drill", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["drill"], ["drill.id"], name=op.f("fk_observation_drill")),
        sa.PrimaryKeyConstraint("drill", "number", name=op.f("pk_observation")),
    )


def _pause() -> None:
    op.create_table(
        "pause",
        sa.Column("drill", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["drill"], ["drill.id"], name=op.f("fk_pause_drill")),
        sa.PrimaryKeyConstraint("drill", "number", name=op.f("pk_pause")),
    )


def _redaction() -> None:
    op.create_table(
        "redaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replacements", sa.Integer(), nullable=False),
        sa.Column("external_deliveries", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.Integer(), nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_redaction_incident")),
        sa.ForeignKeyConstraint(
            ["sealed"], ["site.id"], name=op.f("fk_redaction_sealed"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redaction")),
    )
    op.create_index("ix_redaction_finished_at", "redaction", ["finished_at"])
    op.create_index("ix_redaction_incident", "redaction", ["incident"])


def _retrospective() -> None:
    op.create_table(
        "retrospective",
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("causes", sa.JSON(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_retrospective")),
    )
    op.create_table(
        "retrospective_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("section", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject"], ["retrospective.subject"], name=op.f("fk_retrospective_note_retrospective")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retrospective_note")),
    )
    op.create_index("ix_retrospective_note_subject", "retrospective_note", ["subject"])
    op.create_table(
        "retrospective_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("happened", INSTANT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["subject"], ["retrospective.subject"], name=op.f("fk_retrospective_event_retrospective")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retrospective_event")),
    )
    op.create_index("ix_retrospective_event_subject", "retrospective_event", ["subject"])


def _incident_report() -> None:
    op.create_table(
        "incident_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_incident_report_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_report")),
    )
    op.create_index("ix_incident_report_incident", "incident_report", ["incident"])
    op.create_table(
        "incident_report_version",
        sa.Column("report", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("approved_at", INSTANT, nullable=True),
        sa.Column("approved_by", sa.String(128), nullable=False),
        sa.ForeignKeyConstraint(
            ["report"], ["incident_report.id"], name=op.f("fk_incident_report_version_incident_report")
        ),
        sa.PrimaryKeyConstraint("report", "version", name=op.f("pk_incident_report_version")),
    )


def _state_period() -> None:
    op.create_table(
        "state_period",
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_state_period_incident")),
        sa.PrimaryKeyConstraint("incident", "number", name=op.f("pk_state_period")),
    )
    op.create_index("ix_state_period_ended_at", "state_period", ["ended_at"])
    op.create_index("ix_state_period_service_started_at", "state_period", ["service", "started_at"])


def _alert_step() -> None:
    op.create_table(
        "alert_step",
        sa.Column("alert", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"], name=op.f("fk_alert_step_alert")),
        sa.PrimaryKeyConstraint("alert", "number", name=op.f("pk_alert_step")),
    )


def _alert_tick() -> None:
    op.create_table(
        "alert_tick",
        sa.Column("alert", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(name="done"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"], name=op.f("fk_alert_tick_alert")),
        sa.PrimaryKeyConstraint("alert", "number", name=op.f("pk_alert_tick")),
    )


def _escalation() -> None:
    op.create_table(
        "escalation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert", sa.String(32), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"], name=op.f("fk_escalation_alert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index("ix_escalation_ended_at", "escalation", ["ended_at"])


def _staff_notification() -> None:
    op.create_table(
        "staff_notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("trigger", sa.String(24), nullable=False),
        sa.Column("escalation", sa.Integer(), nullable=True),
        sa.Column("alert", sa.String(32), nullable=True),
        sa.Column("incident", sa.String(32), nullable=True),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("retry_at", INSTANT, nullable=True),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("maybe_sent", sa.Boolean(name="maybe_sent"), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"], name=op.f("fk_staff_notification_alert")),
        sa.ForeignKeyConstraint(["escalation"], ["escalation.id"], name=op.f("fk_staff_notification_escalation")),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_staff_notification_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notification")),
        sa.UniqueConstraint("key", name=op.f("uq_staff_notification_key")),
    )
    op.create_index("ix_staff_notification_alert", "staff_notification", ["alert"])
    op.create_index("ix_staff_notification_escalation", "staff_notification", ["escalation"])
    op.create_index("ix_staff_notification_incident", "staff_notification", ["incident"])
    op.create_index("ix_staff_notification_status_retry_at", "staff_notification", ["status", "retry_at"])
