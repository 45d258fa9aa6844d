package profile

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hemilith/hemilith/tool/perf/perftest"
	"github.com/hemilith/hemilith/tool/perf/run"
)

// built compiles two states of a module that archives hold.
func built(t *testing.T, base, head string) (b, h run.Binary) {
	t.Helper()
	return perftest.Built(t, "example.com/shop", base, head)
}

const shop = `
-- go.mod --
module example.com/shop

go 1.24
-- shop_test.go --
package shop_test

import (
	"testing"

	"example.com/shop/price"
)

var sink any

func BenchmarkQuote(b *testing.B) {
	book := price.New()
	for b.Loop() {
		sink = book.Quote("abcdefgh")
	}
}
-- price/price.go --
package price

import "strings"

type Book struct{ seen map[string]int }

func New() *Book { return &Book{map[string]int{}} }

func hash(s string) (h uint32) {
	for i := range len(s) {
		h = h*31 + uint32(s[i])
	}
	return h
}

func (b *Book) Quote(name string) string {
	h := uint32(0)
	for range 20 {
		h += hash(name)
	}
	b.seen[name] = int(h)
	return strings.ToUpper(name)
}
`

func TestPlantedRegressionsAreFoundInRealBinaries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, head string
		kind       Kind
		function   string
		line       string
		level      Level
	}{
		{"work in an inlined function", `
-- price/price.go --
package price

import "strings"

// Book is documented now, which moves all lines.
type Book struct{ seen map[string]int }

func New() *Book { return &Book{map[string]int{}} }

func hash(s string) (h uint32) {
	for i := range len(s) {
		h = h*31 + uint32(s[i])%7919%257%31
	}
	return h
}

func (b *Book) Quote(name string) string {
	h := uint32(0)
	for range 20 {
		h += hash(name)
	}
	b.seen[name] = int(h)
	return strings.ToUpper(name)
}
`, CPU, "example.com/shop/price.hash", "price.go:12 price.go:13", Changed},
		{"more calls of the library", `
-- price/price.go --
package price

import "strings"

type Book struct{ seen map[string]int }

var text = strings.Repeat("a line of a book; ", 100)

func New() *Book { return &Book{map[string]int{}} }

func hash(s string) (h uint32) {
	for i := range len(s) {
		h = h*31 + uint32(s[i])
	}
	return h
}

func (b *Book) Quote(name string) string {
	h := uint32(0)
	for range 20 {
		h += hash(name)
	}
	h += uint32(strings.LastIndex(text, name))
	b.seen[name] = int(h)
	return strings.ToUpper(name)
}
`, CPU, "example.com/shop/price.(*Book).Quote", "price.go:23", Changed},
		{"an allocation", `
-- price/price.go --
package price

import "strings"

type Book struct{ seen map[string]int }

func New() *Book { return &Book{map[string]int{}} }

func hash(s string) (h uint32) {
	for i := range len(s) {
		h = h*31 + uint32(s[i])
	}
	return h
}

var last *[4]uint32

func (b *Book) Quote(name string) string {
	h := uint32(0)
	for range 20 {
		h += hash(name)
	}
	last = &[4]uint32{h}
	b.seen[name] = int(h)
	return strings.ToUpper(name)
}
`, Allocs, "example.com/shop/price.(*Book).Quote", "price.go:23", Changed},
		{"the benchmark itself", `
-- shop_test.go --
package shop_test

import (
	"testing"

	"example.com/shop/price"
)

var sink any

func BenchmarkQuote(b *testing.B) {
	book := price.New()
	for b.Loop() {
		sink = make([]byte, 100)
		sink = book.Quote("abcdefgh")
	}
}
`, Bytes, "example.com/shop_test.BenchmarkQuote", "shop_test.go:14", Changed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			base, head := built(t, shop, c.head)
			runner := &run.Runner{Dir: t.TempDir()}
			plan, err := runner.Plan(t.Context(), base, head, "BenchmarkQuote")
			if err != nil {
				t.Fatal(err)
			}
			scratch := t.TempDir()
			d, err := Explain(t.Context(), runner, Subject{Base: base, Head: head, Plan: plan, Procs: 1}, c.kind, scratch)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := d.Culprit()
			t.Logf("%+v", got)
			if !ok || !got.Sure || got.Level != c.level || got.Function.Function != c.function || !strings.Contains(c.line, got.Line.Short()) {
				t.Errorf("got %v %+v, base %v head %v\n%+v", ok, got, d.Base, d.Head, d.Functions(Changed))
			}
			if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestCPUProfilesStayShortWhereHeadIsMuchSlower(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]int{
		0:                       15,
		65 * time.Millisecond:   15,
		400 * time.Millisecond:  10,
		4000 * time.Millisecond: 1,
		50 * time.Second:        1,
	} {
		if got := longer(run.Measurement{N: 10, CPU: float64(took) / 10}); got != want {
			t.Errorf("%v: got %d, want %d", took, got, want)
		}
	}
}

func TestABenchmarkThatFailsHasNoProfile(t *testing.T) {
	t.Parallel()
	base, head := built(t, shop, strings.Replace(shop, "book := price.New()", `b.Fatal("no")`+"\n\tvar book *price.Book", 1))
	runner := &run.Runner{Dir: t.TempDir()}
	scratch := t.TempDir()
	for _, kind := range []Kind{CPU, Allocs} {
		_, err := Explain(t.Context(), runner, Subject{Base: base, Head: head, Plan: run.Plan{Name: "BenchmarkQuote", N: 100}, Procs: 1}, kind, scratch)
		if err == nil || !strings.HasPrefix(err.Error(), "cannot profile head: BenchmarkQuote fails") {
			t.Errorf("%s: got %v", kind, err)
		}
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
