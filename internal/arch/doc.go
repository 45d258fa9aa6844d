// Package arch holds the tests that keep the tree as docs/ARCHITECTURE.md
// draws it: who may import whom, how large a function may grow, what must be
// documented, and what no code does. A failing test here is a design question,
// not a reason to edit its table.
package arch
