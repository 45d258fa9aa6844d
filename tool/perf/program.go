package perf

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/hemilith/hemilith/tool/perf/build"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/report"
	"github.com/hemilith/hemilith/tool/perf/run"
	"github.com/hemilith/hemilith/tool/perf/serve"
)

// ProgramConfig says which program is compared, and with which requests. Of the
// Config that it holds, Patterns, Flags, Timeout, InTurn, Record and Brief are not
// used.
type ProgramConfig struct {
	Config
	// Build are lines for sh that build the program in each tree, with $OUT for what
	// they make; none is for programs that need no building. If one says LAYOUT they
	// run for each layout of the linker, with its seed in $LAYOUT.
	Build []string
	// Servers are the commands, and how they are asked. Ports are set by Program.
	Servers serve.Config
	// Streams are what is measured: a benchmark each.
	Streams []serve.Stream
}

// Program compares whole programs: servers of base and head answer the same
// requests side by side. Its Result is as that of Run.
func Program(ctx context.Context, cfg ProgramConfig) (*Result, error) {
	return compareProgram(ctx, cfg, true)
}

// PlanProgram says what Program would measure, as Plan does, and runs nothing.
func PlanProgram(ctx context.Context, cfg ProgramConfig) (*Result, error) {
	return compareProgram(ctx, cfg, false)
}

func compareProgram(ctx context.Context, cfg ProgramConfig, measure bool) (found *Result, err error) {
	began := time.Now()
	cfg.Config = cfg.filled(began)
	b, err := build.Trees(ctx, cfg.Options)
	if err != nil {
		return nil, hinted(err)
	}
	defer func() { err = end(found, err, b.Close()) }()
	scratch, err := b.Scratch()
	if err != nil {
		return nil, err
	}
	p := &program{
		session: session{cfg: cfg.Config, build: b, report: describe(b, cfg.Config), scratch: scratch, began: time.Now()},
		of:      cfg, built: map[string]bool{}, plans: map[string]serve.Plan{},
	}
	p.of.Servers.Ports = serve.Ports(cfg.Servers.Commands, cfg.Streams)
	if err := p.readAccepted(ctx); err != nil {
		return nil, err
	}
	if err := p.choose(ctx, measure); err != nil {
		return nil, err
	}
	if len(p.benches) > 0 {
		p.noteLayouts()
		if err := p.judge(ctx, p.pair); err != nil {
			return nil, err
		}
	}
	r := p.report
	r.Seconds = time.Since(began).Seconds()
	r.Complete()
	if measure {
		r.Next = next(r, measure)
		keep(ctx, cfg.Options, r)
	}
	return &Result{Report: r, Runs: p.runs}, nil
}

// program is a comparison of whole programs under way.
type program struct {
	session
	of    ProgramConfig
	built map[string]bool // directories that the build has filled
	plans map[string]serve.Plan
}

// choose finds which streams are measured, and how.
func (p *program) choose(ctx context.Context, measure bool) error {
	for _, stream := range p.of.Streams {
		one := report.Unmeasured{Name: stream.Name}
		switch {
		case !p.cfg.Bench.Match(stream.Name):
			one.Why = unasked
			p.report.Skipped = append(p.report.Skipped, one)
		case !p.build.Differ() && !p.cfg.All:
			one.Why = "no file differs"
			p.report.Skipped = append(p.report.Skipped, one)
		case !measure:
			one.Why = "files differ"
			p.report.Planned = append(p.report.Planned, one)
		default:
			if err := p.plan(ctx, stream); err != nil {
				return err
			}
		}
	}
	return nil
}

// plan finds out how a stream is measured. One that cannot be is no error.
func (p *program) plan(ctx context.Context, stream serve.Stream) error {
	p.cfg.Progress("looking at " + stream.Name)
	base, head, err := p.places(ctx, gate.Step{})
	if err != nil {
		return err
	}
	plan, err := p.of.Servers.Plan(ctx, base, head, stream)
	var failure *serve.Failure
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &failure):
		p.failed("", stream.Name, err)
		return nil
	case err != nil:
		return err
	}
	p.plans[stream.Name] = plan
	b := &bench{
		plan: run.Plan{Name: stream.Name, Notes: plan.Notes}, procs: runtime.NumCPU(),
		tests: []gate.Test{{Channel: gate.CPU}},
		base:  map[gate.Channel][]float64{}, head: map[gate.Channel][]float64{},
	}
	if plan.Waits {
		b.tests = append(b.tests, gate.Test{Channel: gate.Wall})
	}
	p.benches = append(p.benches, b)
	return nil
}

// pair measures what a step says, with servers of its own.
func (p *program) pair(ctx context.Context, b *bench, st gate.Step) (base, head gate.Sample, err error) {
	if !p.varies() {
		st.Layout = 0
	}
	atBase, atHead, err := p.places(ctx, st)
	if err != nil {
		return nil, nil, err
	}
	pair, err := p.of.Servers.Pair(ctx, atBase, atHead, p.plans[b.plan.Name], st.HeadFirst)
	if err != nil {
		return nil, nil, err
	}
	p.runs = append(p.runs,
		report.Run{Line: b.line(pair.Base), Layout: st.Layout},
		report.Run{Line: b.line(pair.Head), Layout: st.Layout, Head: true})
	b.layout(st.Layout)
	return b.slice(pair.Base), b.slice(pair.Head), nil
}

// line is a slice in the standard Go benchmark format.
func (b *bench) line(s serve.Slice) string {
	return fmt.Sprintf("%s-%d\t%d\t%.0f ns/op\t%.0f cpu-ns/op", b.plan.Name, b.procs, s.Requests, s.Wall*second, s.CPU*second)
}

// slice is a measurement in the gate's units.
func (b *bench) slice(s serve.Slice) gate.Sample {
	return b.sample(run.Measurement{CPU: s.CPU * second, Wall: s.Wall * second})
}

// varies is whether the build makes other layouts.
func (p *program) varies() bool { return strings.Contains(strings.Join(p.of.Build, "\n"), "LAYOUT") }

func (p *program) noteLayouts() {
	if !p.varies() {
		p.report.Notes = append(p.report.Notes, "where a linker places unchanged code moves its time by up to 1.4 %, and "+
			"no -build uses $LAYOUT to vary that: an effect below 1.5 % may be no more")
	}
}

// places puts what a step runs where it runs: fresh copies of what was built, in one
// of two directories, which the sides change with their order and in the
// confirmation.
func (p *program) places(ctx context.Context, st gate.Step) (base, head serve.Place, err error) {
	at := [2]string{"x", "y"}
	if st.HeadFirst != st.Confirm {
		at = [2]string{"y", "x"}
	}
	var sides [2]serve.Place
	for i := range sides {
		if sides[i], err = p.place(ctx, i, st.Layout, filepath.Join(p.scratch, at[i])); err != nil {
			return base, head, err
		}
	}
	return sides[0], sides[1], nil
}

// place makes dir the place of a side.
func (p *program) place(ctx context.Context, side, layout int, dir string) (serve.Place, error) {
	made, err := p.make(ctx, side, layout)
	if err != nil {
		return serve.Place{}, err
	}
	at := p.side(side, dir)
	if err := build.RemoveAll(dir); err != nil {
		return at, err
	}
	if err := os.MkdirAll(at.Temp, 0o755); err != nil {
		return at, err
	}
	if len(p.of.Build) == 0 {
		return at, nil
	}
	at.Env = append(at.Env, "OUT="+filepath.Join(dir, "out"))
	return at, os.CopyFS(filepath.Join(dir, "out"), os.DirFS(made))
}

// side is a place in the tree of a side, with dir for its temporary files.
func (p *program) side(side int, dir string) serve.Place {
	base, head := p.build.Dirs()
	ofBase, ofHead := p.build.Env()
	if side == 0 {
		return serve.Place{Side: "base", Dir: base, Env: ofBase, Temp: filepath.Join(dir, "tmp")}
	}
	return serve.Place{Side: "head", Dir: head, Env: ofHead, Temp: filepath.Join(dir, "tmp")}
}

// make builds a side, unless it has been, and returns the directory of what came out.
func (p *program) make(ctx context.Context, side, layout int) (string, error) {
	if len(p.of.Build) == 0 {
		return "", nil
	}
	dir := filepath.Join(p.scratch, fmt.Sprintf("made-%d-%d", side, layout))
	out := filepath.Join(dir, "out")
	if p.built[dir] {
		return out, nil
	}
	at := p.side(side, dir)
	if err := errors.Join(os.MkdirAll(at.Temp, 0o755), os.MkdirAll(out, 0o755)); err != nil {
		return out, err
	}
	at.Env = append(at.Env, "OUT="+out, "LAYOUT="+strconv.Itoa(layout))
	p.cfg.Progress(fmt.Sprintf("building %s, layout %d", at.Side, layout))
	if err := serve.Make(ctx, at, p.of.Build); err != nil {
		return out, err
	}
	p.built[dir] = true
	return out, checkOut(at.Side, out)
}

// maxOut bounds what a build puts into $OUT: it is copied for each pair.
const maxOut = 1 << 30

// checkOut refuses what is too large to be copied again and again.
func checkOut(side, dir string) error {
	var size int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return err
	})
	if size > maxOut {
		return fmt.Errorf("%s: -build puts %d MB into $OUT, more than %d: put there what runs, and nothing else", side, size>>20, maxOut>>20)
	}
	return err
}
