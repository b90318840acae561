CREATE TABLE affected_service (
	incident VARCHAR(32) NOT NULL, 
	service VARCHAR(64) NOT NULL, 
	last_notice_at DATETIME NOT NULL, 
	is_affected BOOLEAN NOT NULL, 
	was_affected BOOLEAN NOT NULL, 
	CONSTRAINT pk_affected_service PRIMARY KEY (incident, service), 
	CONSTRAINT fk_affected_service_incident FOREIGN KEY(incident) REFERENCES incident (id)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE alert (
	id VARCHAR(32) NOT NULL, 
	source VARCHAR(64) NOT NULL, 
	identity VARCHAR(512) NOT NULL, 
	fired_at DATETIME NOT NULL, 
	ends_at DATETIME, 
	monitor_alert JSON NOT NULL, 
	proposal JSON NOT NULL, 
	received_at DATETIME NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	incident VARCHAR(32), 
	redacted_at DATETIME, 
	group_lead VARCHAR(32), 
	last_grouped_at DATETIME, 
	CONSTRAINT pk_alert PRIMARY KEY (id), 
	CONSTRAINT fk_alert_incident FOREIGN KEY(incident) REFERENCES incident (id), 
	CONSTRAINT uq_alert_source_identity_fired_at UNIQUE (source, identity, fired_at)
);
CREATE TABLE alert_step (
	alert VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(128) NOT NULL, 
	CONSTRAINT pk_alert_step PRIMARY KEY (alert, number), 
	CONSTRAINT fk_alert_step_alert FOREIGN KEY(alert) REFERENCES alert (id)
);
CREATE TABLE alert_tick (
	alert VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	done BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(128) NOT NULL, 
	CONSTRAINT pk_alert_tick PRIMARY KEY (alert, number), 
	CONSTRAINT fk_alert_tick_alert FOREIGN KEY(alert) REFERENCES alert (id)
);
CREATE TABLE api_request (
	token VARCHAR(32) NOT NULL, 
	"key" VARCHAR(128) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	claimed_at DATETIME NOT NULL, 
	"plan" JSON NOT NULL, 
	status INTEGER NOT NULL, 
	headers JSON NOT NULL, 
	body TEXT NOT NULL, 
	incident VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_api_request PRIMARY KEY (token, "key")
);
CREATE TABLE call_attempt (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	person VARCHAR(128) NOT NULL, 
	actor VARCHAR(128) NOT NULL, 
	channel VARCHAR(64) NOT NULL, 
	was_reached BOOLEAN NOT NULL, 
	CONSTRAINT pk_call_attempt PRIMARY KEY (id)
);
CREATE TABLE channel_health (
	channel VARCHAR(64) NOT NULL, 
	failures INTEGER NOT NULL, 
	last_failure_at DATETIME, 
	closed_until DATETIME, 
	failing_since DATETIME, 
	reason VARCHAR(32) NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_channel_health PRIMARY KEY (channel)
);
CREATE TABLE delivery (
	id INTEGER NOT NULL, 
	incident VARCHAR(32) NOT NULL, 
	sequence INTEGER NOT NULL, 
	channel VARCHAR(64) NOT NULL, 
	language VARCHAR(16) NOT NULL, 
	payload JSON NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	reason VARCHAR(32) NOT NULL, 
	detail TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	queued_at DATETIME NOT NULL, 
	retry_at DATETIME, 
	started_at DATETIME, 
	finished_at DATETIME, 
	owner VARCHAR(64) NOT NULL, 
	maybe_sent BOOLEAN NOT NULL, 
	receipt JSON NOT NULL, 
	CONSTRAINT pk_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_delivery_incident FOREIGN KEY(incident) REFERENCES incident (id), 
	CONSTRAINT uq_delivery_incident_sequence_channel_language UNIQUE (incident, sequence, channel, language)
);
CREATE TABLE draft (
	owner VARCHAR(32) NOT NULL, 
	account_id VARCHAR(128) NOT NULL, 
	form JSON NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_draft PRIMARY KEY (owner, account_id)
);
CREATE TABLE drill (
	id VARCHAR(32) NOT NULL, 
	title TEXT NOT NULL, 
	leader VARCHAR(128) NOT NULL, 
	goal_seconds INTEGER NOT NULL, 
	started DATETIME NOT NULL, 
	ended DATETIME, 
	alert VARCHAR(32) NOT NULL, 
	note JSON NOT NULL, 
	scenario VARCHAR(64) DEFAULT '' NOT NULL, 
	language VARCHAR(16) DEFAULT '' NOT NULL, 
	is_announced BOOLEAN DEFAULT 1 NOT NULL, 
	window_from DATETIME, 
	window_to DATETIME, 
	ends_at DATETIME, 
	paused_since DATETIME, 
	roles JSON DEFAULT '{}' NOT NULL, 
	excluded_people JSON DEFAULT '[]' NOT NULL, 
	CONSTRAINT pk_drill PRIMARY KEY (id)
);
CREATE TABLE entry (
	incident VARCHAR(32) NOT NULL, 
	sequence INTEGER NOT NULL, 
	type VARCHAR(8) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	happened DATETIME NOT NULL, 
	recorded DATETIME NOT NULL, 
	"key" VARCHAR(128), 
	body JSON NOT NULL, 
	media JSON, 
	CONSTRAINT pk_entry PRIMARY KEY (incident, sequence), 
	CONSTRAINT fk_entry_incident FOREIGN KEY(incident) REFERENCES incident (id), 
	CONSTRAINT uq_entry_key UNIQUE ("key")
);
CREATE TABLE escalation (
	id INTEGER NOT NULL, 
	alert VARCHAR(32) NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	actor VARCHAR(128) NOT NULL, 
	CONSTRAINT pk_escalation PRIMARY KEY (id), 
	CONSTRAINT fk_escalation_alert FOREIGN KEY(alert) REFERENCES alert (id)
);
CREATE TABLE incident (
	id VARCHAR(32) NOT NULL, 
	opened_at DATETIME NOT NULL, 
	t0 DATETIME NOT NULL, 
	t0_source VARCHAR(8) NOT NULL, 
	sequence INTEGER NOT NULL, 
	latest_notice INTEGER NOT NULL, 
	first_notice_at DATETIME, 
	last_notice_at DATETIME, 
	is_over BOOLEAN NOT NULL, 
	maintenance_start DATETIME, 
	has_open_questions BOOLEAN NOT NULL, 
	CONSTRAINT pk_incident PRIMARY KEY (id)
);
CREATE TABLE incident_record (
	incident VARCHAR(32) NOT NULL, 
	headlines JSON NOT NULL, 
	impacts JSON NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	incident_type VARCHAR(64) NOT NULL, 
	cause VARCHAR(64) NOT NULL, 
	duration_seconds INTEGER, 
	notice_seconds INTEGER, 
	promises_made INTEGER NOT NULL, 
	promises_kept INTEGER NOT NULL, 
	corrections INTEGER NOT NULL, 
	has_postmortem BOOLEAN NOT NULL, 
	is_withdrawn BOOLEAN NOT NULL, 
	report_by DATE, 
	search_text TEXT NOT NULL, 
	CONSTRAINT pk_incident_record PRIMARY KEY (incident), 
	CONSTRAINT fk_incident_record_incident FOREIGN KEY(incident) REFERENCES incident (id)
);
CREATE TABLE incident_report (
	id INTEGER NOT NULL, 
	incident VARCHAR(32) NOT NULL, 
	recipient TEXT NOT NULL, 
	services JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_incident_report PRIMARY KEY (id), 
	CONSTRAINT fk_incident_report_incident FOREIGN KEY(incident) REFERENCES incident (id)
);
CREATE TABLE incident_report_version (
	report INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	texts JSON NOT NULL, 
	changes INTEGER NOT NULL, 
	changed_at DATETIME NOT NULL, 
	changed_by VARCHAR(128) NOT NULL, 
	sequence INTEGER, 
	approved_at DATETIME, 
	approved_by VARCHAR(128) NOT NULL, 
	CONSTRAINT pk_incident_report_version PRIMARY KEY (report, version), 
	CONSTRAINT fk_incident_report_version_incident_report FOREIGN KEY(report) REFERENCES incident_report (id)
);
CREATE TABLE inject (
	drill VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	body JSON NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	planned_at DATETIME, 
	settled_at DATETIME, 
	actor VARCHAR(128) NOT NULL, 
	alert VARCHAR(32) NOT NULL, 
	delay_seconds INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_inject PRIMARY KEY (drill, number), 
	CONSTRAINT fk_inject_drill FOREIGN KEY(drill) REFERENCES drill (id)
);
CREATE TABLE intake_count (
	source VARCHAR(64) NOT NULL, 
	outcome VARCHAR(32) NOT NULL, 
	count INTEGER NOT NULL, 
	last_at DATETIME NOT NULL, 
	network VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_intake_count PRIMARY KEY (source, outcome)
);
CREATE TABLE monitor_heartbeat (
	source VARCHAR(64) NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	last_at DATETIME NOT NULL, 
	CONSTRAINT pk_monitor_heartbeat PRIMARY KEY (source, name)
);
CREATE TABLE observation (
	drill VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(128) NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_observation PRIMARY KEY (drill, number), 
	CONSTRAINT fk_observation_drill FOREIGN KEY(drill) REFERENCES drill (id)
);
CREATE TABLE pause (
	drill VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_pause PRIMARY KEY (drill, number), 
	CONSTRAINT fk_pause_drill FOREIGN KEY(drill) REFERENCES drill (id)
);
CREATE TABLE received_message (
	source VARCHAR(64) NOT NULL, 
	message_key VARCHAR(128) NOT NULL, 
	received_at DATETIME NOT NULL, 
	CONSTRAINT pk_received_message PRIMARY KEY (source, message_key)
);
CREATE TABLE redaction (
	id INTEGER NOT NULL, 
	incident VARCHAR(32) NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(128) NOT NULL, 
	reason TEXT NOT NULL, 
	replacements INTEGER NOT NULL, 
	external_deliveries JSON NOT NULL, 
	sealed INTEGER NOT NULL, 
	finished_at DATETIME, 
	CONSTRAINT pk_redaction PRIMARY KEY (id), 
	CONSTRAINT fk_redaction_incident FOREIGN KEY(incident) REFERENCES incident (id), 
	CONSTRAINT fk_redaction_sealed FOREIGN KEY(sealed) REFERENCES site (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE retrospective (
	subject VARCHAR(32) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	causes JSON NOT NULL, 
	changed_at DATETIME NOT NULL, 
	changed_by VARCHAR(128) NOT NULL, 
	CONSTRAINT pk_retrospective PRIMARY KEY (subject)
);
CREATE TABLE retrospective_event (
	id INTEGER NOT NULL, 
	subject VARCHAR(32) NOT NULL, 
	happened DATETIME NOT NULL, 
	text TEXT NOT NULL, 
	source TEXT NOT NULL, 
	author VARCHAR(128) NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	CONSTRAINT pk_retrospective_event PRIMARY KEY (id), 
	CONSTRAINT fk_retrospective_event_retrospective FOREIGN KEY(subject) REFERENCES retrospective (subject)
);
CREATE TABLE retrospective_note (
	id INTEGER NOT NULL, 
	subject VARCHAR(32) NOT NULL, 
	section VARCHAR(16) NOT NULL, 
	text TEXT NOT NULL, 
	author VARCHAR(128) NOT NULL, 
	created_at DATETIME NOT NULL, 
	changed_by VARCHAR(128) NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_retrospective_note PRIMARY KEY (id), 
	CONSTRAINT fk_retrospective_note_retrospective FOREIGN KEY(subject) REFERENCES retrospective (subject)
);
CREATE TABLE scheduled_drill (
	id VARCHAR(32) NOT NULL, 
	series_id VARCHAR(32) NOT NULL, 
	scenario VARCHAR(64) NOT NULL, 
	title TEXT NOT NULL, 
	leader VARCHAR(128) NOT NULL, 
	language VARCHAR(16) NOT NULL, 
	goal_seconds INTEGER, 
	is_announced BOOLEAN NOT NULL, 
	window_from DATETIME NOT NULL, 
	window_to DATETIME NOT NULL, 
	starts_at DATETIME NOT NULL, 
	roles JSON NOT NULL, 
	excluded_people JSON NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	drill_id VARCHAR(32) NOT NULL, 
	is_tabletop BOOLEAN NOT NULL, 
	CONSTRAINT pk_scheduled_drill PRIMARY KEY (id)
);
CREATE TABLE site (
	id INTEGER NOT NULL, 
	fence INTEGER NOT NULL, 
	held_since DATETIME, 
	CONSTRAINT pk_site PRIMARY KEY (id), 
	CONSTRAINT ck_site_one CHECK (id = 1)
);
CREATE TABLE staff_notification (
	id INTEGER NOT NULL, 
	"key" VARCHAR(128) NOT NULL, 
	"trigger" VARCHAR(24) NOT NULL, 
	escalation INTEGER, 
	alert VARCHAR(32), 
	incident VARCHAR(32), 
	channel VARCHAR(64) NOT NULL, 
	language VARCHAR(16) NOT NULL, 
	recipients JSON NOT NULL, 
	payload JSON NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	reason VARCHAR(32) NOT NULL, 
	detail TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	queued_at DATETIME NOT NULL, 
	retry_at DATETIME, 
	started_at DATETIME, 
	finished_at DATETIME, 
	owner VARCHAR(64) NOT NULL, 
	maybe_sent BOOLEAN NOT NULL, 
	receipt JSON NOT NULL, 
	CONSTRAINT pk_staff_notification PRIMARY KEY (id), 
	CONSTRAINT fk_staff_notification_alert FOREIGN KEY(alert) REFERENCES alert (id), 
	CONSTRAINT fk_staff_notification_escalation FOREIGN KEY(escalation) REFERENCES escalation (id), 
	CONSTRAINT fk_staff_notification_incident FOREIGN KEY(incident) REFERENCES incident (id), 
	CONSTRAINT uq_staff_notification_key UNIQUE ("key")
);
CREATE TABLE state_period (
	incident VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	service VARCHAR(64) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_state_period PRIMARY KEY (incident, number), 
	CONSTRAINT fk_state_period_incident FOREIGN KEY(incident) REFERENCES incident (id)
);
CREATE TABLE test_alert (
	id VARCHAR(32) NOT NULL, 
	source VARCHAR(64) NOT NULL, 
	monitor_alert JSON NOT NULL, 
	proposal JSON NOT NULL, 
	received_at DATETIME NOT NULL, 
	actor VARCHAR(128) NOT NULL, 
	CONSTRAINT pk_test_alert PRIMARY KEY (id)
);
CREATE TABLE topic (
	arn VARCHAR(400) NOT NULL, 
	token TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	requested_at DATETIME NOT NULL, 
	decided_at DATETIME, 
	actor VARCHAR(128) NOT NULL, 
	CONSTRAINT pk_topic PRIMARY KEY (arn)
);
CREATE TABLE worker_heartbeat (
	worker VARCHAR(64) NOT NULL, 
	last_seen DATETIME NOT NULL, 
	channels TEXT NOT NULL, 
	CONSTRAINT pk_worker_heartbeat PRIMARY KEY (worker)
);
CREATE INDEX ix_affected_service_service_last_notice_at ON affected_service (service, last_notice_at);
CREATE INDEX ix_alert_group_lead ON alert (group_lead) WHERE group_lead IS NOT NULL;
CREATE INDEX ix_alert_incident ON alert (incident);
CREATE INDEX ix_alert_received_at ON alert (received_at);
CREATE INDEX ix_alert_state_received_at ON alert (state, received_at);
CREATE INDEX ix_api_request_claimed_at ON api_request (claimed_at);
CREATE INDEX ix_api_request_incident ON api_request (incident);
CREATE INDEX ix_call_attempt_at ON call_attempt (at);
CREATE INDEX ix_delivery_incident_channel_language_sequence ON delivery (incident, channel, language, sequence);
CREATE INDEX ix_delivery_status_retry_at ON delivery (status, retry_at);
CREATE INDEX ix_drill_started ON drill (started);
CREATE INDEX ix_entry_type_recorded ON entry (type, recorded);
CREATE INDEX ix_escalation_ended_at ON escalation (ended_at);
CREATE INDEX ix_incident_first_notice_at ON incident (first_notice_at);
CREATE INDEX ix_incident_has_open_questions ON incident (has_open_questions);
CREATE INDEX ix_incident_is_over_opened_at ON incident (is_over, opened_at);
CREATE INDEX ix_incident_last_notice_at ON incident (last_notice_at);
CREATE INDEX ix_incident_maintenance_start_first_notice_at ON incident (maintenance_start, first_notice_at);
CREATE INDEX ix_incident_opened_at ON incident (opened_at);
CREATE INDEX ix_incident_record_cause ON incident_record (cause);
CREATE INDEX ix_incident_record_duration_seconds ON incident_record (duration_seconds);
CREATE INDEX ix_incident_record_notice_seconds ON incident_record (notice_seconds);
CREATE INDEX ix_incident_record_report_by ON incident_record (report_by);
CREATE INDEX ix_incident_report_incident ON incident_report (incident);
CREATE INDEX ix_received_message_received_at ON received_message (received_at);
CREATE INDEX ix_redaction_finished_at ON redaction (finished_at);
CREATE INDEX ix_redaction_incident ON redaction (incident);
CREATE INDEX ix_retrospective_event_subject ON retrospective_event (subject);
CREATE INDEX ix_retrospective_note_subject ON retrospective_note (subject);
CREATE INDEX ix_scheduled_drill_state_starts_at ON scheduled_drill (state, starts_at);
CREATE INDEX ix_staff_notification_alert ON staff_notification (alert);
CREATE INDEX ix_staff_notification_escalation ON staff_notification (escalation);
CREATE INDEX ix_staff_notification_incident ON staff_notification (incident);
CREATE INDEX ix_staff_notification_status_retry_at ON staff_notification (status, retry_at);
CREATE INDEX ix_state_period_ended_at ON state_period (ended_at);
CREATE INDEX ix_state_period_service_started_at ON state_period (service, started_at);
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry WHEN NEW."incident" IS NOT OLD."incident" OR NEW."sequence" IS NOT OLD."sequence" OR NEW."type" IS NOT OLD."type" OR NEW."kind" IS NOT OLD."kind" OR NEW."happened" IS NOT OLD."happened" OR NEW."recorded" IS NOT OLD."recorded" OR NEW."key" IS NOT OLD."key" OR NOT EXISTS (SELECT 1 FROM redaction WHERE incident = OLD.incident AND sealed = 0) BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;
CREATE TRIGGER redaction_no_delete BEFORE DELETE ON redaction BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;
CREATE TRIGGER redaction_no_update BEFORE UPDATE ON redaction WHEN OLD.sealed <> 0 AND (NEW."id" IS NOT OLD."id" OR NEW."incident" IS NOT OLD."incident" OR NEW."at" IS NOT OLD."at" OR NEW."actor" IS NOT OLD."actor" OR NEW."reason" IS NOT OLD."reason" OR NEW."replacements" IS NOT OLD."replacements" OR NEW."external_deliveries" IS NOT OLD."external_deliveries" OR NEW."sealed" IS NOT OLD."sealed") BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END;
