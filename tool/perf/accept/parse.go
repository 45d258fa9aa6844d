package accept

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

const key = "Perf-Accept"

// how is what a user is told to write.
const how = `write "` + key + `: BenchmarkQuote +15% REASON", or allocs+1 or bytes+64 for +15%`

var (
	percent = regexp.MustCompile(`^\+([0-9]{1,6}(?:\.[0-9]{1,3})?)%$`)
	count   = regexp.MustCompile(`^(allocs|bytes)\+([0-9]{1,12})$`)
)

// parse reads the value of a trailer, without the commit.
func parse(value string) (Acceptance, error) {
	words := strings.Fields(value)
	if len(words) == 0 {
		return Acceptance{}, errors.New("nothing is accepted: " + how)
	}
	a, err := parseName(words[0])
	if err != nil {
		return Acceptance{}, err
	}
	if len(words) == 1 {
		return Acceptance{}, errors.New("no bound: " + how)
	}
	if err := a.bound(words[1]); err != nil {
		return Acceptance{}, err
	}
	a.Reason = strings.Join(words[2:], " ")
	if !strings.ContainsFunc(a.Reason, unicode.IsLetter) {
		return Acceptance{}, errors.New("no reason, no acceptance: say after the bound why it is worth that")
	}
	if percent.MatchString(words[2]) || count.MatchString(words[2]) {
		return Acceptance{}, fmt.Errorf("two bounds, %q and %q: write one trailer for each", words[1], words[2])
	}
	return a, nil
}

func parseName(word string) (Acceptance, error) {
	a := Acceptance{Bench: word}
	if i := strings.Index(word, ".Benchmark"); i >= 0 && !strings.HasPrefix(word, "Benchmark") {
		a.Package, a.Bench = strings.TrimPrefix(word[:i], "./"), word[i+1:]
	}
	rest, ok := strings.CutPrefix(a.Bench, "Benchmark")
	switch {
	case strings.ContainsAny(word, "*?[]^$|\\") || strings.Contains(word, "..."):
		return a, fmt.Errorf("%q looks like a pattern: name one benchmark, which covers its sub-benchmarks", word)
	case !ok:
		return a, fmt.Errorf("%q is no benchmark: %s", word, how)
	case strings.IndexFunc(rest, unicode.IsLower) == 0:
		return a, fmt.Errorf("%q is no benchmark: after Benchmark comes no small letter", word)
	case strings.HasSuffix(a.Bench, "/"):
		return a, fmt.Errorf("%q ends in a slash: %q covers its sub-benchmarks", word, strings.TrimRight(a.Bench, "/"))
	}
	return a, nil
}

// bound sets Kind and More.
func (a *Acceptance) bound(word string) error {
	if m := percent.FindStringSubmatch(word); m != nil {
		a.Kind = Time
		a.More, _ = strconv.ParseFloat(m[1], 64) // the expression lets nothing else through
		a.More /= 100
	} else if m := count.FindStringSubmatch(word); m != nil {
		a.Kind = Kind(m[1])
		a.More, _ = strconv.ParseFloat(m[2], 64)
	} else {
		return fmt.Errorf("%q is no bound: %s", word, how)
	}
	if a.More == 0 {
		return fmt.Errorf("%q accepts nothing: %s", word, how)
	}
	return nil
}
