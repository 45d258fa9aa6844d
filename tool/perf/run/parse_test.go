package run

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResultLinesAreReadStrictly(t *testing.T) {
	t.Parallel()
	const good = "100\t 12.50 ns/op\t 8.00 MB/s\t 10.25 cpu-ns/op\t 0.75 idle-share\t 1 left-files\t 2 left-goroutines\t 3 started-goroutines\t 16 B/op\t 2 allocs/op"
	m, err := parse(good)
	want := Measurement{N: 100, CPU: 10.25, Wall: 12.5, Allocs: 2, Bytes: 16, Idle: 0.75, Started: 3, LeftGoroutines: 2, LeftFiles: 1}
	if d := cmp.Diff(want, m); d != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, d)
	}
	if m, err = parse(good + "\tNaN hits/op +Inf x/s 1 y 2 y"); m != want || err != nil { // the user's own
		t.Errorf("got %+v, %v", m, err)
	}
	for line, why := range map[string]string{
		"":                              "want a number of operations, then values with units",
		"100\t1 ns/op\t2":               "want a number of operations, then values with units",
		"x\t1 ns/op":                    "no number of operations",
		"0\t1 ns/op":                    "no number of operations",
		"1\tfast ns/op":                 `"fast" is no number`,
		"1\tNaN ns/op":                  `"NaN" is no number`,
		"1\t1 ns/op 2 ns/op":            "two values in ns/op",
		"1\t1 ns/op 1 B/op 1 allocs/op": "no cpu-ns/op",
		"1\t1 ns/op -1 cpu-ns/op 1 B/op 1 allocs/op": "no cpu-ns/op",
	} {
		_, err := parse(line)
		want := "result " + strconv.Quote(line) + " is not as expected: " + why
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("1\t1 ns/op 1 cpu-ns/op 1 B/op 1 allocs/op")
	f.Add("7\t1e300 ns/op 0x1p-2 cpu-ns/op 1 B/op 1 allocs/op 3 MB/s")
	f.Fuzz(func(t *testing.T, line string) {
		m, err := parse(line)
		if err == nil && (m.N < 1 || m.CPU < 0 || m.Wall < 0 || m.CPU != m.CPU) {
			t.Errorf("%q gives %+v", line, m)
		}
	})
}
