// Command eval measures hemilith perf against the targets of its design, on a
// corpus of its own, under load that it makes itself, and on public projects that
// are there already; it fetches nothing. Run one at a time: two would measure each
// other. Measuring appends to a file, and goes on
// where it was stopped; judging and the tables are a second step.
//
//	go run ./tool/perf/eval -o results.jsonl -time 1h
//	go run ./tool/perf/eval -join results.jsonl -o docs/perf-evaluation.md
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == busyFlag {
		busy(os.Stdin)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// command is what one run is asked to do.
type command struct {
	counts
	do, dir, output, join, cases string
	load, resample               int
	seed                         uint64
	time                         time.Duration
	list, inTurn                 bool
	stdout, stderr               io.Writer
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c := command{stdout: stdout, stderr: stderr}
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.output, "o", "", "append results to this `file`; with -join, write tables to it")
	flags.StringVar(&c.join, "join", "", "judge the results in these `files`, joined by commas, and measure nothing")
	flags.StringVar(&c.do, "do", "", "only tasks whose names match this `regexp`")
	flags.BoolVar(&c.list, "list", false, "only say which tasks are left")
	flags.StringVar(&c.dir, "dir", "", "`directory` for the corpus and what is built of it; default: a temporary one")
	flags.IntVar(&c.load, "load", 4, "busy processes beside what is measured")
	flags.BoolVar(&c.inTurn, "in-turn", false, "run the sides of pairs one after the other, as rules about wall time need it")
	flags.DurationVar(&c.time, "time", 0, "begin no task after this time; 0 is no limit")
	flags.StringVar(&c.cases, "cases", "", "`file` with comparisons of public projects")
	flags.IntVar(&c.unchanged, "unchanged", 4, "how often a hundred unchanged benchmarks are compared")
	flags.IntVar(&c.histories, "histories", 4, "how many histories are bisected")
	flags.IntVar(&c.resample, "resample", 1000, "how many commits without effect are resampled; a tenth as many with each effect")
	flags.Uint64Var(&c.seed, "seed", 1, "seed of the order within pairs, and of what is planted and resampled")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if err := c.run(ctx); err != nil {
		fmt.Fprintf(stderr, "eval: %v\n", err)
		return 2
	}
	return 0
}

func (c *command) run(ctx context.Context) (err error) {
	if c.output == "" {
		return errors.New("-o is missing: name the file for the results")
	}
	if c.join != "" {
		return c.judge(strings.Split(c.join, ","))
	}
	if c.dir == "" {
		if c.dir, err = os.MkdirTemp("", "hemilith-eval"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(c.dir)) }()
	}
	return c.measure(ctx)
}
