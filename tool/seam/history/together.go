package history

import (
	"cmp"
	"path"
	"slices"
	"time"
)

// maxPairs bounds the pairs of files that are weighed. Beyond it, older commits
// add to known pairs only.
const maxPairs = 1 << 20

// Tie is how often two files, or packages, were changed together. A commit of n
// files adds 1/(n-1) to each of its pairs, so that each file counts once.
type Tie struct {
	A, B    string // A < B
	Weight  float64
	Commits int
}

// Ties returns all pairs of files that were changed together, sorted. known
// says which files count; nil for all. What is not known is left out of the n of
// a commit too.
func (h *History) Ties(known func(file string) bool) []Tie {
	type pair struct{ a, b int32 }
	ties := make(map[pair]*Tie)
	use := h.knowing(known)
	for _, c := range h.Commits {
		files := keep(c.Files, use)
		for i, a := range files {
			for _, b := range files[i+1:] {
				t := ties[pair{a, b}]
				if t == nil && len(ties) < maxPairs {
					t = &Tie{A: h.Files[a], B: h.Files[b]}
					ties[pair{a, b}] = t
				}
				if t != nil {
					t.Weight += 1 / float64(len(files)-1)
					t.Commits++
				}
			}
		}
	}
	list := make([]Tie, 0, len(ties))
	for _, t := range ties {
		list = append(list, *t)
	}
	slices.SortFunc(list, byNames)
	return list
}

func byNames(x, y Tie) int { return cmp.Or(cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B)) }

func (h *History) knowing(known func(string) bool) []bool {
	use := make([]bool, len(h.Files))
	for i, f := range h.Files {
		use[i] = known == nil || known(f)
	}
	return use
}

func keep(files []int32, use []bool) []int32 {
	kept := make([]int32, 0, len(files))
	for _, f := range files {
		if use[f] {
			kept = append(kept, f)
		}
	}
	return kept
}

// Packages adds up ties between files of different directories. Commits is then
// the sum over pairs of files.
func Packages(ties []Tie) []Tie {
	type pair struct{ a, b string }
	sums := make(map[pair]Tie)
	for _, t := range ties {
		a, b := path.Dir(t.A), path.Dir(t.B)
		if a == b {
			continue
		}
		p := pair{min(a, b), max(a, b)}
		s := sums[p]
		sums[p] = Tie{A: p.a, B: p.b, Weight: s.Weight + t.Weight, Commits: s.Commits + t.Commits}
	}
	list := make([]Tie, 0, len(sums))
	for _, t := range sums {
		list = append(list, t)
	}
	slices.SortFunc(list, byNames)
	return list
}

// Crowd says how many people change the same files.
type Crowd struct {
	// Months is how many of the last twelve months had a commit.
	Months int
	// Files is the median over those months of the files that were changed by at
	// least as many people as was asked.
	Files float64
	// People is the highest number of people who changed one file in one month,
	// and File that file.
	People int
	File   string
}

const (
	month  = 365 * 24 * time.Hour / 12
	months = 12
)

// Crowded counts files that at least the given number of people changed in a
// month, over the twelve months before Now.
func (h *History) Crowded(people int) Crowd {
	type touch struct{ month, file, author int32 }
	seen := make(map[touch]bool)
	crowd := make(map[touch]int) // author is 0
	busy := [months]bool{}
	var c Crowd
	for _, k := range h.Commits {
		m := int32(h.Now.Sub(k.Time) / month)
		if k.Time.After(h.Now) || m >= months {
			continue
		}
		busy[m] = true
		for _, f := range k.Files {
			if t := (touch{m, f, k.Author}); !seen[t] {
				seen[t] = true
				crowd[touch{m, f, 0}]++
			}
		}
	}
	files := [months]int{}
	for t, n := range crowd {
		if n >= people {
			files[t.month]++
		}
		if f := h.Files[t.file]; n > c.People || n == c.People && f < c.File {
			c.People, c.File = n, f
		}
	}
	var counts []float64
	for m, b := range busy {
		if b {
			counts = append(counts, float64(files[m]))
		}
	}
	c.Months, c.Files = len(counts), median(counts)
	return c
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	slices.Sort(x)
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}
