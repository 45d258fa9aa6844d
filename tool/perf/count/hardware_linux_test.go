package count

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hemilith/hemilith/tool/perf/run"
)

// pages is a benchmark that touches units pages of new memory an operation.
const pages = `
-- go.mod --
module example.com/work

go 1.24
-- work_test.go --
package work

import (
	"syscall"
	"testing"
)

const units = 100

func BenchmarkWork(b *testing.B) {
	page := syscall.Getpagesize()
	for i := 0; i < b.N; i++ {
		m, err := syscall.Mmap(-1, 0, units*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			b.Fatal(err)
		}
		for at := 0; at < len(m); at += page {
			m[at] = 1
		}
		syscall.Munmap(m)
	}
}
`

// TestTheKernelCounts counts page faults, which every machine has, as instructions
// are counted where the processor has a counter for them.
func TestTheKernelCounts(t *testing.T) {
	t.Parallel()
	h := &hardware{t.TempDir(), unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS}
	base, head := built(t, pages, "units = 100", "units = 110")
	counts, err := counter("kernel", h).Count(t.Context(), run.Plan{Name: "BenchmarkWork", N: 6400}, base, head)
	e, forbidden := h.open(0)
	if forbidden != nil { // as in containers
		if !errors.Is(err, forbidden) {
			t.Errorf("got %v, want %v", err, forbidden)
		}
		return
	}
	if err := e.close(); err != nil {
		t.Error(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	d := Compare(counts[0], counts[1])
	if d.Verdict != More || d.Base < 99 || d.Base > 105 || d.Head < 109 || d.Head > 115 {
		t.Errorf("got %+v, want about 100 and 110 an operation", d)
	}
}

func TestACounterThatIsNotThereIsNotUsed(t *testing.T) {
	t.Parallel()
	h := &hardware{t.TempDir(), unix.PERF_TYPE_SOFTWARE, 1 << 40}
	if h.works() {
		t.Error("an unknown counter works")
	}
	_, err := h.count(t.Context(), "BenchmarkX", run.Binary{Path: "/bin/true", Dir: "/"}, 1)
	if !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.EINVAL) {
		t.Errorf("got %v, want that there is no such counter", err)
	}
}

// TestSharedCountersAreRefused: what the kernel scales is an estimate.
func TestSharedCountersAreRefused(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	words := func(count, wanted, ran byte) []byte {
		var b [24]byte
		b[0], b[8], b[16] = count, wanted, ran
		return b[:]
	}
	if _, err := w.Write(append(words(9, 5, 5), words(9, 5, 4)...)); err != nil {
		t.Fatal(err)
	}
	e := event{r}
	if n, err := e.read(); n != 9 || err != nil {
		t.Errorf("got %v, %v, want 9", n, err)
	}
	if _, err := e.read(); err == nil || err.Error() != "another program uses the processor's counters" {
		t.Errorf("got %v, want that it is shared", err)
	}
	if err := errors.Join(w.Close(), e.close()); err != nil {
		t.Error(err)
	}
}
