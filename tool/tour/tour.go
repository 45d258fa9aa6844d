package tour

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/hemilith/hemilith/layout"
)

// Config says what to tour and how.
type Config struct {
	// Dir is in the checkout; empty means the current folder.
	Dir string
	// Talk receives progress, a line at a time; never nil.
	Talk func(line string)
	// Log receives the output of the programs that run; nil drops it.
	Log io.Writer
	// Seam says in a few words where the seam of the module in dir is.
	Seam func(ctx context.Context, dir string) (string, error)
	// Generate is hemilith gen for the module in dir; it returns the layout.
	Generate func(ctx context.Context, dir string) (layout.Layout, error)
}

// Difference is the error of a tour that worked and found what must not be: an
// answer that differs, an order lost or doubled, a service that was not back in
// time, a join that is not the original.
type Difference struct{ Reason error }

// Error returns the reason.
func (d *Difference) Error() string { return d.Reason.Error() }

// Unwrap returns the reason.
func (d *Difference) Unwrap() error { return d.Reason }

// tour is one tour on its way.
type tour struct {
	Config
	root, scratch string
	plan          *plan
	requests      []request
	layout        layout.Layout
	answers       []*answer // of the plain form
	report        *Report
}

// Run makes the tour. Its error is a *[Difference] if the programs did what they
// must not, and else why the tour could not be made. The report holds what was found until then. All
// processes and files are gone when Run returns.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	began := time.Now()
	t := &tour{Config: cfg, report: &Report{}}
	err := t.prepare()
	if err == nil {
		err = t.steps(ctx)
	}
	if t.scratch != "" {
		err = errors.Join(err, os.RemoveAll(t.scratch))
	}
	t.report.Seconds = time.Since(began).Seconds()
	return t.report, err
}

// prepare reads the plan and copies the program.
func (t *tour) prepare() error {
	var err error
	if t.root, err = findRoot(t.Dir); err != nil {
		return err
	}
	if t.plan, err = readPlan(t.root); err != nil {
		return err
	}
	if t.requests, err = readRequests(filepath.Join(t.plan.dir, t.plan.Requests)); err != nil {
		return err
	}
	t.report.Requests = len(t.requests)
	if t.scratch, err = os.MkdirTemp("", "hemilith-tour-"); err != nil {
		return err
	}
	program := os.DirFS(filepath.Join(t.plan.dir, t.plan.Program))
	return errors.Join(os.CopyFS(t.path("plain"), program), os.CopyFS(t.path("cut"), program))
}

// Cut makes the folder to, which must not exist, into the cut form of the
// program that the checkout around dir bundles, generated code and all.
func Cut(ctx context.Context, dir, to string, generate func(ctx context.Context, dir string) (layout.Layout, error)) error {
	root, err := findRoot(dir)
	if err != nil {
		return err
	}
	p, err := readPlan(root)
	if err != nil {
		return err
	}
	if err := os.CopyFS(to, os.DirFS(filepath.Join(p.dir, p.Program))); err != nil {
		return err
	}
	_, _, err = p.cut(ctx, root, to, func(ctx context.Context, dir string) error {
		_, err := generate(ctx, dir)
		return err
	})
	return err
}

func (t *tour) path(name string) string { return filepath.Join(t.scratch, name) }

// steps walks through the tour. The first that fails ends it.
func (t *tour) steps(ctx context.Context) error {
	for _, s := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"the seam", t.seam},
		{"the cut: patch, hemilith gen, build", t.cut},
		{"run, ask, compare, kill", t.run},
		{"join", t.join},
	} {
		t.Talk(s.title)
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
	}
	return nil
}

func (t *tour) seam(ctx context.Context) error {
	var err error
	t.report.Seam, err = t.Seam(ctx, t.path("plain"))
	return err
}

func (t *tour) cut(ctx context.Context) error {
	var err error
	if err = build(ctx, t.path("plain"), t.path("plain.bin")); err != nil {
		return err
	}
	t.report.EditedLines, t.report.RemovedLines, err = t.plan.cut(ctx, t.root, t.path("cut"), func(ctx context.Context, dir string) error {
		var err error
		t.layout, err = t.Generate(ctx, dir)
		return err
	})
	if err != nil {
		return err
	}
	if t.report.GeneratedFiles, t.report.GeneratedLines, err = generated(t.path("cut")); err != nil {
		return err
	}
	return build(ctx, t.path("cut"), t.path("cut.bin"))
}

// run starts the program in every form, compares its answers, measures what a
// call costs in each, and kills the services of the last.
func (t *tour) run(ctx context.Context) (err error) {
	forms := t.forms()
	defer func() {
		for _, f := range forms {
			err = errors.Join(err, f.stop())
		}
	}()
	for _, f := range forms {
		if err := t.compare(ctx, f); err != nil {
			return err
		}
	}
	t.Talk("what a call costs")
	for _, f := range forms {
		if err := prepareWorker(ctx, f.player, t.plan.Prepare, "cost"); err != nil {
			return err
		}
	}
	if err := measureCost(ctx, forms, t.plan.Probe); err != nil {
		return err
	}
	for _, f := range forms {
		t.report.Forms = append(t.report.Forms, f.form)
	}
	split := forms[len(forms)-1]
	t.report.Crashes, t.report.Orders, err = split.crash(ctx, t.plan, t.Talk)
	if err != nil {
		return err
	}
	return t.report.judge()
}

// judge returns what the crashes did that they must not.
func (r *Report) judge() error {
	var errs []error
	for _, c := range r.Crashes {
		if c.BackMillis > backGoal.Milliseconds() {
			errs = append(errs, fmt.Errorf("%s came back after %d ms, later than %v", c.Service, c.BackMillis, backGoal))
		}
	}
	if r.Orders.Acknowledged == 0 {
		errs = append(errs, errors.New("no order was acknowledged under load: the load is wrong"))
	}
	if r.Orders.Lost > 0 || r.Orders.Doubled > 0 {
		errs = append(errs, fmt.Errorf("%d orders lost and %d doubled", r.Orders.Lost, r.Orders.Doubled))
	}
	if len(errs) == 0 {
		return nil
	}
	return &Difference{errors.Join(errs...)}
}

// compare starts f and asks it everything; all but the first form must answer
// as the first did.
func (t *tour) compare(ctx context.Context, f *running) error {
	if err := f.start(ctx, t); err != nil {
		return fmt.Errorf("%s: %w", f.form.Name, err)
	}
	answers, err := f.player.play(ctx, t.requests)
	if err != nil {
		return fmt.Errorf("%s: %w", f.form.Name, err)
	}
	if t.answers == nil {
		t.answers = answers
	}
	if err := compare(t.requests, t.answers, answers); err != nil {
		return &Difference{fmt.Errorf("%s answers otherwise than the plain program: %w", f.form.Name, err)}
	}
	f.form.Equal = true
	t.Talk(fmt.Sprintf("%s: %d processes, %d answers equal", f.form.Name, f.form.Processes, len(answers)))
	return nil
}

// join takes the cut back and asks the joined program everything once more.
func (t *tour) join(ctx context.Context) error {
	if err := t.plan.join(ctx, t.path("cut")); err != nil {
		return err
	}
	if err := sameTree(t.path("plain"), t.path("cut")); err != nil {
		return &Difference{fmt.Errorf("the joined program is not the original: %w", err)}
	}
	if err := build(ctx, t.path("cut"), t.path("joined.bin")); err != nil {
		return err
	}
	f := &running{form: Form{Name: "joined", Processes: 1}, binary: t.path("joined.bin")}
	err := errors.Join(t.compare(ctx, f), f.stop())
	t.report.Joined = err == nil
	return err
}
