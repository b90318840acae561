CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE bulk_send (
	id INTEGER NOT NULL, 
	incident VARCHAR(32) NOT NULL, 
	sequence INTEGER NOT NULL, 
	channel VARCHAR(64) NOT NULL, 
	language VARCHAR(16) NOT NULL, 
	kind VARCHAR(8) NOT NULL, 
	started_at DATETIME NOT NULL, 
	last_subscriber INTEGER NOT NULL, 
	start_after INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	has_wrapped BOOLEAN DEFAULT 0 NOT NULL, 
	is_complete BOOLEAN DEFAULT 0 NOT NULL, 
	owner VARCHAR(64) NOT NULL, 
	in_progress JSON DEFAULT '[]' NOT NULL, 
	total INTEGER DEFAULT '0' NOT NULL, 
	processed INTEGER DEFAULT '0' NOT NULL, 
	delivered INTEGER DEFAULT '0' NOT NULL, 
	maybe_duplicated INTEGER DEFAULT '0' NOT NULL, 
	bounced INTEGER DEFAULT '0' NOT NULL, 
	refused INTEGER DEFAULT '0' NOT NULL, 
	gave_up INTEGER DEFAULT '0' NOT NULL, 
	ended_at DATETIME, 
	is_superseded BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_bulk_send PRIMARY KEY (id), 
	CONSTRAINT uq_bulk_send_incident_channel_language_sequence UNIQUE (incident, channel, language, sequence)
);
CREATE TABLE link_key (
	id INTEGER NOT NULL, 
	secret VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_link_key PRIMARY KEY (id)
);
CREATE TABLE recipient (
	id INTEGER NOT NULL, 
	bulk_send INTEGER NOT NULL, 
	subscriber INTEGER NOT NULL, 
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
	CONSTRAINT pk_recipient PRIMARY KEY (id), 
	CONSTRAINT fk_recipient_bulk_send FOREIGN KEY(bulk_send) REFERENCES bulk_send (id), 
	CONSTRAINT fk_recipient_subscriber FOREIGN KEY(subscriber) REFERENCES subscriber (id) ON DELETE CASCADE, 
	CONSTRAINT uq_recipient_bulk_send_subscriber UNIQUE (bulk_send, subscriber)
);
CREATE TABLE request_count (
	"key" VARCHAR(96) NOT NULL, 
	window_start DATETIME NOT NULL, 
	count INTEGER NOT NULL, 
	CONSTRAINT pk_request_count PRIMARY KEY ("key")
);
CREATE TABLE subscriber (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind VARCHAR(8) NOT NULL, 
	address VARCHAR(1024) NOT NULL, 
	contact VARCHAR(254) NOT NULL, 
	language VARCHAR(16) NOT NULL, 
	services JSON NOT NULL, 
	topic VARCHAR(16) NOT NULL, 
	level VARCHAR(16) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	origin VARCHAR(8) NOT NULL, 
	consent JSON NOT NULL, 
	seed VARCHAR(32) NOT NULL, 
	secret VARCHAR(128) NOT NULL, 
	created DATETIME NOT NULL, 
	confirmed DATETIME, 
	changed DATETIME NOT NULL, 
	CONSTRAINT uq_subscriber_kind_address UNIQUE (kind, address)
);
CREATE TABLE subscription_email (
	id INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	subscriber INTEGER, 
	language VARCHAR(16) NOT NULL, 
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
	CONSTRAINT pk_subscription_email PRIMARY KEY (id), 
	CONSTRAINT fk_subscription_email_subscriber FOREIGN KEY(subscriber) REFERENCES subscriber (id) ON DELETE CASCADE
);
CREATE TABLE suppression (
	address_hash VARCHAR(64) NOT NULL, 
	kind VARCHAR(8) NOT NULL, 
	reason VARCHAR(32) NOT NULL, 
	detail TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_suppression PRIMARY KEY (address_hash)
);
CREATE INDEX ix_bulk_send_ended_at ON bulk_send (ended_at);
CREATE INDEX ix_recipient_bulk_send_status_retry_at ON recipient (bulk_send, status, retry_at);
CREATE INDEX ix_recipient_subscriber ON recipient (subscriber);
CREATE INDEX ix_request_count_window_start ON request_count (window_start);
CREATE INDEX ix_subscriber_status_kind_language_id ON subscriber (status, kind, language, id);
CREATE INDEX ix_subscription_email_finished_at ON subscription_email (finished_at);
CREATE INDEX ix_subscription_email_status_retry_at ON subscription_email (status, retry_at);
CREATE INDEX ix_subscription_email_subscriber ON subscription_email (subscriber);
