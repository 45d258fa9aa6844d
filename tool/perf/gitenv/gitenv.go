// Package gitenv is the environment in which perf runs git: in the repository of a
// directory, whatever repository a hook that called us belongs to, without its hooks, and
// without asking anybody anything.
package gitenv

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// hooked are the variables that git sets for hooks: of the repository that they
// belong to.
var hooked = [...]string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH", "GIT_COMMON_DIR",
}

// waitDelay is how long what git has started, such as a transport or a filter, may hold
// our pipes after its end.
const waitDelay = 5 * time.Second

// Command is a git command in the repository of dir.
func Command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.hooksPath=" + os.DevNull}, args...)...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, Get(), waitDelay
	return cmd
}

// Get returns that of a git command: the user's, without what would lead it
// elsewhere, with messages in English, and with no lock that is not needed.
func Get() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(hooked[:], name)
	})
	return append(env, "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
}
