package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/hemilith/hemilith/tool/local"
)

func TestWhatHappensToProcessesIsTold(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]local.Event{
		"hemilith: web died: exit status 1: again at once\n": {
			Service: "web", Kind: local.Exited, Deaths: 1, Text: "exit status 1"},
		"hemilith: web died 5 times: exit status 1: again in 400ms; mend it, or Ctrl-C\n": {
			Service: "web", Kind: local.Exited, Deaths: 5, Delay: 400 * time.Millisecond, Text: "exit status 1"},
		"hemilith: web ended: it was down: exit status 1\n": {
			Service: "web", Kind: local.Ended, Text: "it was down: exit status 1"},
		"hemilith: waiting up to 15s for back, web to drain; Ctrl-C again kills at once\n": {
			Kind: local.Draining, Text: "back, web"},
		"hemilith: web killed: it had not drained\n": {Service: "web", Kind: local.Killed},
	} {
		var got strings.Builder
		r := &runner{shell: &shell{stderr: &got}, grace: local.DefaultGrace}
		if r.tell(e); got.String() != want {
			t.Errorf("%+v: got %q, want %q", e, got.String(), want)
		}
	}
}
