package accept

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTrailersAreRead(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]Acceptance{
		"BenchmarkQuote +15% reason":            {Bench: "BenchmarkQuote", Kind: Time, More: 0.15, Reason: "reason"},
		"BenchmarkQuote  +2.5%   two\twords ":   {Bench: "BenchmarkQuote", Kind: Time, More: 0.025, Reason: "two words"},
		"BenchmarkQuote allocs+1 reason":        {Bench: "BenchmarkQuote", Kind: Allocs, More: 1, Reason: "reason"},
		"BenchmarkQuote bytes+64 reason":        {Bench: "BenchmarkQuote", Kind: Bytes, More: 64, Reason: "reason"},
		"BenchmarkQuote/a/b=1.5-8 +1% r":        {Bench: "BenchmarkQuote/a/b=1.5-8", Kind: Time, More: 0.01, Reason: "r"},
		"pricing.Benchmark +1% r":               {Package: "pricing", Bench: "Benchmark", Kind: Time, More: 0.01, Reason: "r"},
		"./pricing.Benchmark_x +1% r":           {Package: "pricing", Bench: "Benchmark_x", Kind: Time, More: 0.01, Reason: "r"},
		"example.com/m/v2.BenchmarkA/x.y +1% r": {Package: "example.com/m/v2", Bench: "BenchmarkA/x.y", Kind: Time, More: 0.01, Reason: "r"},
		"BenchmarkA/p.BenchmarkB +300% r":       {Bench: "BenchmarkA/p.BenchmarkB", Kind: Time, More: 3, Reason: "r"},
		"BenchmarkÄ +1% größer, aber richtig":   {Bench: "BenchmarkÄ", Kind: Time, More: 0.01, Reason: "größer, aber richtig"},
		"BenchmarkA +1% 3 ways out of 4 are it": {Bench: "BenchmarkA", Kind: Time, More: 0.01, Reason: "3 ways out of 4 are it"},
	} {
		got, err := parse(value)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", value, err, diff)
		}
	}
}

func TestWhatAcceptsNothingSaysWhy(t *testing.T) {
	t.Parallel()
	const how = `write "Perf-Accept: BenchmarkQuote +15% REASON", or allocs+1 or bytes+64 for +15%`
	for value, want := range map[string]string{
		"":                            "nothing is accepted: " + how,
		"BenchmarkQuote":              "no bound: " + how,
		"BenchmarkQuote +15%":         "no reason, no acceptance: say after the bound why it is worth that",
		"BenchmarkQuote +15% ...":     "no reason, no acceptance: say after the bound why it is worth that",
		"BenchmarkQuote reason":       `"reason" is no bound: ` + how,
		"BenchmarkQuote 15% r":        `"15%" is no bound: ` + how,
		"BenchmarkQuote -15% r":       `"-15%" is no bound: ` + how,
		"BenchmarkQuote +15 % r":      `"+15" is no bound: ` + how,
		"BenchmarkQuote +1e9% r":      `"+1e9%" is no bound: ` + how,
		"BenchmarkQuote +1234567% r":  `"+1234567%" is no bound: ` + how,
		"BenchmarkQuote allocs+1.5 r": `"allocs+1.5" is no bound: ` + how,
		"BenchmarkQuote +0% r":        `"+0%" accepts nothing: ` + how,
		"BenchmarkQuote allocs+0 r":   `"allocs+0" accepts nothing: ` + how,
		"BenchmarkQuote +15% allocs+1 slower and hungrier": `two bounds, "+15%" and "allocs+1": write one trailer for each`,
		"Quote +15% r":           `"Quote" is no benchmark: ` + how,
		"Benchmarks +15% r":      `"Benchmarks" is no benchmark: after Benchmark comes no small letter`,
		"BenchmarkQuote/ +15% r": `"BenchmarkQuote/" ends in a slash: "BenchmarkQuote" covers its sub-benchmarks`,
		"Benchmark* +15% r":      `"Benchmark*" looks like a pattern: name one benchmark, which covers its sub-benchmarks`,
		"./... +15% r":           `"./..." looks like a pattern: name one benchmark, which covers its sub-benchmarks`,
	} {
		got, err := parse(value)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %+v, %v\nwant %s", value, got, err, want)
		}
	}
}

// write is the trailer that says a.
func write(a Acceptance) string {
	name := a.Bench
	if a.Package != "" {
		name = a.Package + "." + name
	}
	if a.Kind == Time {
		return fmt.Sprintf("%s +%s%% %s", name, strconv.FormatFloat(a.More*100, 'f', 3, 64), a.Reason)
	}
	return fmt.Sprintf("%s %s+%.0f %s", name, a.Kind, a.More, a.Reason)
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"BenchmarkQuote +15% reason", "p.BenchmarkQuote/a-2 allocs+1 reason", "x/./y.BenchmarkQ bytes+64 because",
		"BenchmarkQuote", "Benchmark* +1% r", "BenchmarkQ +0% r", "BenchmarkQ +1% allocs+1", "BenchmarkQ +999999.999% x", "\x00", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		a, err := parse(value)
		if err != nil {
			return
		}
		if !(a.More > 0 && a.More < 1e12) || a.Reason == "" || strings.ContainsAny(a.Reason+a.Bench+a.Package, "\n\r\t") {
			t.Errorf("%q: got %+v", value, a)
		}
		again, err := parse(write(a))
		if diff := cmp.Diff(a, again); err != nil || diff != "" {
			t.Errorf("%q is written %q, which reads (%v, -first +again):\n%s", value, write(a), err, diff)
		}
	})
}

func FuzzMessage(f *testing.F) {
	f.Add("s\n\nPerf-Accept: BenchmarkQuote +15% reason\n", "BenchmarkQuote +15% reason")
	f.Add("s\n\nPerf-Accept: BenchmarkQuote +15%\n\nprose", "")
	f.Add("perf-accept :\n", "\x1e\x1e")
	f.Fuzz(func(t *testing.T, body, trailers string) {
		found, refused := message("0123456789abcdef", body, trailers)
		said := strings.Count(body, "\n") + strings.Count(trailers, "\x1e") + 2
		if len(found)+len(refused) > said {
			t.Errorf("%q, %q: %d found and %d refused of %d", body, trailers, len(found), len(refused), said)
		}
		for _, a := range found {
			if a.Commit != "0123456789abcdef" || a.Reason == "" {
				t.Errorf("%q, %q: found %+v", body, trailers, a)
			}
		}
		for _, err := range refused {
			if !strings.HasPrefix(err.Error(), "commit 0123456789ab: ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q, %q: refused %q", body, trailers, err)
			}
		}
	})
}
