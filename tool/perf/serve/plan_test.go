package serve

import (
	"testing"
	"time"
)

func TestSlicesTakeTheSameTimeWhateverIsMeasured(t *testing.T) {
	t.Parallel()
	one, ten := Stream{Requests: make([]Request, 1)}, Stream{Requests: make([]Request, 10)}
	at := func(cpu, wall float64, fastest time.Duration) Slice {
		return Slice{CPU: cpu, Wall: wall, fastest: fastest}
	}
	forks := at(1e-3, 1e-3, 1e6)
	forks.reaped = time.Millisecond
	for _, c := range []struct {
		name       string
		stream     Stream
		base, head Slice
		clients    int
		requests   int
		waits      bool
		notes      int
	}{
		{"200 ms of processor time", one, at(1e-4, 2e-4, 2e5), at(1e-4, 2e-4, 2e5), 1, 2000, false, 0},
		{"the whole stream", ten, at(3e-4, 6e-4, 6e5), at(3e-4, 6e-4, 6e5), 1, 670, false, 0},
		{"at least once", ten, at(1, 1, 1e9), at(1, 1, 1e9), 1, 10, false, 0},
		{"no more than two seconds", one, at(1e-6, 1e-3, 1e5), at(1e-6, 1e-3, 1e5), 1, 2000, false, 0},
		{"with two clients twice as many", one, at(1e-6, 1e-3, 1e5), at(1e-6, 1e-3, 1e5), 2, 4000, false, 0},
		{"200 ms of what waits", one, at(1e-4, 2e-2, 2e7), at(1e-4, 2e-2, 2e7), 1, 10, true, 0},
		{"late by other load is no waiting", one, at(1e-3, 2e-2, 1e6), at(1e-3, 2e-2, 1e6), 1, 100, false, 0},
		{"less where head is much slower", one, at(1e-4, 1e-4, 1e5), at(0.1, 0.1, 1e8), 1, 160, false, 0},
		{"longer where processes end", one, forks, forks, 1, 500, false, 1},
	} {
		p := planFor(c.stream, c.base, c.head, c.clients)
		if p.Requests() != c.requests || p.Waits != c.waits || len(p.Notes) != c.notes {
			t.Errorf("%s: got %d requests, waits %t, notes %q; want %d, %t, %d notes", c.name, p.Requests(), p.Waits, p.Notes, c.requests, c.waits, c.notes)
		}
	}
}

func TestTurnsAreShort(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cpu           float64
		clients, want int
	}{{1e-4, 1, 10}, {1, 1, 1}, {1e-4, 2, 16}, {1e-5, 2, 100}} {
		s := Slice{CPU: c.cpu, Wall: c.cpu, fastest: 1}
		if got := planFor(Stream{Requests: make([]Request, 1)}, s, s, c.clients).Turn; got != c.want {
			t.Errorf("%v s a request, %d clients: got %d requests a turn, want %d", c.cpu, c.clients, got, c.want)
		}
	}
}

func TestWarmingIsAShareOfWhatIsMeasured(t *testing.T) {
	t.Parallel()
	p := Plan{Stream: Stream{Requests: make([]Request, 1)}, Cycles: 10}
	for warm, want := range map[float64]int{0: 3, 0.001: 1, 0.5: 5, 3: 30} {
		if got := (&Config{Warm: warm}).warming(p); got != want {
			t.Errorf("warm %v: got %d requests, want %d", warm, got, want)
		}
	}
}
