package gitenv

import (
	"slices"
	"testing"
)

func TestTheRepositoryOfAHookIsForgotten(t *testing.T) {
	for _, name := range hooked {
		t.Setenv(name, "/elsewhere")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", "/mine")
	env := Get()
	for _, name := range hooked {
		if slices.Contains(env, name+"=/elsewhere") {
			t.Errorf("%s is passed on", name)
		}
	}
	for _, want := range []string{"GIT_CONFIG_GLOBAL=/mine", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C"} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is absent", want)
		}
	}
}
