package history

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/hemilith/hemilith/tool/perf/gitenv"
)

// Bounds of what git says.
const (
	maxOutput = 64 << 20 // bytes
	maxTalk   = 1000     // bytes of a complaint that are shown
)

// git runs git in the repository of dir: without hooks, prompts and background
// work, and whatever repository a hook that called us stands in.
type git struct {
	dir string
	env []string // on top
}

func (g git) command(ctx context.Context, args ...string) *exec.Cmd {
	own := []string{"-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.filesRefLockTimeout=2000"}
	cmd := gitenv.Command(ctx, g.dir, append(own, args...)...)
	cmd.Env = append(cmd.Env,
		"GIT_AUTHOR_NAME=hemilith perf", "GIT_AUTHOR_EMAIL=perf@hemilith.invalid",
		"GIT_COMMITTER_NAME=hemilith perf", "GIT_COMMITTER_EMAIL=perf@hemilith.invalid")
	cmd.Env = append(cmd.Env, g.env...)
	return cmd
}

// run returns what git prints, without the last newline.
func (g git) run(ctx context.Context, stdin string, args ...string) (string, error) {
	var out string
	err := g.stream(ctx, stdin, func(r io.Reader) error {
		all, err := io.ReadAll(io.LimitReader(r, maxOutput+1))
		if len(all) > maxOutput {
			return fmt.Errorf("more than %d MiB", maxOutput>>20)
		}
		out = strings.TrimSuffix(string(all), "\n")
		return err
	}, args...)
	return out, err
}

// stream lets read have what git prints.
func (g git) stream(ctx context.Context, stdin string, read func(io.Reader) error, args ...string) error {
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := g.command(within, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var talk bytes.Buffer
	cmd.Stderr = &talk
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err = cmd.Start(); err == nil {
		failed := read(out)
		if failed != nil {
			cancel() // it may have more to say, and nobody listens
		}
		if err = cmd.Wait(); failed != nil {
			err = failed
		}
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("the history is kept by git, which is not installed: %w", err)
	}
	said := strings.Join(strings.Fields(talk.String()), " ")
	return fmt.Errorf("git %s: %w: %s", args[0], err, said[:min(len(said), maxTalk)])
}
