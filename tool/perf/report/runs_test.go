package report

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// parseRuns reads one side as the format's specification says: configuration is
// `key: value` with a key that begins with a lower case letter and has no upper case
// letter and no space; a result begins with Benchmark and an upper case letter; all
// else is skipped. The comments give the number and the layout.
func parseRuns(text string, head bool) (runs map[int]Run, config map[string]string, err error) {
	runs, config = make(map[int]Run), make(map[string]string)
	key := regexp.MustCompile(`^(\p{Ll}[^\p{Lu}\s:]*):[ \t]+(.*)$`)
	comment := regexp.MustCompile(`^# run (\d+), layout (\d+)$`)
	n, layout := 0, 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if m := key.FindStringSubmatch(line); m != nil {
			config[m[1]] = m[2]
		}
		if m := comment.FindStringSubmatch(line); m != nil {
			n, _ = strconv.Atoi(m[1])
			layout, _ = strconv.Atoi(m[2])
		}
		if strings.HasPrefix(line, "Benchmark") {
			if _, twice := runs[n]; twice || n == 0 {
				return nil, nil, fmt.Errorf("run %d without number of its own: %s", n, line)
			}
			runs[n] = Run{Package: config["pkg"], Line: line, Head: head, Layout: layout}
		}
	}
	return runs, config, nil
}

func bothRuns(r *Report, runs []Run) (base, head string, err error) {
	var b, h bytes.Buffer
	err = r.Runs(&b, &h, runs)
	return b.String(), h.String(), err
}

// All runs come back, in the order in which they were made.
func TestRunsAreReadAsTheyWereMade(t *testing.T) {
	t.Parallel()
	r := sample(1)
	rapid.Check(t, func(t *rapid.T) {
		runs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Run {
			name := rapid.SampledFrom([]string{"BenchmarkQuote", "BenchmarkQuote/size=1-2", "BenchmarkÄ/x:_y"}).Draw(t, "name")
			ns := rapid.Float64Range(0.1, 1e9).Draw(t, "ns")
			return Run{Package: rapid.SampledFrom([]string{"example.com/a", "example.com/b"}).Draw(t, "package"),
				Line: fmt.Sprintf("%s\t%d\t%g ns/op\t%g cpu-ns/op\t0 B/op\t0 allocs/op", name, rapid.IntRange(1, 1e9).Draw(t, "n"), ns, ns/2),
				Head: rapid.Bool().Draw(t, "head"), Layout: rapid.IntRange(0, 3).Draw(t, "layout")}
		}), 0, 40).Draw(t, "runs")
		base, head, err := bothRuns(r, runs)
		if err != nil {
			t.Fatal(err)
		}
		got, config, err := parseRuns(base, false)
		if err != nil {
			t.Fatal(err)
		}
		more, other, err := parseRuns(head, true)
		if err != nil {
			t.Fatal(err)
		}
		for n, run := range more {
			got[n] = run
		}
		if len(got) != len(runs) {
			t.Fatalf("got %d runs, want %d", len(got), len(runs))
		}
		for i, want := range runs {
			if got[i+1] != want {
				t.Fatalf("run %d: got %+v, want %+v", i+1, got[i+1], want)
			}
		}
		delete(config, "pkg")
		delete(other, "pkg")
		if !slices.Equal(pairs(config), pairs(other)) || len(config) != 4 {
			t.Fatalf("the sides are configured as %v and %v, want the same four", config, other)
		}
	})
}

func pairs(m map[string]string) []string {
	var out []string
	for k, v := range m {
		out = append(out, k+": "+v)
	}
	slices.Sort(out)
	return out
}

func TestRunFiles(t *testing.T) {
	t.Parallel()
	base, head, err := bothRuns(sample(1), []Run{
		{"example.com/shop/pricing", "BenchmarkQuote\t52000\t1257 ns/op\t1249 cpu-ns/op\t640 B/op\t12 allocs/op", false, 0},
		{"example.com/shop/pricing", "BenchmarkQuote\t52000\t1411 ns/op\t1406 cpu-ns/op\t640 B/op\t13 allocs/op", true, 0},
		{"example.com/shop/pricing", "BenchmarkQuote\t52000\t1423 ns/op\t1409 cpu-ns/op\t640 B/op\t13 allocs/op", true, 2},
		{"example.com/shop/pricing", "BenchmarkQuote\t52000\t1262 ns/op\t1251 cpu-ns/op\t640 B/op\t12 allocs/op", false, 1},
		{"example.com/shop/web", "BenchmarkPage\t900\t70112 ns/op\t70003 cpu-ns/op\t0 B/op\t0 allocs/op", false, 0},
		{"example.com/shop/web", "BenchmarkPage\t900\t70140 ns/op\t70021 cpu-ns/op\t0 B/op\t0 allocs/op", true, 0},
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "old.txt", base)
	golden(t, "new.txt", head)
}

func TestWhatIsNoResultIsRefused(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"goos: linux":                    `write run 1 of example.com/a: "goos: linux" is no result: it does not begin with Benchmark`,
		"BenchmarkX\t1\t2 ns/op\npkg: x": `write run 1 of example.com/a: "BenchmarkX\t1\t2 ns/op\npkg: x" is no result: it is not one line of text`,
		"BenchmarkX\t1":                  `write run 1 of example.com/a: "BenchmarkX\t1" is no result: it has no value with a unit`,
	} {
		if _, _, err := bothRuns(sample(1), []Run{{Package: "example.com/a", Line: line}}); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// full is a disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestAFullDiskIsSaid(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := sample(1).Runs(&b, full{}, nil); err == nil || err.Error() != "write the runs of head: no space" {
		t.Errorf("got %v", err)
	}
}
