package layoutfile

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// The keys of the seam.
var seamKeys = []string{"keep", "apart", "entry", "exclude", "thresholds"}

// Seam is what the user wants the search for a seam to know. Names are those of
// packages and declarations, as `hemilith seam -h` has them; whether they exist
// is for the search to say. The zero value wants nothing.
type Seam struct {
	// Keep are groups that stay together, of two or more.
	Keep [][]string
	// Apart are pairs that come apart.
	Apart [][2]string
	// Entry are the entry points, Exclude is what is left out.
	Entry, Exclude []string
	// Thresholds are in the order of the file.
	Thresholds []Threshold
}

// Threshold is a limit that the user sets.
type Threshold struct {
	// Name is that of a test or of a sign in the report.
	Name string
	// Value is a finite number, at least 0.
	Value float64
	// Line is where it is in the file, from 1.
	Line int
}

// CheckThresholds compares the thresholds of the seam with the tests and signs
// that there are, by name. The error is [Errors].
func (f *File) CheckThresholds(known []string) error {
	var errs Errors
	for _, t := range f.Seam.Thresholds {
		if !slices.Contains(known, t.Name) {
			errs = append(errs, Error{f.Name, t.Line, fmt.Sprintf("threshold %q: no test or sign has that name: %s", t.Name, suggest(t.Name, known))})
		}
	}
	return errs.orNil()
}

func (r *reader) seam(n *yaml.Node) {
	if empty(n) {
		return
	}
	s := &r.file.Seam
	for _, e := range r.mapping(n, "seam", seamKeys) {
		switch e.name {
		case "keep":
			s.Keep = r.groups(e.value, "keep of the seam")
		case "apart":
			for _, pair := range r.groups(e.value, "apart of the seam") {
				if len(pair) > 2 {
					r.fail(e.line, "apart of the seam: want pairs like [[orders, web]], not %d names in one: write a pair for each", len(pair))
					continue
				}
				s.Apart = append(s.Apart, [2]string(pair))
			}
		case "entry":
			s.Entry = r.strings(e.value, "entry of the seam")
		case "exclude":
			s.Exclude = r.strings(e.value, "exclude of the seam")
		case "thresholds":
			s.Thresholds = r.thresholds(e.value)
		}
	}
}

// groups reads a list of lists of two names or more.
func (r *reader) groups(n *yaml.Node, what string) [][]string {
	var all [][]string
	for _, item := range r.list(n, what, "[[orders, stock]]") {
		errs := len(r.errs)
		names := r.strings(item, what)
		switch {
		case len(names) > 1:
			all = append(all, names)
		case len(r.errs) == errs:
			r.fail(item.Line, "%s: want two names or more in each group, like [[orders, stock]], not %d", what, len(names))
		}
	}
	return all
}

// strings reads a list of names.
func (r *reader) strings(n *yaml.Node, what string) []string {
	var names []string
	for _, item := range r.list(n, what, fmt.Sprintf("[%s]", example(n))) {
		if name, ok := r.text(item, what); ok {
			names = append(names, name)
		}
	}
	return names
}

// list returns the items of a list; null is an empty one.
func (r *reader) list(n *yaml.Node, what, like string) []*yaml.Node {
	if empty(n) || !r.plain(n, what) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.fail(n.Line, "%s: want a list like %s, not %s", what, like, describe(n))
		return nil
	}
	return n.Content
}

func (r *reader) thresholds(n *yaml.Node) []Threshold {
	if empty(n) {
		return nil
	}
	var all []Threshold
	for _, e := range r.mapping(n, "thresholds of the seam", nil) {
		what := fmt.Sprintf("threshold %q", e.name)
		if !r.plain(e.value, what) {
			continue
		}
		v, err := strconv.ParseFloat(e.value.Value, 64)
		if e.value.Kind != yaml.ScalarNode || err != nil || v < 0 || math.IsInf(v, 0) || math.IsNaN(v) {
			r.fail(e.value.Line, "%s is %s: want a number, at least 0", what, describe(e.value))
			continue
		}
		all = append(all, Threshold{e.name, v, e.line})
	}
	return all
}
