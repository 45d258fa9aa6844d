CREATE TABLE items (
	sku      TEXT PRIMARY KEY,
	name     TEXT NOT NULL,
	about    TEXT NOT NULL,
	category TEXT NOT NULL,
	price    INTEGER NOT NULL CHECK (price >= 0),
	grams    INTEGER NOT NULL CHECK (grams >= 0),
	retired  INTEGER NOT NULL DEFAULT 0,
	created  INTEGER NOT NULL
) STRICT;

CREATE TABLE stock (
	sku  TEXT PRIMARY KEY REFERENCES items (sku),
	have INTEGER NOT NULL CHECK (have >= 0)
) STRICT;

CREATE TABLE settings (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;
