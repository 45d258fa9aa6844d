// Command eval measures the seam search on real programs whose parts are known,
// on planted seams and on what must be refused. It takes folders of checkouts
// that are there already; it fetches nothing.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// folders is the flag -case NAME=DIR, which may be given several times.
type folders [][2]string

func (f *folders) String() string { return "" }

// Set adds a case.
func (f *folders) Set(s string) error {
	name, dir, ok := strings.Cut(s, "=")
	if !ok {
		return fmt.Errorf("give NAME=DIR")
	}
	*f = append(*f, [2]string{name, dir})
	return nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var cases folders
	flags.Var(&cases, "case", "a checkout of a known program, as NAME=DIR; may be given several times")
	asJSON := flags.Bool("json", false, "print all results as JSON")
	quick := flags.Bool("quick", false, "score the cut alone: no baselines, null models or other seeds")
	seed := flags.Uint64("seed", 1, "seed of the search")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	o := options{seed: *seed, seeds: 10, all: true}
	if *quick {
		o = options{seed: *seed, nulls: -1}
	}
	var results []*result
	for _, c := range cases {
		d := defined(c[0], "")
		if d == nil {
			fmt.Fprintf(stderr, "eval: no case is named %s\n", c[0])
			return 2
		}
		r, err := evaluate(ctx, d, c[1], o)
		if err != nil {
			fmt.Fprintf(stderr, "eval: %v\n", err)
			return 2
		}
		results = append(results, r)
		if !*asJSON {
			r.print(stdout)
		}
	}
	if *asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(results); err != nil {
			fmt.Fprintf(stderr, "eval: %v\n", err)
			return 2
		}
	}
	return 0
}
