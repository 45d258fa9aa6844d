package history

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Where a person works.
const (
	nowhere uint8 = iota // passes by
	inA
	inB
	inBoth
)

// team are the people of a time and what they changed, ready to be counted many
// times over with other weights of commits.
type team struct {
	o       Options
	people  int // authors with a number below it are looked at
	commits []work
	weights []weight  // by commit
	recent  int       // commits since Options.Since
	touches [][]touch // by file that people of the team changed
	files   []int32   // the file of touches[i]
	passing int
	// regulars are those who count when every commit counts once.
	regulars []int32
}

// gone is the author of commits before the team's time.
const gone = math.MaxInt32

// work is a commit's part in a person's balance.
type work struct {
	author int32
	a, b   float64
}

type touch struct{ commit, author int32 }

func newTeam(h *History, r *rock, o Options) *team {
	t := &team{o: o, people: min(len(h.Authors), maxPeople)}
	byFile := make(map[int32][]touch)
	authors := make(map[int32]bool)
	for _, c := range h.Commits {
		files := r.known(c)
		if len(files) == 0 {
			continue
		}
		t.weights = append(t.weights, r.weigh(files))
		if c.Time.Before(o.Since) {
			t.commits = append(t.commits, work{author: gone})
			continue
		}
		t.recent++
		authors[c.Author] = true
		w := work{author: c.Author}
		for _, f := range files {
			w.a += r.a[f]
			w.b += r.b[f]
			if int(c.Author) < t.people {
				byFile[f] = append(byFile[f], touch{int32(len(t.commits)), c.Author})
			}
		}
		t.commits = append(t.commits, w)
	}
	for f := range byFile {
		t.files = append(t.files, f)
	}
	slices.Sort(t.files)
	for _, f := range t.files {
		t.touches = append(t.touches, byFile[f])
	}
	d := t.divide(t.once())
	for a := range t.people {
		if d.side[a] != nowhere {
			t.regulars = append(t.regulars, int32(a))
		}
	}
	t.passing = len(authors) - len(t.regulars)
	return t
}

// once counts each commit once.
func (t *team) once() []int {
	times := make([]int, len(t.commits))
	for i := range times {
		times[i] = 1
	}
	return times
}

// division is who belongs where.
type division struct {
	side                 []uint8 // by author
	times                []int   // by commit
	today, within, still int
}

// divide puts people on sides and counts their pairs.
func (t *team) divide(times []int) division {
	d := division{side: make([]uint8, t.people), times: times}
	n, a, b := make([]int, t.people), make([]float64, t.people), make([]float64, t.people)
	for i, w := range t.commits {
		if int(w.author) < t.people {
			n[w.author] += times[i]
			a[w.author] += w.a * float64(times[i])
			b[w.author] += w.b * float64(times[i])
		}
	}
	count := [4]int{}
	for i := range d.side {
		d.side[i] = t.side(n[i], a[i], b[i])
		count[d.side[i]]++
	}
	all := count[inA] + count[inB] + count[inBoth]
	d.today = choose2(all)
	d.within = d.today - count[inA]*count[inB]
	if count[inA] > 0 && count[inB] > 0 {
		d.still = len(t.pairs(d))
	}
	return d
}

func (t *team) side(commits int, a, b float64) uint8 {
	switch {
	case commits < t.o.Regular:
		return nowhere
	case a+b == 0: // only what both halves link
		return inBoth
	case a >= t.o.Keeping*(a+b):
		return inA
	case b >= t.o.Keeping*(a+b):
		return inB
	}
	return inBoth
}

func choose2(n int) int { return n * (n - 1) / 2 }

// joined are two people, a in A and b in B, who change the same files.
type joined struct {
	a, b    int32
	times   int
	through int32 // file
	most    int   // times of that file
}

// pairs returns who still needs to talk over the line of d, by their numbers.
func (t *team) pairs(d division) []joined {
	met := make(map[[2]int32]*joined)
	count := make([]int, t.people)
	for i, touches := range t.touches {
		var as, bs []int32
		for _, x := range touches {
			n := d.times[x.commit]
			if side := d.side[x.author]; n > 0 && count[x.author] == 0 {
				switch side {
				case inA:
					as = append(as, x.author)
				case inB:
					bs = append(bs, x.author)
				}
			}
			count[x.author] += n
		}
		for _, a := range as {
			for _, b := range bs {
				meet(met, a, b, min(count[a], count[b]), t.files[i])
			}
		}
		for _, x := range touches {
			count[x.author] = 0
		}
	}
	var pairs []joined
	for _, j := range met {
		if j.times >= t.o.Joint {
			pairs = append(pairs, *j)
		}
	}
	slices.SortFunc(pairs, func(x, y joined) int {
		if x.a != y.a {
			return int(x.a - y.a)
		}
		return int(x.b - y.b)
	})
	return pairs
}

func meet(met map[[2]int32]*joined, a, b int32, times int, file int32) {
	j := met[[2]int32{a, b}]
	if j == nil {
		j = &joined{a: a, b: b}
		met[[2]int32{a, b}] = j
	}
	j.times += times
	if times > j.most {
		j.most, j.through = times, file
	}
}

// weigh adds up commits.
func (t *team) weigh(times []int) weight {
	var sum weight
	for i, n := range times {
		if n > 0 {
			sum.add(t.weights[i], float64(n))
		}
	}
	return sum
}

// saving is what [Effect] says of it.
func (t *team) saving(d division, w weight) float64 {
	freed := share(float64(d.today-d.within-d.still), float64(d.today))
	return (freed + w.freed()) / 2
}

// low draws the commits anew, as many with replacement, and returns the 5th
// percentile of the saving (the percentile bootstrap: Efron, 1979).
func (t *team) low() float64 {
	random := rand.New(rand.NewPCG(t.o.Seed, uint64(len(t.commits))))
	drawn := make([]float64, t.o.Resamples)
	times := make([]int, len(t.commits))
	for i := range drawn {
		clear(times)
		for range times {
			times[random.IntN(len(times))]++
		}
		drawn[i] = t.saving(t.divide(times), t.weigh(times))
	}
	slices.Sort(drawn)
	return drawn[(len(drawn)-1)*percentile/100]
}
