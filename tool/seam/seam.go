// Package seam looks for the one line along which a program is best cut in two,
// and says why, or that it makes sense as a single piece.
//
// It is the front of the rooms below it: facts loads a module, model links it
// and states the problem, search cuts it, judge decides, report tells. History,
// traffic and when bring what code alone does not know.
package seam

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/history"
	"github.com/hemilith/hemilith/tool/seam/judge"
	"github.com/hemilith/hemilith/tool/seam/model"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/search"
	"github.com/hemilith/hemilith/tool/seam/when"
)

// Report is what the search found.
type Report = report.Report

// Verdicts of a report.
const (
	VerdictCut     = report.VerdictCut
	VerdictNone    = report.VerdictNone
	VerdictUnknown = report.VerdictUnknown
	VerdictGiven   = report.VerdictGiven
)

// Service is one process of a program that is cut already.
type Service = model.Service

// Config says what to analyse and how. The zero value analyses the module in
// the current directory, with its history, and uses the user's cache.
type Config struct {
	// Dir is the module's directory, or one below it; "" is the current one.
	Dir string
	// Patterns are those of the go command; none means ./... The module's own
	// packages that these import belong to the analysed program too. Tags are
	// build tags.
	Patterns, Tags []string
	// Within is the half to look into: "a" or "b" of the proposal, or its name; a
	// path such as "a/b" is half b of half a. It may begin with the name of one of
	// Services, which goes before the name of a half. Empty is the whole program.
	Within string
	// Services are those of a program that is cut already.
	Services []Service
	// Cut, if not empty, names what is on side B: packages, "dir/..." or
	// declarations, as import paths or relative to the module. Only that line is
	// then reported on.
	Cut []string
	// Keep are groups that stay together, Apart pairs that don't; Entry names the
	// entry points, or one more with "+" before it; Exclude takes packages out.
	Keep    [][]string
	Apart   [][2]string
	Entry   []string
	Exclude []string
	// NoHistory leaves out what git knows. Traffic is a file of spans (OTLP JSON)
	// or a CPU profile (pprof), TestsJSON one that `go test -json` wrote; "" is
	// none.
	NoHistory bool
	Traffic   string
	TestsJSON string
	// Seed makes the search repeatable; the same seed gives the same report.
	// Restarts and Nulls are how hard is searched; 0 is the default of the search,
	// negative nulls are none.
	Seed     uint64
	Restarts int
	Nulls    int
	// Blind hides all import paths and names of the module from the search.
	Blind bool
	// NoCache reads and writes no cache.
	NoCache bool
	// Thresholds change the limits of the tests and signs, by the names that
	// reports show them under.
	Thresholds map[string]float64
	// Progress, if set, is told in a few words what is being done. It is called
	// from one goroutine at a time.
	Progress func(string)
	// Clock is read for timings and the age of commits; nil means time.Now.
	Clock func() time.Time
}

// Run loads the module that cfg names and analyses it. Its errors are complete
// sentences for the user: what is wrong, where, and what to do next.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	s := newSession(cfg)
	if err := s.setLimits(); err != nil {
		return nil, err
	}
	var prog *facts.Program
	err := s.step("load", func() (err error) {
		prog, err = facts.Load(ctx, facts.Config{Dir: cfg.Dir, Patterns: cfg.Patterns, Tags: cfg.Tags, NoCache: cfg.NoCache, Progress: s.say})
		return err
	})
	if err != nil {
		return nil, err
	}
	var past *history.History
	if !cfg.NoHistory {
		err = s.step("history", func() (err error) {
			past, err = history.Read(ctx, history.Config{Dir: prog.Dir, Progress: func(n int) { s.say(fmt.Sprintf("history: %d commits", n)) }})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return s.analyze(ctx, prog, past)
}

// Analyze looks for a seam in a program that was loaded already; past may be
// nil. It changes neither. Of cfg, it does not use Dir, Patterns, Tags, NoCache
// and NoHistory.
func Analyze(ctx context.Context, prog *facts.Program, past *history.History, cfg Config) (*Report, error) {
	s := newSession(cfg)
	if err := s.setLimits(); err != nil {
		return nil, err
	}
	return s.analyze(ctx, prog, past)
}

// session is one run: what it is told to do, and what it noted on the way.
type session struct {
	cfg     Config
	limits  judge.Limits
	signs   when.Thresholds
	notes   []string
	timings []report.Timing
}

func newSession(cfg Config) *session {
	s := &session{cfg: cfg, limits: judge.Defaults()}
	return s
}

func (s *session) clock() time.Time {
	if s.cfg.Clock != nil {
		return s.cfg.Clock()
	}
	return time.Now()
}

func (s *session) say(what string) {
	if s.cfg.Progress != nil {
		s.cfg.Progress(what)
	}
}

// step does one step of a run, says so and times it.
func (s *session) step(name string, do func() error) error {
	s.say(name)
	start := s.clock()
	err := do()
	s.timings = append(s.timings, report.Timing{Step: name, Millis: s.clock().Sub(start).Milliseconds()})
	return err
}

// found is what the steps of an analysis hand on.
type found struct {
	model  *model.Model
	result *search.Result
	cuts   []choice // best first
}

func (s *session) analyze(ctx context.Context, prog *facts.Program, past *history.History) (*Report, error) {
	cfg := s.modelConfig(past)
	calls, err := s.recorded(prog, &cfg)
	if err != nil {
		return nil, err
	}
	rest, err := s.service(prog, &cfg)
	if err != nil {
		return nil, err
	}
	f, err := s.look(ctx, prog, cfg, rest == "")
	for err == nil && rest != "" {
		cfg.Only, rest, err = s.inside(f, rest)
		if err == nil {
			f, err = s.look(ctx, prog, cfg, rest == "")
		}
	}
	if err != nil {
		return nil, err
	}
	var r *Report
	err = s.step("report", func() (err error) {
		r, err = s.report(f, prog, past, calls)
		return err
	})
	if err != nil {
		return nil, err
	}
	r.Timings = s.timings
	r.PeakMemory = peakMemory()
	r.Complete()
	return r, nil
}

// look links the program and searches it. last is false for the halves on the
// way to the one that was asked about: they are not compared with chance.
func (s *session) look(ctx context.Context, prog *facts.Program, cfg model.Config, last bool) (*found, error) {
	f := &found{}
	err := s.step("model", func() (err error) {
		f.model, err = model.Link(prog, cfg)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = s.step("search", func() error { return s.search(ctx, f, last) })
	return f, err
}

// modelConfig is what the user wants of the model.
func (s *session) modelConfig(past *history.History) model.Config {
	cfg := model.Config{Exclude: s.cfg.Exclude, Entry: s.cfg.Entry, Keep: s.cfg.Keep, Apart: s.cfg.Apart, Blind: s.cfg.Blind}
	if past != nil {
		cfg.Ties = ties(past)
	}
	return cfg
}

// peakMemory is what the process has obtained from the system, in bytes. It
// never shrinks, so it is the peak.
func peakMemory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
