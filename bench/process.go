package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// stopGrace is how long a child may take to end.
const stopGrace = 3 * time.Second

// gogc is the garbage collector's target in every process, as hemilith run sets
// it.
const gogc = "400"

// process is a child. It belongs to one goroutine.
type process struct {
	name    string
	cmd     *exec.Cmd
	in      io.WriteCloser
	asks    *json.Encoder
	answers *json.Decoder
}

// start starts a child that ends with ctx, or with this process whatever
// becomes of it. Its log goes to stderr.
func start(ctx context.Context, exe string, t task, environ []string, stderr io.Writer) (*process, error) {
	arg, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, exe, childArg, string(arg))
	cmd.Env = append(append(clean(os.Environ()), "GOGC="+gogc), environ...)
	cmd.Stderr = stderr
	cmd.SysProcAttr = attributes()
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
	cmd.WaitDelay = stopGrace
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	side := "client"
	if t.Serve {
		side = "server"
	}
	return &process{
		name: t.System + " " + side, cmd: cmd, in: in,
		asks: json.NewEncoder(in), answers: json.NewDecoder(out),
	}, nil
}

// clean removes what would change how children run.
func clean(environ []string) []string {
	kept := make([]string, 0, len(environ))
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "HEMILITH_") && name != "GOGC" && name != "GOMEMLIMIT" && name != "GODEBUG" {
			kept = append(kept, e)
		}
	}
	return kept
}

// ask asks the child and waits for its answer.
func (p *process) ask(q ask) (answer, error) {
	var a answer
	if err := p.asks.Encode(q); err != nil {
		return a, fmt.Errorf("%s: %w", p.name, err)
	}
	if err := p.answers.Decode(&a); err != nil {
		return a, fmt.Errorf("%s ended: %w", p.name, err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("%s: %s", p.name, a.Error)
	}
	return a, nil
}

// stop ends the child: it asks first, and kills after a grace.
func (p *process) stop() error {
	p.in.Close()
	timer := time.AfterFunc(stopGrace, func() { killGroup(p.cmd.Process.Pid) })
	defer timer.Stop()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) || err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil // it is gone
	}
	return fmt.Errorf("%s: %w", p.name, err)
}
