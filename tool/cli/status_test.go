package cli

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestALogHearsNowAndThenWhatIsDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		say, quiet := seldom(&said)
		<-time.After(silence - time.Second)
		say("building")
		<-time.After(2*silence + 2*time.Second) // it takes long
		say("pair 1")
		say("pair 2 of \x1b[2Jx")
		<-time.After(silence)
		say("::error::")
		<-time.After(silence)
		quiet()
		<-time.After(9 * silence)
		if got, want := said.String(), "building\nbuilding\nbuilding\npair 2 of  [2Jx\n: error::\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
