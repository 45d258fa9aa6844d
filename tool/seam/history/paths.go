package history

import (
	"slices"
	"sort"
	"time"
)

// Bounds of what is kept of renames.
const (
	maxRenames = 500_000 // of the whole history
	maxHops    = 100     // of one file
)

// paths knows how files were called when. Commits are numbered as git lists
// them, 0 is the newest; so a hop with a lower number is a later rename.
type paths struct {
	alive    map[string]bool // of today; nil if unknown
	nested   []string        // directories of other modules, of today
	to, from map[string][]hop
	renames  int
	landed   []int64 // by commit, in seconds
}

type hop struct {
	seq  int32
	path string
}

func newPaths() *paths {
	return &paths{to: make(map[string][]hop), from: make(map[string][]hop)}
}

// commit numbers the next commit.
func (p *paths) commit(landed time.Time) int32 {
	p.landed = append(p.landed, landed.Unix())
	return int32(len(p.landed) - 1)
}

// newest returns the first commit that had landed at a time.
func (p *paths) newest(at time.Time) int32 {
	i := slices.IndexFunc(p.landed, func(landed int64) bool { return landed <= at.Unix() })
	if i < 0 {
		i = len(p.landed)
	}
	return int32(i)
}

// rename notes that commit seq renamed old. Commits come in rising order.
func (p *paths) rename(old, path string, seq int32) {
	if old == path || p.renames >= maxRenames {
		return
	}
	p.renames++
	p.to[old] = append(p.to[old], hop{seq, path})
	p.from[path] = append(p.from[path], hop{seq, old})
}

// today returns how a file is called now that was called path in commit from.
func (p *paths) today(path string, from int32) string {
	for range maxHops {
		hops := p.to[path]
		i := below(hops, from)
		switch {
		case i > 0:
			from, path = hops[i-1].seq, hops[i-1].path
		case len(hops) > 0 && p.alive != nil && !p.alive[path]:
			// The log is sorted by date. A change on a branch can come later in it
			// than the rename that it did not know of.
			path = hops[0].path
		default:
			return path
		}
	}
	return path
}

// at returns how a file was called just after commit then, that was called path
// in commit from.
func (p *paths) at(path string, from, then int32) string {
	for range maxHops {
		if from >= then {
			hops := p.to[path]
			i := below(hops, from)
			if i == 0 || hops[i-1].seq < then {
				return path
			}
			from, path = hops[i-1].seq, hops[i-1].path
			continue
		}
		hops := p.from[path]
		i := below(hops, from)
		if i == len(hops) || hops[i].seq >= then {
			return path
		}
		from, path = hops[i].seq+1, hops[i].path
	}
	return path
}

// below returns how many hops are later than commit seq.
func below(hops []hop, seq int32) int {
	return sort.Search(len(hops), func(i int) bool { return hops[i].seq >= seq })
}

// name returns the commits with the files of the given naming, without files of
// other modules and without commits of nothing else.
func (p *paths) name(commits []Commit, called func(path string, from int32) string) []Commit {
	named := make([]Commit, 0, len(commits))
	for _, c := range commits {
		c.raw = make([]string, 0, len(c.was))
		for _, path := range c.was {
			if path = called(path, c.seq); !within(path, p.nested) {
				c.raw = append(c.raw, path)
			}
		}
		if len(c.raw) > 0 {
			named = append(named, c)
		}
	}
	return named
}
