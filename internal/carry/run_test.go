package carry

import (
	"context"
	"errors"
	"testing"

	"github.com/hemilith/hemilith/layout"
)

func role1(p *Process, name string, f func(context.Context) error) { p.Role(name, name+".go:1", f) }

func TestRunEndsWhenItsRolesEnd(t *testing.T) {
	t.Parallel()
	p := New(env(), layout.Layout{}, nil)
	ran := make(map[string]bool)
	done := make(chan string, 2)
	for _, name := range []string{"web", "work"} {
		role1(p, name, func(context.Context) error { done <- name; return nil })
	}
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		ran[<-done] = true
	}
	if !ran["web"] || !ran["work"] {
		t.Errorf("ran %v, want both roles", ran)
	}
}

func TestARoleThatFailsEndsTheOthers(t *testing.T) {
	t.Parallel()
	p := New(env(), layout.Layout{}, nil)
	disk := errors.New("disk full")
	role1(p, "web", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	role1(p, "work", func(context.Context) error { return disk })
	err := p.Run(t.Context())
	if !errors.Is(err, disk) || err.Error() != "role work: disk full" {
		t.Errorf("got %v, want role work: disk full", err)
	}
}

func TestEndOfContextIsACleanEnd(t *testing.T) {
	t.Parallel()
	p := New(env(), layout.Layout{}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	role1(p, "web", func(ctx context.Context) error { cancel(); <-ctx.Done(); return ctx.Err() })
	if err := p.Run(ctx); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

func TestRunTwiceAtOnceIsRefusedAndInTurnIsNot(t *testing.T) {
	t.Parallel()
	p := New(env(), layout.Layout{}, nil)
	role1(p, "web", func(context.Context) error {
		err := p.Run(context.Background())
		if err == nil || err.Error() != "hemilith: Run is running already: call it once" {
			t.Errorf("second Run: got %v", err)
		}
		if _, err := p.Bind("adder", "x.go:1", nil); err == nil {
			t.Error("Bind after Run: got no error")
		}
		return nil
	})
	for range 2 {
		if err := p.Run(t.Context()); err != nil {
			t.Error(err)
		}
		role1(p, "web", func(context.Context) error { return nil })
	}
}

func TestAServiceRunsItsOwnRolesOnly(t *testing.T) {
	t.Parallel()
	p := New(env(EnvService+"=web"), twoServices, nil)
	ran := make(chan string, 2)
	role1(p, "web", func(context.Context) error { ran <- "web"; return nil })
	role1(p, "work", func(context.Context) error { ran <- "work"; return nil })
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(ran)
	var got []string
	for name := range ran {
		got = append(got, name)
	}
	if len(got) != 1 || got[0] != "web" {
		t.Errorf("ran %v, want web", got)
	}
}
