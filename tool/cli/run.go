package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/layoutfile"
	"github.com/hemilith/hemilith/tool/local"
)

func runCommand(sh *shell) *cobra.Command {
	var dry bool
	var services []string
	grace := local.DefaultGrace
	c := &cobra.Command{
		Use:   "run [package] [-- args]",
		Short: "Run all services of hemilith.yaml on this machine, over mutual TLS",
		Long: "run builds the program once and starts each service of hemilith.yaml as a process,\n" +
			"with a certificate of a development CA that is renewed while it runs. What dies is\n" +
			"started again, at once and then more and more slowly. Ctrl-C drains all, and a second\n" +
			"one ends all. Without hemilith.yaml the program runs as one process.",
		Example: "  hemilith run                     all services\n" +
			"  hemilith run -n                  show what would be started\n" +
			"  hemilith run -service back       one of them\n" +
			"  hemilith run ./cmd/shop -- -v    a program of several, and its arguments",
		Args: func(c *cobra.Command, args []string) error {
			if own, _ := splitArgs(c, args); len(own) > 1 {
				return fmt.Errorf("one package at most, not %s: put the program's arguments after --", strings.Join(own, " "))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			own, rest := splitArgs(c, args)
			r := &runner{shell: sh, services: services, args: rest, grace: grace}
			if len(own) == 1 {
				r.pkg = own[0]
			}
			if err := r.prepare(c.Context()); err != nil {
				return err
			}
			if dry {
				return r.show()
			}
			return r.run(c.Context())
		},
	}
	c.Flags().BoolVarP(&dry, "dry-run", "n", false, "build and start nothing; show what would be started")
	c.Flags().StringSliceVar(&services, "service", nil, "the services to start; default all")
	_ = c.RegisterFlagCompletionFunc("service", completeServices) // fails only for an unknown flag
	c.Flags().DurationVar(&grace, "grace", grace, "how long services may drain before they are killed")
	return c
}

// completeServices offers the services of the layout in this directory.
func completeServices(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	f, err := layoutfile.Load(".")
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, s := range f.Layout.Services {
		names = append(names, s.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// splitArgs cuts the command's own arguments from those of the program.
func splitArgs(c *cobra.Command, args []string) (own, rest []string) {
	if i := c.ArgsLenAtDash(); i >= 0 {
		return args[:i], args[i:]
	}
	return args, nil
}

// runner is one hemilith run.
type runner struct {
	*shell
	pkg      string // as given, then an import path
	services []string
	args     []string
	grace    time.Duration
	cfg      local.Config
}

// prepare finds the program and checks that its generated code is fresh, so
// that what runs is what the layout says.
func (r *runner) prepare(ctx context.Context) error {
	g, err := generate(ctx, ".", r.progress())
	if err != nil {
		return err
	}
	if stale := g.result.Check(); len(stale) > 0 {
		return no{staleError(stale, false)}
	}
	cwd, err := os.Getwd()
	if err != nil {
		return err
	}
	from := cwd
	if r.pkg == "" {
		from = g.result.Dir
	}
	if r.pkg, err = local.FindMain(ctx, from, r.pkg); err != nil {
		return err
	}
	state, err := local.StateDir(g.result.Dir)
	if err != nil {
		return err
	}
	r.cfg = local.Config{
		Dir: cwd, Binary: filepath.Join(state, "bin", path.Base(r.pkg)), Args: r.args,
		Layout: g.file.Layout, Only: r.services, State: state, Log: r.stdout, Colour: colour(r.stdout),
		Grace: r.grace, Event: r.tell,
	}
	return nil
}

// show prints what would be started.
func (r *runner) show() error {
	plan, err := local.Plan(r.cfg.Layout, r.cfg.State, filepath.Join(r.cfg.State, "run"), r.services...)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.stdout, "go build -o %s %s\n", r.cfg.Binary, r.pkg)
	for _, p := range plan {
		words := append(append([]string{}, p.Env...), r.cfg.Binary)
		fmt.Fprintf(r.stdout, "\n# %s: components %s; roles %s\n%s\n", p.Service,
			list(p.Components), list(p.Roles), strings.Join(append(words, r.args...), " \\\n  "))
	}
	return nil
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// run builds, starts, and waits until all has ended. It takes the signals
// itself, so that the second one kills the services and removes their keys.
func (r *runner) run(ctx context.Context) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, endings()...)
	defer signal.Stop(signals)
	if err := local.CheckState(r.cfg.State, r.cfg.Layout); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(r.cfg.Binary), 0o700); err != nil {
		return err
	}
	if err := local.Build(ctx, r.cfg.Dir, r.pkg, r.cfg.Binary, r.stderr); err != nil {
		if errors.Is(err, local.ErrBuild) {
			return no{errSaid}
		}
		return err
	}
	g, err := local.Start(ctx, r.cfg)
	if err != nil {
		return err
	}
	ended, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		hurry(g, signals, ended)
	}()
	err = g.Wait()
	close(ended)
	<-watched
	if err != nil {
		return no{err}
	}
	return nil
}

// hurry kills what still runs at the second signal; the first one ended the
// context of the group.
func hurry(g *local.Group, signals <-chan os.Signal, ended <-chan struct{}) {
	for range 2 {
		select {
		case <-signals:
		case <-ended:
			return
		}
	}
	now, cancel := context.WithCancel(context.Background())
	cancel()
	_ = g.Stop(now) // the one who waits gets the error too
}

// tell prints what happens to processes.
func (r *runner) tell(e local.Event) {
	switch e.Kind {
	case local.Started:
		fmt.Fprintf(r.stderr, "hemilith: %s runs as process %d\n", e.Service, e.PID)
	case local.Exited:
		when := "again at once"
		if e.Delay > 0 {
			when = "again in " + e.Delay.String()
		}
		died := "died"
		if e.Deaths > 1 {
			died = fmt.Sprintf("died %d times", e.Deaths)
			when += "; mend it, or Ctrl-C"
		}
		fmt.Fprintf(r.stderr, "hemilith: %s %s: %s: %s\n", e.Service, died, e.Text, when)
	case local.Draining:
		fmt.Fprintf(r.stderr, "hemilith: waiting up to %v for %s to drain; Ctrl-C again kills at once\n", r.grace, e.Text)
	case local.Killed:
		fmt.Fprintf(r.stderr, "hemilith: %s killed: it had not drained\n", e.Service)
	case local.Ended:
		fmt.Fprintf(r.stderr, "hemilith: %s ended: %s\n", e.Service, e.Text)
	case local.Trouble:
		fmt.Fprintf(r.stderr, "hemilith: %s\n", e.Text)
	}
}
