package tour

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hemilith/hemilith/layout"
	"github.com/hemilith/hemilith/tool/local"
)

const (
	// maxStart bounds the wait for a program to serve.
	maxStart = 30 * time.Second
	// startPause is how long the tour waits between two looks whether it does.
	startPause = 20 * time.Millisecond
	// stopGrace is how long a program may take to drain.
	stopGrace = 10 * time.Second
)

// running is one way to run the program: how, and, after start, its processes.
type running struct {
	form   Form
	binary string
	layout layout.Layout // more than one process, if it has services
	mode   string        // HEMILITH_MODE

	database string
	group    *local.Group
	player   *player
}

// forms are all ways, the plain one first and the split one last.
func (t *tour) forms() []*running {
	return []*running{
		{form: Form{Name: "plain", Processes: 1}, binary: t.path("plain.bin")},
		// The same once more: what it differs by is noise.
		{form: Form{Name: "plain again", Processes: 1}, binary: t.path("plain.bin")},
		{form: Form{Name: "inprocess", Processes: 1}, binary: t.path("cut.bin")},
		{form: Form{Name: "strict", Processes: 1}, binary: t.path("cut.bin"), mode: "strict"},
		{form: Form{Name: "remote", Processes: len(t.layout.Services)}, binary: t.path("cut.bin"), layout: t.layout},
	}
}

// start runs the program on a database of its own and waits until it serves.
func (f *running) start(ctx context.Context, t *tour) error {
	home := t.path("home-" + f.form.Name)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	addr, err := freeAddress()
	if err != nil {
		return err
	}
	f.database = filepath.Join(home, "tour.db")
	f.player = newPlayer(addr)
	f.group, err = local.Start(context.WithoutCancel(ctx), local.Config{
		Dir:    home,
		Binary: f.binary,
		Layout: f.layout,
		Env:    t.plan.environment(addr, f.database, f.mode),
		State:  filepath.Join(home, "state"),
		Log:    t.Log,
		Grace:  stopGrace,
	})
	if err != nil {
		return err
	}
	return f.ready(ctx, t.plan.Ready)
}

// environment is that of this process without any HEMILITH variable, plus the
// plan's.
func (p *plan) environment(addr, database, mode string) []string {
	env := slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "HEMILITH_") })
	for k, v := range p.Env {
		env = append(env, k+"="+v)
	}
	env = append(env, p.AddressEnv+"="+addr, p.DatabaseEnv+"="+database)
	if mode != "" {
		env = append(env, "HEMILITH_MODE="+mode)
	}
	return env
}

// ready waits until path answers 200.
func (f *running) ready(ctx context.Context, path string) error {
	var last error
	for began := time.Now(); time.Since(began) < maxStart; wait(ctx, startPause) {
		if err := ctx.Err(); err != nil {
			return err
		}
		a, err := f.player.ask(ctx, request{Method: "GET", Path: path})
		if err == nil && a.status == 200 {
			return nil
		}
		if last = err; err == nil {
			last = fmt.Errorf("status %d", a.status)
		}
	}
	return fmt.Errorf("GET %s did not answer 200 within %v: %w", path, maxStart, last)
}

// stop drains the program and waits for its processes. It may be called for a
// form that never started.
func (f *running) stop() error {
	if f.player != nil {
		f.player.close()
	}
	if f.group == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*stopGrace)
	defer cancel()
	err := f.group.Stop(ctx)
	f.group = nil
	if err != nil {
		return fmt.Errorf("stop %s: %w", f.form.Name, err)
	}
	return nil
}

// freeAddress returns a loopback address that was free a moment ago.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), errors.Join(l.Close())
}
