package history

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"
)

// Sides says which parts of a file belong to one half alone: a to A and b to B,
// each from 0 to 1, together at most 1; the rest of the file is linked into
// both. A file that is not part of the program has a negative a.
//
// Commits are known by file. Where a file has code of both halves, a commit is
// taken to change one place of it, in A with probability a and in B with b.
type Sides func(file string) (a, b float64)

// WithTests gives a test file the sides of the file that it is named after, if
// it has none itself.
func (s Sides) WithTests() Sides {
	return func(file string) (a, b float64) {
		a, b = s(file)
		if name, ok := strings.CutSuffix(file, "_test.go"); ok && a < 0 {
			return s(name + ".go")
		}
		return a, b
	}
}

// Bounds and defaults of an effect.
const (
	maxPeople = 1000 // who are compared in pairs, those with most commits

	regular    = 3
	keeping    = 0.9
	joint      = 2
	resamples  = 200
	enough     = 50 // commits
	percentile = 5
)

// Options says how an effect is counted. The zero value of each field is a
// default.
type Options struct {
	// Since is where the time starts whose people count; twelve months before Now
	// if zero. Commits count over the whole history.
	Since time.Time
	// Regular is the lowest number of commits in that time that makes a person
	// part of the team; 3 if 0. Others pass by.
	Regular int
	// Keeping is the least share of a person's changes on one side that makes them
	// belong to that half alone; 0.9 if 0.
	Keeping float64
	// Joint is how often two people must have changed the same files to count as
	// still needing to talk: the sum, over the files that both changed, of the
	// lower of their numbers of commits; 2 if 0.
	Joint int
	// Resamples is how often history is drawn anew for the lower bound, 200 if 0;
	// Seed makes the draws.
	Resamples int
	Seed      uint64
}

func (o Options) orDefaults(now time.Time) Options {
	o.Since = cmp.Or(o.Since, now.AddDate(-1, 0, 0))
	o.Regular = cmp.Or(o.Regular, regular)
	o.Keeping = cmp.Or(o.Keeping, keeping)
	o.Joint = cmp.Or(o.Joint, joint)
	o.Resamples = cmp.Or(o.Resamples, resamples)
	return o
}

// Effect is what a cut does to lines of communication.
//
// The team are the regular authors of the time asked about. Each belongs to A,
// to B, or to both. Today every two of them are a pair. After the cut, two in the
// same half still are (whoever is in both halves is in each), and two in
// different halves only if they keep changing the same files.
type Effect struct {
	// Since is where the time of the team starts, Passing counts authors of it who
	// are not regular.
	Since   time.Time
	Passing int
	// AuthorsA, AuthorsB and AuthorsBoth are the team, most commits first.
	AuthorsA, AuthorsB, AuthorsBoth []string
	// PairsToday is n(n-1)/2. Of these, PairsWithin are in the same half after the
	// cut, PairsStill in different ones but still need to talk, and PairsFreed no
	// longer do.
	PairsToday, PairsWithin, PairsStill, PairsFreed int
	// Still are the pairs behind PairsStill, most times first.
	Still []Pair
	// Commits counts those that touch the program, over the whole history; Both is
	// the share of them that touches both halves.
	Commits int
	Both    float64
	// Parted is the share of co-change weight between what the halves own alone
	// that is across the line. CoChangeFreed is how much lower that is than for
	// halves of the same weight that are drawn by whole packages: the modularity of
	// the cut (Newman and Girvan, 2004) among packages, at most 0.5. It is below 0
	// for a line that is worse than chance, such as one through packages.
	Parted, CoChangeFreed float64
	// Saving is the mean of the share of pairs that is freed and CoChangeFreed: from
	// -0.5 to 0.75, above 0 if people gain. What still crosses is in it already, so
	// Both costs nothing more. SavingLow is the 5th percentile of it over resampled
	// commits. Both are 0 if Judged is false.
	Saving, SavingLow float64
	// Judged is true if there are at least two people and 50 commits to judge by;
	// Why says what is missing.
	Judged bool
	Why    string
}

// Pair are two people of different halves who still need to talk.
type Pair struct {
	A, B string
	// Times is how often they changed the same files: see Options.Joint.
	Times int
	// Through is the file that joins them most.
	Through string
}

// Effect computes what the cut that sides describes does.
func (h *History) Effect(sides Sides, o Options) Effect {
	o = o.orDefaults(h.Now)
	r := newRock(h, sides)
	e := Effect{Since: o.Since, AuthorsA: []string{}, AuthorsB: []string{}, AuthorsBoth: []string{}, Still: []Pair{}}
	t := newTeam(h, r, o)
	once := t.once()
	d, w := t.divide(once), t.weigh(once)
	e.Commits, e.Both, e.Parted, e.CoChangeFreed = len(t.commits), w.bothShare(), w.parted(), w.freed()
	e.tell(h, t, d)
	switch {
	case t.recent < enough:
		e.Why = "only " + number(t.recent) + " commits since " + o.Since.Format(time.DateOnly) + ", and " + number(enough) + " are needed to judge by people"
	case e.PairsToday == 0:
		e.Why = "one person does the regular work: there are no pairs to part"
	default:
		e.Judged, e.Saving, e.SavingLow = true, t.saving(d, w), t.low()
	}
	return e
}

func (e *Effect) tell(h *History, t *team, d division) {
	e.Passing = t.passing
	for _, a := range t.regulars {
		name := h.Authors[a].Name
		switch d.side[a] {
		case inA:
			e.AuthorsA = append(e.AuthorsA, name)
		case inB:
			e.AuthorsB = append(e.AuthorsB, name)
		case inBoth:
			e.AuthorsBoth = append(e.AuthorsBoth, name)
		}
	}
	e.PairsToday, e.PairsWithin, e.PairsStill = d.today, d.within, d.still
	e.PairsFreed = d.today - d.within - d.still
	for _, p := range t.pairs(d) {
		e.Still = append(e.Still, Pair{h.Authors[p.a].Name, h.Authors[p.b].Name, p.times, h.Files[p.through]})
	}
	slices.SortStableFunc(e.Still, func(x, y Pair) int {
		return cmp.Or(cmp.Compare(y.Times, x.Times), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
}

// rock is the history seen through a cut.
type rock struct {
	h    *History
	a, b []float64 // by file; a is negative for what is not in the program
	dir  []string  // by file
}

func newRock(h *History, sides Sides) *rock {
	r := &rock{h: h, a: make([]float64, len(h.Files)), b: make([]float64, len(h.Files)), dir: make([]string, len(h.Files))}
	for i, f := range h.Files {
		r.a[i], r.b[i] = sides(f)
		r.dir[i] = path.Dir(f)
	}
	return r
}

// known returns the files of a commit that are in the program.
func (r *rock) known(c Commit) []int32 {
	files := make([]int32, 0, len(c.Files))
	for _, f := range c.Files {
		if r.a[f] >= 0 {
			files = append(files, f)
		}
	}
	return files
}

// both returns how likely a change of one place in each file touches both halves.
func (r *rock) both(files []int32) float64 {
	noA, noB, none := 1.0, 1.0, 1.0
	for _, f := range files {
		noA *= 1 - r.a[f]
		noB *= 1 - r.b[f]
		none *= 1 - r.a[f] - r.b[f]
	}
	return max(0, 1-noA-noB+none)
}

// weight is what one commit, or many, say of a line.
type weight struct {
	commits, both float64
	// owned is the co-change weight between code in one half alone, and across the
	// part of it that is across the line. between is the part of owned between
	// packages, and ends how many of its ends are in A: there are twice as many.
	owned, across, between, ends float64
}

// weigh returns the weight of one commit.
func (r *rock) weigh(files []int32) weight {
	w := weight{commits: 1, both: r.both(files)}
	one := 1 / max(1, float64(len(files)-1))
	for i, f := range files {
		for _, g := range files[i+1:] {
			ownF, ownG := r.a[f]+r.b[f], r.a[g]+r.b[g]
			w.across += one * (r.a[f]*r.b[g] + r.b[f]*r.a[g])
			w.owned += one * ownF * ownG
			if r.dir[f] != r.dir[g] {
				w.between += one * ownF * ownG
				w.ends += one * (r.a[f]*ownG + r.a[g]*ownF)
			}
		}
	}
	return w
}

func (w *weight) add(x weight, times float64) {
	w.commits += times * x.commits
	w.both += times * x.both
	w.owned += times * x.owned
	w.across += times * x.across
	w.between += times * x.between
	w.ends += times * x.ends
}

func (w weight) bothShare() float64 { return share(w.both, w.commits) }
func (w weight) parted() float64    { return share(w.across, w.owned) }

// freed is what would be across if halves were drawn by whole packages, less what
// is.
func (w weight) freed() float64 {
	a := share(w.ends, 2*w.between)
	return share(w.between, w.owned)*2*a*(1-a) - w.parted()
}

func share(part, all float64) float64 {
	if all == 0 {
		return 0
	}
	return part / all
}
