CREATE TABLE account (
	id VARCHAR(32) NOT NULL, 
	login VARCHAR(128) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	password_hash TEXT NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	language VARCHAR(16) NOT NULL, 
	disabled DATETIME, 
	last_seen DATETIME, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (id), 
	CONSTRAINT uq_account_login UNIQUE (login)
);
CREATE TABLE account_message (
	id INTEGER NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	at DATETIME NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	account_name VARCHAR(128) NOT NULL, 
	CONSTRAINT pk_account_message PRIMARY KEY (id), 
	CONSTRAINT fk_account_message_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE action_issue (
	item INTEGER NOT NULL, 
	repository VARCHAR(160) NOT NULL, 
	marker VARCHAR(64) NOT NULL, 
	requested_at DATETIME NOT NULL, 
	requested_by VARCHAR(128) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	number INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_at DATETIME, 
	reason VARCHAR(32) NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_action_issue PRIMARY KEY (item), 
	CONSTRAINT fk_action_issue_item FOREIGN KEY(item) REFERENCES action_item (id)
);
CREATE TABLE action_item (
	id INTEGER NOT NULL, 
	environment VARCHAR(8) NOT NULL, 
	subject VARCHAR(32) NOT NULL, 
	text TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by VARCHAR(128) NOT NULL, 
	cause VARCHAR(64) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	owner_account VARCHAR(32) NOT NULL, 
	priority VARCHAR(8) NOT NULL, 
	due DATE, 
	link TEXT NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	reason TEXT NOT NULL, 
	closed_at DATETIME, 
	closed_by VARCHAR(128) NOT NULL, 
	version INTEGER NOT NULL, 
	announced INTEGER NOT NULL, 
	CONSTRAINT pk_action_item PRIMARY KEY (id)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE api_token (
	id VARCHAR(32) NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	environment VARCHAR(8) NOT NULL, 
	scope VARCHAR(16) NOT NULL, 
	created DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	last_used DATETIME, 
	ended DATETIME, 
	CONSTRAINT pk_api_token PRIMARY KEY (id), 
	CONSTRAINT fk_api_token_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT uq_api_token_token_hash UNIQUE (token_hash)
);
CREATE TABLE audit_log (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	account_name VARCHAR(128) NOT NULL, 
	origin VARCHAR(64) NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	target VARCHAR(256) NOT NULL, 
	"before" JSON, 
	"after" JSON, 
	detail JSON NOT NULL, 
	CONSTRAINT pk_audit_log PRIMARY KEY (id)
);
CREATE TABLE authenticator_app (
	account_id VARCHAR(32) NOT NULL, 
	last_step BIGINT NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_authenticator_app PRIMARY KEY (account_id), 
	CONSTRAINT fk_authenticator_app_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE content_change (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	account_name VARCHAR(128) NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	target VARCHAR(256) NOT NULL, 
	"before" JSON, 
	"after" JSON, 
	files JSON NOT NULL, 
	CONSTRAINT pk_content_change PRIMARY KEY (id)
);
CREATE TABLE emergency_link (
	number INTEGER NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by VARCHAR(128) NOT NULL, 
	expires DATETIME NOT NULL, 
	used_at DATETIME, 
	used_from VARCHAR(64) NOT NULL, 
	revoked_at DATETIME, 
	revoked_by VARCHAR(128) NOT NULL, 
	CONSTRAINT pk_emergency_link PRIMARY KEY (number), 
	CONSTRAINT fk_emergency_link_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT uq_emergency_link_code_hash UNIQUE (code_hash)
);
CREATE TABLE identity (
	issuer VARCHAR(256) NOT NULL, 
	subject VARCHAR(256) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	has_group_role BOOLEAN NOT NULL, 
	bound_at DATETIME NOT NULL, 
	CONSTRAINT pk_identity PRIMARY KEY (issuer, subject), 
	CONSTRAINT fk_identity_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT uq_identity_account_id_issuer UNIQUE (account_id, issuer)
);
CREATE TABLE passkey (
	id VARCHAR(16) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	host VARCHAR(256) NOT NULL, 
	credential_id TEXT NOT NULL, 
	public_key TEXT NOT NULL, 
	sign_count BIGINT NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	created DATETIME NOT NULL, 
	last_used DATETIME, 
	CONSTRAINT pk_passkey PRIMARY KEY (id), 
	CONSTRAINT fk_passkey_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE provider_attempt (
	state_hash VARCHAR(64) NOT NULL, 
	browser_hash VARCHAR(64) NOT NULL, 
	nonce VARCHAR(64) NOT NULL, 
	code_verifier VARCHAR(128) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	is_confirmation BOOLEAN NOT NULL, 
	network VARCHAR(64) NOT NULL, 
	return_path TEXT NOT NULL, 
	saved_form TEXT NOT NULL, 
	expires DATETIME NOT NULL, 
	CONSTRAINT pk_provider_attempt PRIMARY KEY (state_hash)
);
CREATE TABLE recovery_code (
	account_id VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	code_hash TEXT NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_recovery_code PRIMARY KEY (account_id, number), 
	CONSTRAINT fk_recovery_code_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE refusal (
	id INTEGER NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	hour DATETIME NOT NULL, 
	last_at DATETIME NOT NULL, 
	count INTEGER NOT NULL, 
	networks JSON NOT NULL, 
	CONSTRAINT pk_refusal PRIMARY KEY (id), 
	CONSTRAINT uq_refusal_hour_action_account_id UNIQUE (hour, action, account_id)
);
CREATE TABLE retention_run (
	environment VARCHAR(8) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	ran_at DATETIME NOT NULL, 
	removed INTEGER NOT NULL, 
	CONSTRAINT pk_retention_run PRIMARY KEY (environment, kind)
);
CREATE TABLE session (
	token_hash VARCHAR(64) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	created DATETIME NOT NULL, 
	last_seen DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	method VARCHAR(16) NOT NULL, 
	stage VARCHAR(16) NOT NULL, 
	verified_at DATETIME NOT NULL, 
	CONSTRAINT pk_session PRIMARY KEY (token_hash), 
	CONSTRAINT fk_session_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE sign_in_link (
	token_hash VARCHAR(64) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	expires DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_sign_in_link PRIMARY KEY (token_hash), 
	CONSTRAINT fk_sign_in_link_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE sign_in_rule (
	name VARCHAR(64) NOT NULL, 
	value VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_sign_in_rule PRIMARY KEY (name)
);
CREATE TABLE throttle (
	"key" VARCHAR(256) NOT NULL, 
	window_start DATETIME NOT NULL, 
	count INTEGER NOT NULL, 
	CONSTRAINT pk_throttle PRIMARY KEY ("key")
);
CREATE INDEX ix_account_message_account_id ON account_message (account_id);
CREATE INDEX ix_action_issue_next_at ON action_issue (next_at);
CREATE INDEX ix_action_item_environment_subject ON action_item (environment, subject);
CREATE INDEX ix_action_item_state_due ON action_item (state, due);
CREATE INDEX ix_api_token_account_id ON api_token (account_id);
CREATE INDEX ix_audit_log_at ON audit_log (at);
CREATE INDEX ix_emergency_link_account_id ON emergency_link (account_id);
CREATE INDEX ix_passkey_account_id ON passkey (account_id);
CREATE INDEX ix_provider_attempt_expires ON provider_attempt (expires);
CREATE INDEX ix_session_account_id ON session (account_id);
CREATE INDEX ix_session_expires ON session (expires);
