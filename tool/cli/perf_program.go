package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/perf"
	"github.com/hemilith/hemilith/tool/perf/serve"
)

// perfProgram are the options of hemilith perf for whole programs.
type perfProgram struct {
	build, commands, urls, requests []string
	status                          []int
	clients                         int
	warm                            float64
	ready                           time.Duration
	same                            bool
}

// flags adds them.
func (o *perfProgram) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&o.commands, "cmd", nil, "measure a whole program: a `command` that serves, with $PORT; repeated for one of several processes")
	f.StringArrayVar(&o.build, "build", nil, "a `command` that builds it, into $OUT; may be repeated")
	f.StringArrayVar(&o.urls, "url", nil, "a `URL` to get from it, such as http://127.0.0.1:$PORT/; may be repeated")
	f.StringArrayVar(&o.requests, "requests", nil, "a `file` of requests to send to it, in vegeta's http format; may be repeated")
	f.IntSliceVar(&o.status, "status", nil, "what it answers, with commas; default: 200 to 299")
	f.IntVar(&o.clients, "clients", 1, "how many requests are under way at once")
	f.Float64Var(&o.warm, "warm", 0.25, "how many `times` as many requests as are measured each process answers before")
	f.DurationVar(&o.ready, "ready", 30*time.Second, "how long it may take until it answers")
	_ = c.MarkFlagFilename("requests")
	f.BoolVar(&o.same, "same", false, "refuse programs whose answers differ in length between base and head")
}

// asked tells whether a whole program is to be measured.
func (o *perfProgram) asked() bool {
	return len(o.commands)+len(o.build)+len(o.urls)+len(o.requests) > 0
}

// The most that is taken of each.
const (
	maxClients = 256
	maxWarm    = 1000
)

// usesOut finds the variable of what was built.
var usesOut = regexp.MustCompile(`\$(OUT\b|\{OUT\b)`)

// config checks the options, before anything is built.
func (o *perfProgram) config(cfg perf.Config) (perf.ProgramConfig, error) {
	p := perf.ProgramConfig{Config: cfg, Build: o.build, Servers: serve.Config{
		Commands: o.commands, Ready: o.ready, Status: o.status, Clients: o.clients, Warm: o.warm, Same: o.same,
	}}
	switch {
	case len(o.commands) == 0:
		return p, errors.New("-build, -url and -requests are for whole programs: name the command that starts it with -cmd")
	case len(o.urls)+len(o.requests) == 0:
		return p, errors.New("-cmd needs requests: -url http://127.0.0.1:$PORT/PATH, or -requests FILE")
	case len(o.build) == 0 && usesOut.MatchString(strings.Join(o.commands, "\n")):
		return p, errors.New("-cmd uses $OUT: say with -build what is built into it")
	case len(cfg.Patterns) > 0:
		return p, fmt.Errorf("%s: -cmd measures a program, and no packages", cfg.Patterns[0])
	case cfg.Record:
		return p, errors.New("-record and -cmd: only what benchmarks of packages give is kept")
	case cfg.InTurn:
		return p, errors.New("-in-turn and -cmd: the sides answer in turns already")
	case len(cfg.Flags) > 0:
		return p, errors.New("-tags and -cmd: name build tags in -build")
	case o.clients < 1 || o.clients > maxClients:
		return p, fmt.Errorf("-clients %d: it is 1 to %d", o.clients, maxClients)
	case !(o.warm > 0 && o.warm <= maxWarm):
		return p, fmt.Errorf("-warm %v: it is above 0 and up to %d", o.warm, maxWarm)
	case o.ready <= 0:
		return p, fmt.Errorf("-ready %v: it is above 0", o.ready)
	}
	for _, s := range o.status {
		if s < 200 || s > 599 {
			return p, fmt.Errorf("-status %d: it is 200 to 599", s)
		}
	}
	var err error
	if p.Streams, err = serve.Gets(o.urls); err != nil {
		return p, fmt.Errorf("-url %w", err)
	}
	for _, file := range o.requests {
		s, err := serve.ReadRequests(file)
		if err != nil {
			return p, fmt.Errorf("-requests: %w", err)
		}
		p.Streams = append(p.Streams, s)
	}
	serve.Number(p.Streams)
	return p, nil
}

// act compares, or plans to, what is asked for.
func (o *perfOptions) act(ctx context.Context, cfg perf.Config) (*perf.Result, error) {
	switch {
	case o.program.asked():
		p, err := o.program.config(cfg)
		if err != nil {
			return nil, err
		}
		if o.dry {
			return perf.PlanProgram(ctx, p)
		}
		return perf.Program(ctx, p)
	case o.dry:
		return perf.Plan(ctx, cfg)
	}
	return perf.Run(ctx, cfg)
}
