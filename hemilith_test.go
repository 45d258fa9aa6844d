package hemilith_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/hemilith/hemilith"
)

// TestMain makes this process the monolith, whatever the environment says.
func TestMain(m *testing.M) {
	for _, v := range []string{"HEMILITH_SERVICE", "HEMILITH_MODE", "HEMILITH_PEERS", "HEMILITH_LISTEN"} {
		os.Unsetenv(v)
	}
	os.Exit(m.Run())
}

type counter interface {
	Next(ctx context.Context) (int, error)
}

type memory struct{ n int }

func (m *memory) Next(context.Context) (int, error) { m.n++; return m.n, nil }

func TestBindReturnsTheVeryValue(t *testing.T) { // AllocsPerRun is not for parallel tests
	value := &memory{}
	got, err := hemilith.Bind("counter", func() (counter, error) { return value, nil })
	if err != nil || got != counter(value) {
		t.Fatalf("got %v, %v; want the value that build returned", got, err)
	}
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { _, _ = got.Next(ctx) }); n != 0 {
		t.Errorf("a call allocates %v times, want 0", n)
	}
}

func TestBindReturnsZeroWithAnError(t *testing.T) {
	t.Parallel()
	disk := errors.New("disk full")
	got, err := hemilith.Bind("broken", func() (counter, error) { return (*memory)(nil), disk })
	if got != nil || err != disk {
		t.Errorf("got %v, %v; want nil and the very error", got, err)
	}
}

func TestBindWantsAnInterface(t *testing.T) {
	t.Parallel()
	_, err := hemilith.Bind("concrete", func() (*memory, error) { return &memory{}, nil })
	want := `hemilith: Bind("concrete"): *hemilith_test.memory is not an interface: name the interface that callers need`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestTraceparent(t *testing.T) {
	t.Parallel()
	const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	ctx, err := hemilith.WithTraceparent(t.Context(), good)
	if err != nil || hemilith.Traceparent(ctx) != good {
		t.Errorf("got %q, %v", hemilith.Traceparent(ctx), err)
	}
	for _, bad := range []string{
		"", "00", good + "0", "01" + good[2:], "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
		"00-00000000000000000000000000000000-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
		"00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
	} {
		if got, err := hemilith.WithTraceparent(t.Context(), bad); err == nil || hemilith.Traceparent(got) != "" {
			t.Errorf("%q: got %q, %v; want an error", bad, hemilith.Traceparent(got), err)
		}
	}
}

func BenchmarkPlainCall(b *testing.B) {
	var c counter = &memory{}
	benchmarkCounter(b, c)
}

// BenchmarkBoundCall is to cost what BenchmarkPlainCall costs.
func BenchmarkBoundCall(b *testing.B) {
	c, err := hemilith.Bind("benched", func() (counter, error) { return &memory{}, nil })
	if err != nil {
		b.Fatal(err)
	}
	benchmarkCounter(b, c)
}

func benchmarkCounter(b *testing.B, c counter) {
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Next(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
