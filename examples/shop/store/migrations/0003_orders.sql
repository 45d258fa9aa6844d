CREATE TABLE baskets (
	id      TEXT PRIMARY KEY,
	version INTEGER NOT NULL,
	updated INTEGER NOT NULL
) STRICT;

CREATE TABLE basket_lines (
	basket_id TEXT NOT NULL REFERENCES baskets (id) ON DELETE CASCADE,
	sku       TEXT NOT NULL REFERENCES items (sku),
	count     INTEGER NOT NULL CHECK (count > 0),
	PRIMARY KEY (basket_id, sku)
) STRICT;

CREATE TABLE vouchers (
	code      TEXT PRIMARY KEY COLLATE NOCASE,
	percent   INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100),
	least     INTEGER NOT NULL,
	uses_left INTEGER NOT NULL CHECK (uses_left >= 0)
) STRICT;

CREATE TABLE orders (
	number   INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id  INTEGER NOT NULL,
	email    TEXT NOT NULL,
	key      TEXT NOT NULL,
	print    TEXT NOT NULL,
	state    TEXT NOT NULL,
	goods    INTEGER NOT NULL,
	discount INTEGER NOT NULL,
	shipping INTEGER NOT NULL,
	total    INTEGER NOT NULL,
	voucher  TEXT NOT NULL,
	name     TEXT NOT NULL,
	street   TEXT NOT NULL,
	zip      TEXT NOT NULL,
	city     TEXT NOT NULL,
	country  TEXT NOT NULL,
	card     TEXT NOT NULL,
	charge   TEXT NOT NULL DEFAULT '',
	refund   TEXT NOT NULL DEFAULT '',
	created  INTEGER NOT NULL,
	UNIQUE (user_id, key)
) STRICT;
CREATE INDEX orders_state ON orders (state, number);

CREATE TABLE order_lines (
	number INTEGER NOT NULL REFERENCES orders (number),
	pos    INTEGER NOT NULL,
	sku    TEXT NOT NULL,
	name   TEXT NOT NULL,
	count  INTEGER NOT NULL CHECK (count > 0),
	each   INTEGER NOT NULL,
	PRIMARY KEY (number, pos)
) STRICT;

CREATE TABLE order_events (
	id     INTEGER PRIMARY KEY AUTOINCREMENT,
	number INTEGER NOT NULL REFERENCES orders (number),
	at     INTEGER NOT NULL,
	state  TEXT NOT NULL,
	note   TEXT NOT NULL
) STRICT;
CREATE INDEX order_events_number ON order_events (number, id);
