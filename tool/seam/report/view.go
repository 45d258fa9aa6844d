package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What several drawings ask of a report.

// proposal is the seam that the report is about, or nil.
func (r *Report) proposal() *Seam {
	if len(r.Seams) == 0 {
		return nil
	}
	return &r.Seams[0]
}

// refused reports whether the proposal is there to be looked at alone.
func (r *Report) refused() bool {
	return r.Verdict == VerdictNone || r.Verdict == VerdictUnknown
}

// worst returns the crossings, hardest first.
func (s *Seam) worst() []Crossing {
	all := slices.Clone(s.Crossings)
	slices.SortStableFunc(all, func(a, b Crossing) int {
		return cmp.Or(
			hardness(b.Remotable)-hardness(a.Remotable),
			cmp.Compare(b.Cost, a.Cost),
			strings.Compare(a.File, b.File),
			a.Line-b.Line)
	})
	return all
}

// classCount is how many references cross in one class, and which way.
type classCount struct {
	className
	Count      int
	FromA      int // of Crossings alone
	FromB      int
	Percentage float64 // of all that crosses but R
}

// byClass counts what crosses, hardest class first, without empty classes.
func (s *Seam) byClass() []classCount {
	total := 0
	for class, n := range s.Classes {
		if class != "R" {
			total += n
		}
	}
	var out []classCount
	for _, name := range classNames() {
		c := classCount{className: name, Count: s.Classes[name.Class]}
		if c.Count == 0 {
			continue
		}
		if total > 0 {
			c.Percentage = 100 * float64(c.Count) / float64(total)
		}
		for _, x := range s.Crossings {
			switch {
			case x.Remotable != name.Class:
			case x.Side == "a":
				c.FromA += x.Count
			default:
				c.FromB += x.Count
			}
		}
		out = append(out, c)
	}
	return out
}

// kindCount counts entry points of a kind.
type kindCount struct {
	Kind  string
	Count int
}

// entryKinds counts the entry points that a half counts by kind, most first. An
// empty side counts all.
func (r *Report) entryKinds(side string) []kindCount {
	count := map[string]int{}
	for _, e := range r.Entries {
		if side == "" || e.Side == side && !e.Uncounted {
			count[e.Kind]++
		}
	}
	out := make([]kindCount, 0, len(count))
	for k, n := range count {
		out = append(out, kindCount{k, n})
	}
	slices.SortFunc(out, func(a, b kindCount) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(a.Kind, b.Kind))
	})
	return out
}

// kinds writes entry points by kind: "9 HTTP routes, 2 loops".
func (r *Report) kinds(side string) string {
	var words []string
	for _, k := range r.entryKinds(side) {
		words = append(words, plural(k.Count, kindWord(k.Kind)))
	}
	return strings.Join(words, ", ")
}

// packageSides says for each package how many of its lines a seam puts into a,
// b and both.
func (r *Report) packageSides(index int) map[string][3]int {
	sides := make(map[string][3]int, len(r.Packages))
	for _, p := range r.Packages {
		if index == 0 {
			sides[p.Path] = [3]int{p.LinesA, p.LinesB, p.LinesBoth}
		} else {
			sides[p.Path] = [3]int{0, 0, p.Lines}
		}
	}
	if index == 0 {
		return sides
	}
	// Of the other seams, the packages are known by where they mostly are.
	s := &r.Seams[index]
	for half, paths := range [][]string{s.A.Packages, s.B.Packages} {
		for _, path := range paths {
			if l, ok := sides[path]; ok {
				l[half], l[2] = l[2], 0
				sides[path] = l
			}
		}
	}
	return sides
}

// alternative is a seam but the proposal.
type alternative struct {
	*Seam
	Index int
}

// alternatives are the other seams, with their places in Seams.
func (r *Report) alternatives() []alternative {
	var out []alternative
	for i := range r.Seams {
		if i > 0 {
			out = append(out, alternative{&r.Seams[i], i})
		}
	}
	return out
}

// differs says in what another line is not this one: in which declarations, and
// in what packages most of these are.
func (s *Seam) differs(o *Seam) string {
	const most = 3
	count, byPackage := 0, map[string]int{}
	for id, side := range s.Assign {
		if o.Assign[id] != side {
			count++
			byPackage[packageOf(id)]++
		}
	}
	if count == 0 {
		return ""
	}
	names := slices.SortedFunc(maps.Keys(byPackage), func(a, b string) int { return cmp.Or(byPackage[b]-byPackage[a], strings.Compare(a, b)) })
	return fmt.Sprintf("elsewhere than in the first line: %s of %s, in %s", number(count), plural(len(s.Assign), "declaration"), list(names, most))
}

// packageOf is the last element of the import path of a declaration.
func packageOf(id string) string {
	id = id[strings.LastIndexByte(id, '/')+1:]
	name, _, _ := strings.Cut(id, ".")
	return name
}

// title names a seam for people.
func (s *Seam) title() string {
	switch {
	case s.Default:
		return "frontend / backend"
	case s.Name != "":
		return s.Name
	}
	return root(s.A.Name) + " | " + root(s.B.Name)
}

// weakestIsNews reports whether the reasons do not say it already.
func (r *Report) weakestIsNews() bool {
	return r.Weakest != "" && !slices.Contains(r.Reasons, r.Weakest)
}

// anybody reports whether history knows people of either side.
func (s *Seam) anybody() bool {
	return s.People != nil && len(s.People.AuthorsA)+len(s.People.AuthorsB)+len(s.People.AuthorsBoth) > 0
}

// writersFirst are the users of a table: who changes it matters most.
func (t Table) writersFirst() []TableUse {
	users := slices.Clone(t.Users)
	slices.SortStableFunc(users, func(a, b TableUse) int { return strings.Compare(b.Verb, a.Verb) }) // write, schema, read
	return users
}
