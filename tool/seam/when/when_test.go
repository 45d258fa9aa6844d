package when

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func lines(signs []Sign) string {
	var b strings.Builder
	for _, s := range signs {
		mark := map[[2]bool]string{{true, true}: "over", {true, false}: "fine"}[[2]bool{s.Known, s.Over}]
		fmt.Fprintf(&b, "%s | %v of %v %s | %s | %s\n", s.Name, s.Value, s.Limit, s.Unit, mark, s.Text)
	}
	return b.String()
}

func TestSigns(t *testing.T) {
	t.Parallel()
	slow := &Tests{Wall: 11*time.Minute + 5*time.Second, Packages: 3, Slowest: []PackageTime{{"m/db", 4 * time.Minute}}}
	for _, c := range []struct {
		name string
		m    Measures
		t    Thresholds
		want string
	}{
		{"a large program", Measures{
			People: &People{Team: 24, Passing: 7, Months: 12, CrowdedFiles: 3.5, Most: 9, File: "db/db.go"},
			Merges: &Merges{Looked: 200, Mended: 50}, Size: &Size{Lines: 1_250_001, Packages: 80}, Tests: slow,
		}, Thresholds{}, `people | 24 of 12 people in 12 months | over | 24 people changed it regularly in 12 months (276 pairs), and 7 people passed by. About 12 to a service is what works: 66 pairs.
people in the same files | 3.5 of 2 files that 5 people change in a month | over | In a usual month, 3.5 files are changed by 5 people or more; the limit is 2. The most in one file: 9 people, in db/db.go.
merge conflicts | 25 of 16 of 100 merges | over | Of the last 200 merges, 50 were mended by hand; the limit is 16 of 100.
lines | 1.250001e+06 of 250000 lines | over | The program has 1,250,001 lines, without tests and generated code; the limit is 250,000.
packages | 80 of 500 packages | fine | The program has 80 packages; the limit is 500.
test time | 665 of 600 seconds | over | All tests take 11 min 5 s; the limit is 10 min. The slowest package takes 4 min: m/db.
5 of the 6 known signs that one program no longer works are over the limit: people, people in the same files, merge conflicts, lines, test time.`},
		{"a small one, on the limit", Measures{
			People: &People{Team: 1, Months: 3, CrowdedFiles: 1, Most: 1}, Merges: &Merges{Looked: 3}, Size: &Size{Lines: 900, Packages: 3},
			Tests: &Tests{Wall: 1500 * time.Millisecond, Packages: 2, Cached: 1},
		}, Thresholds{Team: 6, Crowd: 1, CrowdedFiles: 1, Lines: 900, TestTime: 2 * time.Second}, `people | 1 of 6 people in 12 months | fine | 1 person changed it regularly in 12 months, and nobody passed by. About 6 to a service is what works: 15 pairs.
people in the same files | 1 of 1 files that 1 person changes in a month | fine | In a usual month, 1 file is changed by 1 person or more; the limit is 1. The most in one file: 1 person.
merge conflicts | 0 of 16 of 100 merges |  | How often merges conflict is not known: history has 3 merges, and 20 are needed. Who rebases or squashes leaves no trace of conflicts.
lines | 900 of 900 lines | fine | The program has 900 lines, without tests and generated code; the limit is 900.
packages | 3 of 500 packages | fine | The program has 3 packages; the limit is 500.
test time | 1.5 of 2 seconds | fine | All tests take 1.5 s; the limit is 2.0 s.
None of the 5 known signs that one program no longer works is over its limit. Not known: merge conflicts.`},
		{"nothing", Measures{}, Thresholds{}, `people | 0 of 12 people in 12 months |  | How many people change it is not known: there is no history.
people in the same files | 0 of 2 files that 5 people change in a month |  | Who changes the same files is not known: there is no history.
merge conflicts | 0 of 16 of 100 merges |  | How often merges conflict is not known: there is no history.
lines | 0 of 250000 lines |  | The size is not known.
packages | 0 of 500 packages |  | The number of packages is not known.
test time | 0 of 600 seconds |  | How long the tests take is not known; next: go test -count=1 -json ./... > tests.json
None of the signs that one program no longer works is known.`},
		{"a quiet year, cached tests", Measures{
			People: &People{}, Size: &Size{Lines: 300_000, Packages: 1}, Tests: &Tests{Packages: 5, Cached: 3},
		}, Thresholds{}, `people | 0 of 12 people in 12 months | fine | Nobody changed it regularly in 12 months, and nobody passed by. About 12 to a service is what works: 66 pairs.
people in the same files | 0 of 2 files that 5 people change in a month |  | Who changes the same files is not known: nothing was changed in 12 months.
merge conflicts | 0 of 16 of 100 merges |  | How often merges conflict is not known: there is no history.
lines | 300000 of 250000 lines | over | The program has 300,000 lines, without tests and generated code; the limit is 250,000.
packages | 1 of 500 packages | fine | The program has 1 package; the limit is 500.
test time | 0 of 600 seconds |  | How long the tests take is not known: 3 of 5 packages came from the cache; next: go test -count=1 -json ./... > tests.json
1 of the 3 known signs that one program no longer works is over the limit: lines. Not known: people in the same files, merge conflicts, test time.`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			signs := Signs(c.m, c.t)
			if got := lines(signs) + Text(signs); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

const sample = `{"ImportPath":"m/a","Action":"build-output","Output":"# m/a\n"}
{"Time":"2030-01-01T10:00:00Z","Action":"start","Package":"m/a"}
# a line of somebody else
{"Time":"2030-01-01T10:00:00.5+00:00","Action":"run","Package":"m/a","Test":"TestA"}
{"Time":"2030-01-01T10:00:01Z","Action":"output","Package":"m/a","Test":"TestA","Output":"ok  \tm/a\t(cached)\n"}
{"Time":"2030-01-01T10:00:02Z","Action":"pass","Package":"m/a","Test":"TestA","Elapsed":9}
{"Time":"2030-01-01T10:00:02Z","Action":"pass","Package":"m/a","Elapsed":2.25}
{"Time":"2030-01-01T10:00:03Z","Action":"start","Package":"m/b"}
{"Time":"2030-01-01T10:00:03Z","Action":"run","Package":"m/b","Test":"TestB"}
{"Time":"2030-01-01T10:00:03Z","Action":"output","Package":"m/b","Output":"ok  \tm/b\t(cached)\n"}
{"Time":"2030-01-01T10:00:03Z","Action":"pass","Package":"m/b","Elapsed":0}
{"Time":"2030-01-01T10:00:04Z","Action":"skip","Package":"m/none","Elapsed":0}
{"Time":"2030-01-01T10:01:05Z","Action":"run","Package":"m/c","Test":"TestC"}
{"Time":"2030-01-01T10:01:05Z","Action":"fail","Package":"m/c","Elapsed":61}
{"Time":"2030-01-01T10:01:05Z","Action":"fail","Package":"m/d","Elapsed":0}`

func TestOutputOfGoTest(t *testing.T) {
	t.Parallel()
	for _, in := range []string{sample, strings.ReplaceAll(sample, "\n", "\r\n"), sample + "\n" + strings.Repeat("x", 2*maxLine) + "\n"} {
		got, err := ReadTests("t.json", strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		want := "{1m5s 1m3.25s 3 1 2 [{m/c 1m1s} {m/a 2.25s} {m/b 0s}]}"
		if got := fmt.Sprint(*got); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestWhatIsNoOutputOfGoTest(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                         "test times t.json: no event of go test -json in it; next: go test -count=1 -json ./... > tests.json",
		"\nok  \tm/a\t0.1s\n":      `test times t.json: no event of go test -json in it: line 2 is "ok  \tm/a\t0.1s"; next: go test -count=1 -json ./... > tests.json`,
		`{"Action":""}`:            `test times t.json: no event of go test -json in it: line 1 is "{\"Action\":\"\"}"; next: go test -count=1 -json ./... > tests.json`,
		strings.Repeat("x", 3<<20): "test times t.json: no event of go test -json in it; next: go test -count=1 -json ./... > tests.json",
	} {
		if _, err := ReadTests("t.json", strings.NewReader(in)); fmt.Sprint(err) != want {
			t.Errorf("%.20q:\ngot  %v\nwant %s", in, err, want)
		}
	}
	if _, err := ReadTestsFile(t.TempDir() + "/gone"); err == nil || !strings.Contains(err.Error(), "next: go test") {
		t.Errorf("no file: %v", err)
	}
}

func FuzzReadTests(f *testing.F) {
	f.Add(sample)
	f.Add(`{"Action":"pass","Package":"p","Elapsed":1e300}`)
	f.Fuzz(func(t *testing.T, in string) {
		r, err := ReadTests("f", strings.NewReader(in))
		if err != nil {
			return
		}
		if r.Sum < 0 || r.Wall < 0 || r.Cached > r.Packages || len(r.Slowest) > maxSlowest {
			t.Fatalf("%q: %+v", in, r)
		}
		Signs(Measures{Tests: r}, Thresholds{})
	})
}
