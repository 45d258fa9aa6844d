package model

import "testing"

func TestSignaturesFitIfTypeParametersCanMakeThemOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"func(int) error", "func(int) error", true},
		{"func(int) error", "func(string) error", false},
		{"func(p.Request) p.Responses[·] error", "func(p.Request) p.Responses[q.Answer] error", true},
		{"func(p.Request) p.Responses[q.Answer] error", "func(p.Request) p.Responses[·] error", true},
		{"func(·, ·) error", "func(int, string) error", true},
		{"func(·) ·", "func(int) error", true},
		{"func(·) error", "func(int)", false},
		{"func(·) int", "func(string) error", false},
		{"func(a, ·, b)", "func(a, b)", false},
	} {
		if got := fits(c.a, c.b); got != c.want {
			t.Errorf("fits(%q, %q) = %v, want %v", c.a, c.b, got, c.want)
		}
		if got := fits(c.b, c.a); got != c.want {
			t.Errorf("fits(%q, %q) = %v, want %v", c.b, c.a, got, c.want)
		}
	}
}
