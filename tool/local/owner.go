package local

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// runPrefix begins the names of directories that hold one run's certificates:
// run-PID-BEGAN-RANDOM, of the process that made it.
const runPrefix = "run-"

// runDir makes a directory for one run below state.
func runDir(state string) (string, error) {
	pid := os.Getpid()
	return os.MkdirTemp(state, fmt.Sprintf("%s%d-%s-", runPrefix, pid, began(pid)))
}

// sweep removes what runs that were killed have left: the keys of dead owners. A
// process with the number of a dead one is told from it by its beginning, where
// the system shows that.
func sweep(state string) error {
	entries, err := os.ReadDir(state)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !abandoned(e.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(state, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func abandoned(name string) bool {
	rest, isRun := strings.CutPrefix(name, runPrefix)
	words := strings.Split(rest, "-")
	if !isRun || len(words) != 3 {
		return false
	}
	pid, err := strconv.Atoi(words[0])
	return err == nil && pid > 0 && (!alive(pid) || began(pid) != words[1])
}
