package accept

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

func quote(kind Kind, more float64, reason string) Acceptance {
	return Acceptance{Commit: "c0", Bench: "BenchmarkQuote", Kind: kind, More: more, Reason: reason}
}

func TestNameCoversWhatItNames(t *testing.T) {
	t.Parallel()
	const pkg = "example.com/shop/pricing"
	for _, c := range []struct {
		pkg, name string
		b         Bench
		want      bool
	}{
		{"", "BenchmarkQuote", Bench{pkg, "BenchmarkQuote", 1}, true},
		{"", "BenchmarkQuote", Bench{pkg, "BenchmarkQuote", 2}, true},
		{"", "BenchmarkQuote", Bench{pkg, "BenchmarkQuote/large", 2}, true},
		{"", "BenchmarkQuote", Bench{pkg, "BenchmarkQuotes", 1}, false},
		{"", "BenchmarkQuote/la", Bench{pkg, "BenchmarkQuote/large", 1}, false},
		{"", "BenchmarkQuote/large", Bench{pkg, "BenchmarkQuote", 1}, false},
		{"", "BenchmarkQuote/large", Bench{pkg, "BenchmarkQuote/large/n=3", 1}, true},
		{"", "BenchmarkQuote-2", Bench{pkg, "BenchmarkQuote", 2}, true},
		{"", "BenchmarkQuote-2", Bench{pkg, "BenchmarkQuote", 1}, false},
		{"", "BenchmarkQuote-2", Bench{pkg, "BenchmarkQuote/large", 2}, false},
		{"", "BenchmarkQuote/n-2", Bench{pkg, "BenchmarkQuote/n-2", 8}, true},
		{pkg, "BenchmarkQuote", Bench{pkg, "BenchmarkQuote", 1}, true},
		{"pricing", "BenchmarkQuote", Bench{pkg, "BenchmarkQuote", 1}, true},
		{"shop/pricing", "BenchmarkQuote", Bench{pkg, "BenchmarkQuote", 1}, true},
		{"icing", "BenchmarkQuote", Bench{pkg, "BenchmarkQuote", 1}, false},
		{"shop", "BenchmarkQuote", Bench{pkg, "BenchmarkQuote", 1}, false},
	} {
		a := Acceptance{Package: c.pkg, Bench: c.name, Kind: Time, More: 0.1, Reason: "r"}
		if got := len(For([]Acceptance{a}, c.b, gate.CPU).By) == 1; got != c.want {
			t.Errorf("%q.%q names %+v: got %v, want %v", c.pkg, c.name, c.b, got, c.want)
		}
	}
}

func TestAcceptancesOfARangeAddUpAndCopiesDoNot(t *testing.T) {
	t.Parallel()
	b := Bench{"p", "BenchmarkQuote", 1}
	copied := quote(Time, 0.05, "one")
	copied.Commit = "c9"
	all := []Acceptance{
		quote(Time, 0.05, "one"), quote(Time, 0.10, "two"), copied,
		quote(Allocs, 1, "one"), quote(Allocs, 2, "two"), quote(Bytes, 64, "three"),
	}
	for c, want := range map[gate.Channel]float64{gate.CPU: 0.155, gate.Wall: 0.155, gate.Allocs: 3, gate.Bytes: 64} {
		if got := For(all, b, c).More; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: got %v more, want %v", c, got, want)
		}
	}
	if diff := cmp.Diff([]Acceptance{all[0], all[1]}, For(all, b, gate.CPU).By); diff != "" {
		t.Errorf("by (-want +got):\n%s", diff)
	}
}

func TestGrantCoversWhatIsNotShownToBeBeyond(t *testing.T) {
	t.Parallel()
	open := math.Inf(-1)
	for _, c := range []struct {
		name           string
		a              Acceptance
		channel        gate.Channel
		effect, lo, hi float64
		want           bool
	}{
		{"within", quote(Time, 0.15, "r"), gate.CPU, 0.126, 0.11, 0.14, true},
		{"measured again, a little above", quote(Time, 0.15, "r"), gate.CPU, 0.152, 0.14, 0.165, true},
		{"at the bound", quote(Time, 0.15, "r"), gate.CPU, 0.17, 0.15, 0.19, true},
		{"beyond", quote(Time, 0.15, "r"), gate.CPU, 0.17, 0.151, 0.19, false},
		{"open, within", quote(Time, 0.15, "r"), gate.CPU, 0.14, open, 0.2, true},
		{"open, beyond", quote(Time, 0.15, "r"), gate.CPU, 0.16, open, 0.2, false},
		{"wall time is time", quote(Time, 0.15, "r"), gate.Wall, 0.12, 0.11, 0.13, true},
		{"time is not allocations", quote(Time, 0.15, "r"), gate.Allocs, 1, 1, 1, false},
		{"allocations are not time", quote(Allocs, 1, "r"), gate.CPU, 0.02, 0.015, 0.03, false},
		{"one allocation", quote(Allocs, 1, "r"), gate.Allocs, 1, 1, 1, true},
		{"one, and growing maps", quote(Allocs, 1, "r"), gate.Allocs, 1.02, 1.02, 1.02, true},
		{"two allocations", quote(Allocs, 1, "r"), gate.Allocs, 2, 2, 2, false},
		{"one and a half", quote(Allocs, 1, "r"), gate.Allocs, 1.5, 1.5, 1.5, false},
		{"64 bytes", quote(Bytes, 64, "r"), gate.Bytes, 64, 64, 64, true},
		{"72 bytes", quote(Bytes, 64, "r"), gate.Bytes, 72, 72, 72, false},
	} {
		r := gate.Result{Channel: c.channel, Effect: c.effect, Interval: evalue.Interval{Lo: c.lo, Hi: c.hi}}
		g := For([]Acceptance{c.a}, Bench{"p", "BenchmarkQuote", 1}, c.channel)
		if got := g.Covers(r); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if (Grant{}).Covers(gate.Result{Channel: gate.CPU, Effect: -1}) {
		t.Error("the zero grant covers something")
	}
}
