// Command eval measures the seam search on real programs whose parts are known,
// on planted seams and on what must be refused. It takes folders of checkouts
// that are there already; it fetches nothing.
//
//	go run ./tool/seam/eval -case temporal=DIR -case boulder=DIR -o docs/seam-evaluation.md
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/hemilith/hemilith/tool/doctable"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// folders is the flag -case NAME=DIR, which may be given several times.
type folders [][2]string

// String is for the flag package.
func (f *folders) String() string { return "" }

// Set adds a case.
func (f *folders) Set(s string) error {
	name, dir, ok := strings.Cut(s, "=")
	if !ok {
		return errors.New("give NAME=DIR")
	}
	*f = append(*f, [2]string{name, dir})
	return nil
}

// command is what one run is asked to do.
type command struct {
	cases  folders
	quick  bool
	speed  bool
	json   bool
	plant  bool
	output string
	join   string
	options
	stdout, stderr io.Writer
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c := command{stdout: stdout, stderr: stderr}
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Var(&c.cases, "case", "a checkout of a program, as NAME=DIR; may be given several times")
	flags.BoolVar(&c.quick, "quick", false, "score each cut alone: no baselines, null models or other seeds")
	flags.BoolVar(&c.plant, "plant", false, "plant seams between the programs, and try what must be refused")
	flags.BoolVar(&c.speed, "speed", false, "time each program in a process of its own, in a copy, with an empty cache and a full one")
	flags.BoolVar(&c.json, "json", false, "print all results as JSON, not as text")
	flags.StringVar(&c.output, "o", "", "write the tables as Markdown to this `file`")
	flags.StringVar(&c.join, "join", "", "tables of earlier runs too: `files` that -json wrote, joined by commas")
	flags.IntVar(&c.nulls, "nulls", 0, "how many rewired programs each cut is compared with; 0 is the default of the search")
	flags.Uint64Var(&c.seed, "seed", 1, "seed of the search")
	flags.IntVar(&c.seeds, "seeds", 10, "how many seeds are compared")
	probe := flags.String("probe", "", "analyse the module in this `directory` and print how long that took; -speed starts it")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	c.all, c.pairs, c.plants = true, 6, 1
	if c.quick {
		c.nulls, c.all = -1, false
	}
	var err error
	if *probe != "" {
		err = runProbe(ctx, *probe, flags.Args(), stdout)
	} else {
		err = c.run(ctx)
	}
	if err != nil {
		fmt.Fprintf(stderr, "eval: %v\n", err)
		return 2
	}
	return 0
}

// run measures what it is asked to, one program after the other.
func (c *command) run(ctx context.Context) error {
	var all findings
	for _, name := range strings.FieldsFunc(c.join, func(r rune) bool { return r == ',' }) {
		if err := all.read(name); err != nil {
			return err
		}
	}
	for _, pair := range c.cases {
		if err := c.one(ctx, &all, pair[0], pair[1]); err != nil {
			return err
		}
	}
	if c.plant {
		if err := c.planted(ctx, &all); err != nil {
			return err
		}
	}
	if c.json {
		enc := json.NewEncoder(c.stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(all); err != nil {
			return err
		}
	}
	if c.output == "" {
		return nil
	}
	return doctable.Write(c.output, all.tables())
}

// one measures one program: against its services if they are known, else what
// the verdict is.
func (c *command) one(ctx context.Context, all *findings, name, dir string) error {
	d := defined(name)
	if d == nil {
		d = &definition{Name: name, Fold: name}
	}
	if d.labelled() {
		r, tr, err := evaluate(ctx, d, dir, c.options)
		if err != nil {
			return err
		}
		all.Results = append(all.Results, r)
		if !c.json {
			r.print(c.stdout)
		}
		if c.plant {
			blocks, err := tr.blocks()
			if err != nil {
				return err
			}
			all.blocks = append(all.blocks, blocks...)
			all.whole = append(all.whole, block{d.Name, d.Fold, tr.problem})
		}
	} else {
		v, p, err := ask(ctx, d, dir, c.options)
		if err != nil {
			return err
		}
		all.Verdicts = append(all.Verdicts, v)
		all.whole = append(all.whole, block{d.Name, d.Fold, p})
		if !c.json {
			v.print(c.stdout)
		}
	}
	if !c.speed {
		return nil
	}
	s, err := timeCase(ctx, d, dir)
	if err != nil {
		return err
	}
	all.Speeds = append(all.Speeds, s)
	if !c.json {
		s.print(c.stdout)
	}
	return nil
}

// planted tries what must be refused, and seams that are planted between whole
// programs and between services that are in one piece themselves.
func (c *command) planted(ctx context.Context, all *findings) error {
	o := c.options
	o.nulls = max(0, o.nulls) // without nulls nothing is refused
	for kind, blocks := range map[string][]block{"rewired": rewired(all.whole, c.seed), "one urn": drawn(c.seed)} {
		for _, b := range blocks {
			r, err := mustRefuse(ctx, b.name, kind, b.problem, o)
			if err != nil {
				return err
			}
			all.Refusals = append(all.Refusals, r)
		}
	}
	var pieces []block
	for _, b := range all.blocks {
		r, err := mustRefuse(ctx, b.name, "one service", b.problem, o)
		if err != nil {
			return err
		}
		if r.Refused {
			pieces = append(pieces, b)
		}
		all.Refusals = append(all.Refusals, r)
	}
	sortRefusals(all.Refusals)
	if !c.json {
		for i := range all.Refusals {
			all.Refusals[i].print(c.stdout)
		}
	}
	for _, blocks := range [][]block{pieces, all.whole} {
		found, err := findAll(ctx, blocks, o, func(pl planting) {
			if !c.json {
				pl.print(c.stdout)
			}
		})
		if err != nil {
			return err
		}
		all.Plantings = append(all.Plantings, found...)
	}
	return nil
}

// findings are all that a run measured.
type findings struct {
	Results   []*result
	Verdicts  []*verdict
	Plantings []planting
	Refusals  []refusal
	Speeds    []speed

	blocks []block // single services
	whole  []block // whole programs
}

// read adds what an earlier run measured.
func (f *findings) read(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var old findings
	if err := json.Unmarshal(data, &old); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	f.Results = append(f.Results, old.Results...)
	f.Verdicts = append(f.Verdicts, old.Verdicts...)
	f.Plantings = append(f.Plantings, old.Plantings...)
	f.Refusals = append(f.Refusals, old.Refusals...)
	f.Speeds = append(f.Speeds, old.Speeds...)
	return nil
}
