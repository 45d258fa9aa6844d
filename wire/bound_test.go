package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"testing"
)

// fillMaps sets entries keys in each of up to n maps, until d refuses, and
// returns the maps. The slice of them is not counted.
func fillMaps[K comparable, V any](d *Decoder, n, entries int, key func(int) K) any {
	maps := make([]map[K]V, n)
	var zero V
	for i := range maps {
		for j := range entries {
			SetMap(d, &maps[i], key(j), zero)
		}
		if d.Err() != nil {
			break
		}
	}
	return maps
}

// TestMapsTakeTheMemoryThatIsCounted measures the heap, so it is not parallel.
// What is counted is neither below half of what maps take nor, so that honest
// messages pass, above twice of it.
func TestMapsTakeTheMemoryThatIsCounted(t *testing.T) {
	type long [7]string // 112 bytes, which a map keeps within its slots
	type huge [9]string // 144 bytes, which a map keeps outside of them
	number := func(i int) uint64 { return uint64(i) }
	for _, c := range []struct {
		what string
		fill func(d *Decoder, n, entries int) any
	}{
		{"uint16 to empty", func(d *Decoder, n, entries int) any {
			return fillMaps[uint16, struct{}](d, n, entries, func(i int) uint16 { return uint16(i) })
		}},
		{"uint64 to byte", func(d *Decoder, n, entries int) any { return fillMaps[uint64, byte](d, n, entries, number) }},
		{"uint64 to 112 bytes", func(d *Decoder, n, entries int) any { return fillMaps[uint64, long](d, n, entries, number) }},
		{"uint64 to 144 bytes", func(d *Decoder, n, entries int) any { return fillMaps[uint64, huge](d, n, entries, number) }},
		{"144 bytes to byte", func(d *Decoder, n, entries int) any {
			return fillMaps[[18]uint64, byte](d, n, entries, func(i int) [18]uint64 { return [18]uint64{uint64(i)} })
		}},
	} {
		for _, entries := range []int{1, 8, 9, 15, 28, 29, 57, 897, 20000} {
			n := max(1, 2000/entries)
			t.Run(fmt.Sprintf("%s, %d entries", c.what, entries), func(t *testing.T) {
				var d Decoder
				holder := uint64(n) * 8
				heap := heapOf(func() any { return c.fill(&d, n, entries) }) - holder
				if d.Err() != nil {
					t.Fatal(d.Err())
				}
				if got := uint64(d.decoded); heap > 2*got+1024 || got > 2*heap+1024 {
					t.Errorf("%d bytes counted, and %d maps take %d", got, n, heap)
				}
			})
		}
	}
}

// heapOf returns how many bytes of the heap what f returns takes.
func heapOf(f func() any) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC() // the first one may leave what pools hold
	runtime.ReadMemStats(&before)
	v := f()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(v)
	if after.HeapAlloc < before.HeapAlloc {
		return 0
	}
	return after.HeapAlloc - before.HeapAlloc
}

// TestManySmallMapsStayWithinTheBound measures the heap, so it is not parallel.
func TestManySmallMapsStayWithinTheBound(t *testing.T) {
	var d Decoder
	heap := heapOf(func() any {
		return fillMaps[uint64, [7]string](&d, MaxMessage/9, 1, func(int) uint64 { return 0 })
	})
	if d.Err() == nil {
		t.Errorf("no error, with %d MiB counted", d.decoded>>20)
	}
	if heap > 2*maxDecoded {
		t.Errorf("%d MiB of heap, want at most %d", heap>>20, 2*maxDecoded>>20)
	}
}

// TestAKeyThatComesAgainTakesNoRoom: a small map is counted once.
func TestAKeyThatComesAgainTakesNoRoom(t *testing.T) {
	t.Parallel()
	var d Decoder
	var m map[int]int
	SetMap(&d, &m, 1, 1)
	want := d.decoded
	SetMap(&d, &m, 1, 2)
	if d.decoded != want || m[1] != 2 {
		t.Errorf("%d bytes counted for %v, want %d", d.decoded, m, want)
	}
}

// countErrors counts the errors of a tree.
func countErrors(err error) int {
	n := 1
	switch w := err.(type) {
	case interface{ Unwrap() error }:
		n += countErrors(w.Unwrap())
	case interface{ Unwrap() []error }:
		for _, in := range w.Unwrap() {
			n += countErrors(in)
		}
	}
	return n
}

// TestReadErrorsAreBoundedAsWrittenOnesAre decodes trees that no encoder writes.
func TestReadErrorsAreBoundedAsWrittenOnesAre(t *testing.T) {
	t.Parallel()
	join := func(in []byte, n int) []byte { // n joined errors of message in
		var b []byte
		for range n {
			b = append(binary.AppendUvarint(append(b, errorJoins<<3|2), uint64(len(in))), in...)
		}
		return b
	}
	for _, c := range []struct {
		what string
		body []byte
		want int
	}{
		{"wide", join(nil, MaxMessage/2-16), maxErrorNodes},
		{"wide below the bound", join(nil, maxErrorNodes-1), maxErrorNodes},
		{"two levels", join(join(nil, 2000), 500), maxErrorNodes},
		{"wide and deep", join(join(join(nil, 20), 20), 20), maxErrorNodes},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			err := readOne(t, append(binary.AppendUvarint([]byte{1<<3 | 2}, uint64(len(c.body))), c.body...))
			if got := countErrors(err); got != c.want {
				t.Errorf("%d errors, want %d", got, c.want)
			}
		})
	}
}

// readOne reads a message whose field 1 is an error.
func readOne(t *testing.T, msg []byte) (err error) {
	t.Helper()
	var d Decoder
	d.Reset(msg, true)
	for d.Next() != 0 {
		ReadError(&d, &err)
	}
	if d.Err() != nil {
		t.Fatal(d.Err())
	}
	return err
}

// TestErrorsBeyondTheBoundKeepTheirText: a message may hold many errors, and
// what is written of them is read.
func TestErrorsBeyondTheBoundKeepTheirText(t *testing.T) {
	t.Parallel()
	const many = 3 * maxErrorNodes
	var s Scope
	var msg []byte
	for i := range many {
		msg = AppendError(msg, 1, fmt.Errorf("outer %d: %w", i, errors.New("inner")), &s)
	}
	var d Decoder
	d.Reset(msg, true)
	wrapped := 0
	for i := 0; d.Next() != 0; i++ {
		var err error
		ReadError(&d, &err)
		if want := fmt.Sprintf("outer %d: inner", i); err == nil || err.Error() != want {
			t.Fatalf("got %v, want %s", err, want)
		}
		if errors.Unwrap(err) != nil {
			wrapped++
		}
	}
	if d.Err() != nil || wrapped != maxErrorNodes/2 {
		t.Errorf("%d errors wrap another, want %d; %v", wrapped, maxErrorNodes/2, d.Err())
	}
	// One that wraps, written without a scope's count, is read as its text.
	late := AppendError(msg, 1, fmt.Errorf("late: %w", errors.New("inner")), &Scope{})
	if err := readOne(t, late); err.Error() != "late: inner" || errors.Unwrap(err) != nil {
		t.Errorf("got %#v, want its text alone", err)
	}
}
