package report

import (
	"cmp"
	"slices"
	"strings"
)

// piece is a package, or a folder of them, as a piece of the rock.
type piece struct {
	path  string // of the folder if count is above 1, "" for the module
	count int    // packages in it
	rest  bool   // the smaller ones of the folder
	lines int    // on this side
	total int    // on all sides
	hot   int    // references across the line
	shape polygon
}

// name is what the piece is called in at most n characters, or "".
func (x piece) name(n int) string {
	if x.count == 1 {
		return shorten(root(x.path), n)
	}
	if s := shorten(x.path, n-2); s != "" {
		return s + "/…"
	}
	return ""
}

// long is the whole name, and second what is worth saying below it.
func (x piece) long() (name, second string) {
	switch {
	case x.count == 1:
		return root(x.path), plural(x.lines, "line")
	case x.rest && x.path == "":
		return number(x.count) + " smaller", "packages"
	case x.rest:
		return x.path + "/…", number(x.count) + " smaller"
	case x.path == "":
		return number(x.count) + " packages", plural(x.lines, "line")
	}
	return x.path + "/…", number(x.count) + " packages"
}

// tip says everything about the piece.
func (x piece) tip() string {
	name, second := x.long()
	tip := name + ": " + plural(x.lines, "line")
	switch {
	case x.count > 1 && x.path != "":
		tip = name + ", " + second + ": " + plural(x.lines, "line")
	case x.count == 1 && x.lines < x.total:
		tip += " of " + number(x.total) + "; the rest is on the other side or in both"
	}
	if x.hot > 0 {
		tip += "; " + plural(x.hot, "reference") + " across the line"
	}
	return tip
}

// pack draws packages as folders until there are at most limit pieces: it
// begins with one folder and opens the largest as long as there is room. Pieces
// that touch the line come first, then they go by size.
func pack(all []piece, limit int) []piece {
	slices.SortFunc(all, func(a, b piece) int { return strings.Compare(a.path, b.path) })
	var pieces []piece
	var closed []folder
	add := func(f folder) {
		if len(f.packages) == 1 {
			pieces = append(pieces, f.packages[0])
		} else if len(f.packages) > 1 {
			closed = append(closed, f)
		}
	}
	add(folder{packages: all})
	for len(closed) > 0 {
		i := 0
		for k := range closed {
			if closed[k].lines() > closed[i].lines() {
				i = k
			}
		}
		f := closed[i]
		closed = slices.Delete(closed, i, i+1)
		room := limit - len(pieces) - len(closed)
		if room < 2 {
			pieces = append(pieces, f.piece())
			continue
		}
		for _, part := range f.open(room) {
			add(part)
		}
	}
	slices.SortStableFunc(pieces, func(a, b piece) int {
		return cmp.Or(min(1, b.hot)-min(1, a.hot), b.lines-a.lines, strings.Compare(a.path, b.path))
	})
	return pieces
}

// folder is packages that are below one path.
type folder struct {
	packages []piece // sorted by path
	rest     bool
}

func (f folder) lines() int { return sumLines(f.packages) }

// piece is the folder as one piece.
func (f folder) piece() piece {
	x := piece{path: f.path(), count: len(f.packages), rest: f.rest}
	for _, p := range f.packages {
		x.lines += p.lines
		x.total += p.total
		x.hot += p.hot
	}
	return x
}

// path is what the paths of all packages begin with, in whole elements.
func (f folder) path() string {
	first := strings.Split(f.packages[0].path, "/")
	for _, p := range f.packages[1:] {
		elements := strings.Split(p.path, "/")
		n := 0
		for n < len(first) && n < len(elements) && first[n] == elements[n] {
			n++
		}
		first = first[:n]
	}
	return strings.Join(first, "/")
}

// open returns what is in the folder, as at most room folders. If that is not
// everything, the last is the rest.
func (f folder) open(room int) []folder {
	const most = 6 // at once, so that others can be opened too
	prefix := f.path()
	var parts []folder
	at := map[string]int{}
	for _, p := range f.packages {
		next, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(p.path, prefix), "/"), "/")
		i, ok := at[next]
		if !ok {
			i = len(parts)
			at[next] = i
			parts = append(parts, folder{})
		}
		parts[i].packages = append(parts[i].packages, p)
	}
	room = min(room, most)
	if len(parts) <= room {
		return parts
	}
	slices.SortStableFunc(parts, func(a, b folder) int { return b.lines() - a.lines() })
	rest := folder{rest: true}
	for _, part := range parts[room-1:] {
		rest.packages = append(rest.packages, part.packages...)
	}
	slices.SortFunc(rest.packages, func(a, b piece) int { return strings.Compare(a.path, b.path) })
	return append(parts[:room-1], rest)
}
