package cli

import (
	"strings"
	"testing"
	"time"
)

func TestALogHearsNowAndThenWhatIsDone(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	at := time.Unix(0, 0)
	say := seldom(&said, func() time.Time { return at })
	for _, c := range []struct {
		after time.Duration
		what  string
	}{
		{0, "building"}, {time.Minute, "pair 1"}, {time.Minute, "pair 2 of \x1b[2Jx"},
		{time.Minute, "pair 3"}, {3 * time.Minute, "::error::"}, {time.Second, "pair 4"},
	} {
		at = at.Add(c.after)
		say(c.what)
	}
	if got, want := said.String(), "pair 2 of  [2Jx\n: error::\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
