package main

import (
	"context"
	"testing"

	"github.com/hemilith/hemilith/bench/echo"
)

func TestBindReturnsTheVeryPointer(t *testing.T) {
	impl := echo.New()
	bound, err := bind(impl)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := bound.(*echo.Service); !ok || got != impl {
		t.Errorf("got %T %p, want %T %p", bound, bound, impl, impl)
	}
}

func TestABoundCallAllocatesNothing(t *testing.T) {
	bound, err := bind(echo.New())
	if err != nil {
		t.Fatal(err)
	}
	ctx, o := context.Background(), echo.Sample()
	got := testing.AllocsPerRun(100, func() {
		if sum, err := bound.Add(ctx, 1, 2); sum != 3 || err != nil {
			t.Errorf("add(1, 2): got %d, %v", sum, err)
		}
		if back, err := bound.Echo(ctx, o); back.ID != o.ID || err != nil {
			t.Errorf("echo: got %d, %v", back.ID, err)
		}
	})
	if got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}

func BenchmarkPlainCall(b *testing.B) { benchmarkCall(b, echo.New()) }

func BenchmarkBoundCall(b *testing.B) {
	bound, err := bind(echo.New())
	if err != nil {
		b.Fatal(err)
	}
	benchmarkCall(b, bound)
}

// benchmarkCall is not inlined into its callers, so that both call by way of
// the interface.
//
//go:noinline
func benchmarkCall(b *testing.B, api echo.API) {
	ctx := context.Background()
	b.ReportAllocs()
	var a int64
	for b.Loop() {
		sum, err := api.Add(ctx, a, 1)
		if err != nil {
			b.Fatal(err)
		}
		a = sum
	}
	if a != int64(b.N) {
		b.Errorf("got %d, want %d", a, b.N)
	}
}
