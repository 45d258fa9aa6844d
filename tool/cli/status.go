package cli

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/hemilith/hemilith/tool/plain"
)

// status returns where to tell what is being done, in one line that is written over, and
// what clears it: for a person at a terminal. Elsewhere it is a line now and then.
func (sh *shell) status() (say func(string), quiet func()) {
	const wide = 79
	if !terminal(sh.stderr) {
		return seldom(sh.stderr)
	}
	const clear = "\r\x1b[K"
	return func(what string) {
			line := []rune(plain.Line(what))
			fmt.Fprint(sh.stderr, clear+string(line[:min(wide, len(line))]))
		}, func() {
			fmt.Fprint(sh.stderr, clear)
		}
}

// silence is how long a log says nothing: build machines end jobs that are silent for
// ten minutes, and what is over soon needs no word.
const silence = 2 * time.Minute

// seldom tells again and again what is being done, until it is quiet.
func seldom(w io.Writer) (say func(string), quiet func()) {
	var now atomic.Value // string
	now.Store("starting")
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(silence)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				fmt.Fprintln(w, plain.Start(plain.Line(now.Load().(string))))
			case <-end:
				return
			}
		}
	}()
	return func(what string) { now.Store(what) }, func() {
		close(end)
		<-ended
	}
}
