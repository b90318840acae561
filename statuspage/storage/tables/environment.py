"""The connected tables of the environment database, in SQLAlchemy Core. Change them with a migration."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    true,
)

from statuspage.storage.tables.metadata import Instant, environment

incident = Table(
    "incident",
    environment,
    Column("id", String(32), primary_key=True),
    Column("opened_at", Instant, nullable=False),
    Column("t0", Instant, nullable=False),
    Column("t0_source", String(8), nullable=False),
    # The following columns are derived from the entries and kept in the same transaction, so that no query grows with
    # history.
    Column("sequence", Integer, nullable=False),  # of the newest entry
    Column("latest_notice", Integer, nullable=False),  # of the newest notice, 0 if nothing is public
    Column("first_notice_at", Instant),  # when the first notice was recorded, which decides its month
    Column("last_notice_at", Instant),  # when the newest notice was recorded
    Column("is_over", Boolean(name="is_over"), nullable=False),
    Column("maintenance_start", Instant),  # when planned work begins; NULL for incidents
    Column("has_open_questions", Boolean(name="has_open_questions"), nullable=False),  # over, and told as being checked
    Index("ix_incident_is_over_opened_at", "is_over", "opened_at"),
    Index("ix_incident_opened_at", "opened_at"),
    Index("ix_incident_has_open_questions", "has_open_questions"),
    Index("ix_incident_first_notice_at", "first_notice_at"),
    Index("ix_incident_last_notice_at", "last_notice_at"),
    Index("ix_incident_maintenance_start_first_notice_at", "maintenance_start", "first_notice_at"),
)

entry = Table(
    "entry",
    environment,
    Column("incident", ForeignKey("incident.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("type", String(8), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("happened", Instant, nullable=False),
    Column("recorded", Instant, nullable=False),
    Column("key", String(128), unique=True),  # of a notice; empty keys are NULL
    Column("body", JSON, nullable=False),
    Column("media", JSON(none_as_null=True)),  # a notice's texts for all media but the site's own, by language
    Index("ix_entry_type_recorded", "type", "recorded"),
)

IMMUTABLE_COLUMNS = tuple(column.name for column in entry.columns if column.name not in ("body", "media"))
"""The columns of an entry that never change, not even in a redaction."""

# The states of an incident's services, also derived from the entries: the history is read without reading timelines.
state_period = Table(
    "state_period",
    environment,
    Column("incident", ForeignKey("incident.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("service", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_state_period_ended_at", "ended_at"),
    Index("ix_state_period_service_started_at", "service", "started_at"),
)

# What the list of incidents shows, filters and searches, derived from the entries. ``search_text`` is normalised.
incident_record = Table(
    "incident_record",
    environment,
    Column("incident", ForeignKey("incident.id"), primary_key=True),
    Column("headlines", JSON, nullable=False),  # by language
    Column("impacts", JSON, nullable=False),  # services with their worst state, once all is over
    Column("state", String(16), nullable=False),  # the worst of any service
    Column("incident_type", String(64), nullable=False),
    Column("cause", String(64), nullable=False),
    Column("duration_seconds", Integer),
    Column("notice_seconds", Integer),  # until customers could read the first valid notice
    Column("promises_made", Integer, nullable=False),
    Column("promises_kept", Integer, nullable=False),
    Column("corrections", Integer, nullable=False),
    Column("has_postmortem", Boolean(name="has_postmortem"), nullable=False),
    Column("is_withdrawn", Boolean(name="is_withdrawn"), nullable=False),
    Column("report_by", Date),  # the day until which a postmortem is promised and not yet published
    Column("search_text", Text, nullable=False),
    Index("ix_incident_record_cause", "cause"),
    Index("ix_incident_record_duration_seconds", "duration_seconds"),
    Index("ix_incident_record_notice_seconds", "notice_seconds"),
    Index("ix_incident_record_report_by", "report_by"),
)

# The services that an incident's notices have ever named, for the feed of each service. One that only withdrawn or
# corrected notices named was not affected.
affected_service = Table(
    "affected_service",
    environment,
    Column("incident", ForeignKey("incident.id"), primary_key=True),
    Column("service", String(64), primary_key=True),
    Column("last_notice_at", Instant, nullable=False),  # same as in the incident
    Column("is_affected", Boolean(name="is_affected"), nullable=False),
    Column("was_affected", Boolean(name="was_affected"), nullable=False),
    Index("ix_affected_service_service_last_notice_at", "service", "last_notice_at"),
)

draft = Table(
    "draft",
    environment,
    Column("owner", String(32), primary_key=True),  # an alert or an incident
    Column("account_id", String(128), primary_key=True),
    Column("form", JSON, nullable=False),
    Column("at", Instant, nullable=False),
)

site = Table(
    "site",
    environment,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("fence", Integer, nullable=False),
    Column("held_since", Instant),  # since when sending is stopped
    CheckConstraint("id = 1", name="one"),
)

drill = Table(
    "drill",
    environment,
    Column("id", String(32), primary_key=True),
    Column("title", Text, nullable=False),
    Column("leader", String(128), nullable=False),
    Column("goal_seconds", Integer, nullable=False),
    Column("started", Instant, nullable=False),
    Column("ended", Instant),
    Column("alert", String(32), nullable=False),
    Column("note", JSON, nullable=False),
    Column("scenario", String(64), nullable=False, server_default=""),  # its id in the content; "": none
    Column("language", String(16), nullable=False, server_default=""),  # the language of its alerts
    Column("is_announced", Boolean(name="is_announced"), nullable=False, server_default=true()),
    Column("window_from", Instant),  # of a drill with a secret start: the window
    Column("window_to", Instant),
    Column("ends_at", Instant),  # when it ends automatically; moved by pauses
    Column("paused_since", Instant),  # when the current pause began
    Column("roles", JSON, nullable=False, server_default="{}"),  # role: names
    Column("excluded_people", JSON, nullable=False, server_default="[]"),  # names
    Index("ix_drill_started", "started"),
)

# The script as it was when the drill began, and the state of each inject.
inject = Table(
    "inject",
    environment,
    Column("drill", ForeignKey("drill.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", JSON, nullable=False),  # the inject, see domain.drill_scenario.Inject
    Column("state", String(16), nullable=False),  # planned, fired, skipped
    Column("planned_at", Instant),  # NULL: by hand, or after a stage; moved by pauses
    Column("settled_at", Instant),  # when it was fired or skipped
    Column("actor", String(128), nullable=False),  # "": automatically
    Column("alert", String(32), nullable=False),  # the alert it fired
    Column("delay_seconds", Integer, nullable=False, server_default="0"),  # seconds by which pauses have moved it
)

# What the leader and observers noted, and what was said after the end.
observation = Table(
    "observation",
    environment,
    Column("drill", ForeignKey("drill.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("text", Text, nullable=False),
)

pause = Table(
    "pause",
    environment,
    Column("drill", ForeignKey("drill.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

# Scheduled drills. ``begins`` is the time chosen by the program within the window.
scheduled_drill = Table(
    "scheduled_drill",
    environment,
    Column("id", String(32), primary_key=True),
    Column("series_id", String(32), nullable=False),  # the id of the first of a series; its own if it is alone
    Column("scenario", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("leader", String(128), nullable=False),
    Column("language", String(16), nullable=False),
    Column("goal_seconds", Integer),
    Column("is_announced", Boolean(name="is_announced"), nullable=False),
    Column("window_from", Instant, nullable=False),
    Column("window_to", Instant, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("excluded_people", JSON, nullable=False),
    Column("state", String(16), nullable=False),  # planned, started, cancelled, missed
    Column("drill_id", String(32), nullable=False),  # the drill that was started
    Column("is_tabletop", Boolean(name="is_tabletop"), nullable=False),
    Index("ix_scheduled_drill_state_starts_at", "state", "starts_at"),
)

# When each worker was last active.
worker_heartbeat = Table(
    "worker_heartbeat",
    environment,
    Column("worker", String(64), primary_key=True),
    Column("last_seen", Instant, nullable=False),
    Column("channels", Text, nullable=False),  # the ids of those it can send to, separated by spaces
)

# Each redaction of published words. ``sealed`` is 0 only inside the transaction of the redaction: the foreign key to
# site 0, which does not exist, is checked when it commits.
redaction = Table(
    "redaction",
    environment,
    Column("id", Integer, primary_key=True),
    Column("incident", ForeignKey("incident.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("replacements", Integer, nullable=False),
    Column("external_deliveries", JSON, nullable=False),  # the deliveries whose messages are held by others
    Column("sealed", ForeignKey("site.id", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("finished_at", Instant),  # when the site and the files were clean
    Index("ix_redaction_incident", "incident"),
    Index("ix_redaction_finished_at", "finished_at"),
)

BEING_REDACTED = "EXISTS (SELECT 1 FROM redaction WHERE incident = OLD.incident AND sealed = 0)"
"""The condition on an entry (OLD) that is true only inside the transaction that redacts its incident."""

IMMUTABLE_REDACTION_COLUMNS = tuple(column.name for column in redaction.columns if column.name != "finished_at")
"""The columns of a redaction that never change once its transaction is over."""
