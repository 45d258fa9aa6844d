package report

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

func gitHub(t *testing.T, r *Report) string {
	t.Helper()
	var b strings.Builder
	if err := r.GitHub(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gitLab(t *testing.T, r *Report) string {
	t.Helper()
	var b strings.Builder
	if err := r.GitLab(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnnotations(t *testing.T) {
	t.Parallel()
	golden(t, "github.txt", gitHub(t, sample(20)))
	golden(t, "gitlab.json", gitLab(t, sample(20)))
}

// command as actions/runner reads it: ActionCommand.TryParseV2.
type workflowCommand struct {
	name, message string
	properties    map[string]string
}

func parseCommand(t *testing.T, line string) workflowCommand {
	t.Helper()
	m := regexp.MustCompile(`^::([a-z]+) (.*?)::(.*)$`).FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("%q is no command", line)
	}
	c := workflowCommand{name: m[1], properties: map[string]string{}}
	c.message = strings.NewReplacer("%25", "%", "%0D", "\r", "%0A", "\n").Replace(m[3])
	for _, p := range strings.Split(m[2], ",") {
		key, value, ok := strings.Cut(p, "=")
		if !ok {
			t.Fatalf("%q has the property %q without value", line, p)
		}
		c.properties[key] = strings.NewReplacer("%25", "%", "%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",").Replace(value)
	}
	return c
}

// What GitHub reads is what was meant, whatever the names.
func TestCommandsSurviveTheirEscapes(t *testing.T) {
	t.Parallel()
	for name, r := range shapes() {
		lines := strings.Split(strings.TrimSuffix(gitHub(t, r), "\n"), "\n")
		all := r.annotations()
		if len(all) == 0 {
			if lines[0] != "" {
				t.Errorf("%s: nothing to say, and it says %q", name, lines)
			}
			continue
		}
		if len(lines) != len(all) {
			t.Fatalf("%s: %d lines for %d findings", name, len(lines), len(all))
		}
		for i, line := range lines {
			c := parseCommand(t, line)
			file := ""
			if all[i].place != nil {
				file = all[i].place.File
			}
			if c.message != all[i].text || c.properties["file"] != file || c.name != all[i].level() {
				t.Errorf("%s: got %+v, want %+v", name, c, all[i])
			}
		}
	}
}

func TestAnnotationsFindALine(t *testing.T) {
	t.Parallel()
	at, declared := &Cause{Place: Place{"f", "pricing/pricing.go", 88}}, &Place{"BenchmarkQuote", "pricing/pricing_test.go", 20}
	for _, tt := range []struct {
		cause          *Cause
		declared       *Place
		github, gitlab string
	}{
		{at, declared, "file=pricing/pricing.go,line=88,", `"path": "pricing/pricing.go","lines": {"begin": 88}`},
		{nil, declared, "file=pricing/pricing_test.go,line=20,", `"path": "pricing/pricing_test.go","lines": {"begin": 20}`},
		{&Cause{Place: Place{Function: "runtime.mallocgc"}}, declared, "file=pricing/pricing_test.go,line=20,", `"begin": 20`},
		{&Cause{Place: Place{File: "a,b:c.go"}}, nil, "file=a%2Cb%3Ac.go,title=", `"path": "a,b:c.go","lines": {"begin": 1}`},
		{nil, nil, "::error title=hemilith perf%3A slower::", `"path": "go.mod","lines": {"begin": 1}`},
	} {
		r := sample(1)
		r.Benchmarks[0].Cause, r.Benchmarks[0].Declared = tt.cause, tt.declared
		if got := gitHub(t, r); !strings.Contains(got, tt.github) {
			t.Errorf("got %s, want %s", got, tt.github)
		}
		if got := regexp.MustCompile(`\n\s*`).ReplaceAllString(gitLab(t, r), ""); !strings.Contains(got, tt.gitlab) {
			t.Errorf("got %s, want %s", got, tt.gitlab)
		}
	}
}

// A fingerprint names a finding: no two have the same, a further run of the same
// comparison has it again, and one against another base has another.
func TestFingerprints(t *testing.T) {
	t.Parallel()
	prints := func(r *Report) []string {
		var all []struct{ Fingerprint string }
		if err := json.Unmarshal([]byte(gitLab(t, r)), &all); err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, v := range all {
			out = append(out, v.Fingerprint)
		}
		return out
	}
	r := sample(20)
	first := prints(r)
	for i := range r.Benchmarks {
		r.Benchmarks[i].Seconds += 0.5
	}
	again := prints(r)
	r.Base.Hash = "another"
	other := prints(r)
	seen := map[string]bool{}
	for i, p := range first {
		if seen[p] || p != again[i] || p == other[i] {
			t.Errorf("finding %d: %s, twice %t, again %s, against another base %s", i, p, seen[p], again[i], other[i])
		}
		seen[p] = true
	}
	if len(first) != 12 {
		t.Errorf("got %d findings, want 12", len(first))
	}
}

func TestNothingToSayIsAnEmptyList(t *testing.T) {
	t.Parallel()
	r := &Report{}
	r.Complete()
	if got := gitLab(t, r); got != "[]\n" {
		t.Errorf("got %q, want an empty list", got)
	}
	if !json.Valid(bytes.TrimSpace([]byte(gitLab(t, hostile())))) {
		t.Error("hostile names break the JSON")
	}
}
