CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE secret (
	name VARCHAR(128) NOT NULL, 
	token TEXT NOT NULL, 
	changed_at DATETIME NOT NULL, 
	changed_by VARCHAR(128) NOT NULL, 
	CONSTRAINT pk_secret PRIMARY KEY (name)
);
