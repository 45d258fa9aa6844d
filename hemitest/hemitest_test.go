package hemitest_test

import (
	"os"
	"slices"
	"testing"

	"github.com/hemilith/hemilith"
	"github.com/hemilith/hemilith/hemitest"
)

type namer interface{ Name() string }

type plain string

func (p plain) Name() string { return string(p) }

func TestEachRunsEveryModeAfresh(t *testing.T) {
	t.Setenv("HEMILITH_SERVICE", "")
	var modes []string
	hemitest.Each(t, func(t *testing.T) {
		mode := os.Getenv("HEMILITH_MODE")
		modes = append(modes, mode)
		got, err := hemilith.Bind("namer", func() (namer, error) { return plain("x"), nil })
		if mode == "inprocess" {
			if err != nil || got != namer(plain("x")) {
				t.Errorf("got %v, %v; want the value itself", got, err)
			}
			return
		}
		want := `hemilith: Bind("namer"): this program has no generated code for it, or stale code: run hemilith gen and build again`
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", mode, err, want)
		}
	})
	if want := []string{"inprocess", "strict", "remote-memory", "remote"}; !slices.Equal(modes, want) {
		t.Errorf("modes %q, want %q", modes, want)
	}
}
