package serve

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
)

// Make runs commands for sh in the place, one after the other, such as those that
// build the servers. Nothing that they start is left.
func Make(ctx context.Context, p Place, commands []string) (err error) {
	g, err := newGroup()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.kill()) }()
	for _, line := range commands {
		cmd := exec.CommandContext(ctx, "/bin/sh", "-c", line)
		cmd.Dir, cmd.Env = p.Dir, slices.Concat(os.Environ(), p.Env, []string{"TMPDIR=" + p.Temp, "PWD=" + p.Dir})
		said := &tail{}
		cmd.Stdout, cmd.Stderr = said, said
		cmd.WaitDelay = killDelay
		g.join(cmd)
		cmd.Cancel = func() error { g.ask(); return nil } // defer kills who does not listen
		err := cmd.Run()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
			return fmt.Errorf("%s does not build: %s: %w%s", p.Side, line, err, lastLines(said.String()))
		}
	}
	return nil
}
