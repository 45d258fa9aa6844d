package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/hemilith/hemilith/tool/plain"
)

// status returns where to tell what is being done, in one line that is written over, and
// what clears it: for a person at a terminal. Elsewhere it is a line now and then.
func (sh *shell) status() (say func(string), quiet func()) {
	const wide = 79
	if !terminal(sh.stderr) {
		return seldom(sh.stderr, time.Now), func() {}
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

// seldom tells what is being done if nothing was told for a while.
func seldom(w io.Writer, now func() time.Time) func(string) {
	last := now()
	return func(what string) {
		if t := now(); t.Sub(last) >= silence {
			last = t
			fmt.Fprintln(w, plain.Start(plain.Line(what)))
		}
	}
}
