package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/hemilith/hemilith/tool/seam"
)

// speed is how long the whole tool takes on one program, each time in a process
// of its own: with an empty cache, with a full one after one file was edited,
// and with a full one.
type speed struct {
	Name               string
	Lines              int
	Cold, Edited, Warm timing
}

// timing is one run: wall time of all and of the steps, in seconds, and the most
// memory, in bytes.
type timing struct {
	Seconds float64
	CPU     float64
	Steps   map[string]float64
	Memory  int64
	Lines   int
}

// timeCase copies a checkout to a temporary directory, as one of its files is
// edited, and runs the tool on it.
func timeCase(ctx context.Context, d *definition, dir string) (speed, error) {
	s := speed{Name: d.Name}
	tmp, err := os.MkdirTemp("", "eval")
	if err != nil {
		return s, err
	}
	defer os.RemoveAll(tmp)
	work := filepath.Join(tmp, "module")
	if err := os.CopyFS(work, os.DirFS(dir)); err != nil {
		return s, fmt.Errorf("%s: %w", d.Name, err)
	}
	for i, t := range []*timing{&s.Cold, &s.Edited, &s.Warm} {
		if i == 1 {
			if err := edit(work, d); err != nil {
				return s, err
			}
		}
		if *t, err = spawn(ctx, work, filepath.Join(tmp, "cache"), d.patterns()); err != nil {
			return s, fmt.Errorf("%s: %w", d.Name, err)
		}
	}
	s.Lines = s.Cold.Lines
	return s, nil
}

// edit adds a function to the program's main package.
func edit(work string, d *definition) error {
	files, err := filepath.Glob(filepath.Join(work, d.Main, "*.go"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("%s: no Go files in its main package", d.Name)
	}
	f, err := os.OpenFile(files[0], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString("\nfunc editedForTiming() {}\n"); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// spawn runs this program again on a module, and reads what it prints.
func spawn(ctx context.Context, dir, cache string, patterns []string) (timing, error) {
	self, err := os.Executable()
	if err != nil {
		return timing{}, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{"-probe", dir}, patterns...)...)
	cmd.Env = append(os.Environ(), append(environment(), "HEMILITH_CACHE="+cache)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return timing{}, err
	}
	var t timing
	err = json.Unmarshal(out, &t)
	t.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return t, err
}

// runProbe runs the whole tool on a module and prints a timing as JSON.
func runProbe(ctx context.Context, dir string, patterns []string, w io.Writer) error {
	start := time.Now()
	r, err := seam.Run(ctx, seam.Config{Dir: dir, Patterns: patterns, NoHistory: true, Blind: true})
	if err != nil {
		return err
	}
	t := timing{Seconds: time.Since(start).Seconds(), Steps: map[string]float64{}, Memory: r.PeakMemory, Lines: r.Size.Lines}
	for _, step := range r.Timings {
		t.Steps[step.Step] += float64(step.Millis) / 1000
	}
	return json.NewEncoder(w).Encode(t)
}

func (s *speed) print(w io.Writer) {
	for i, t := range []timing{s.Cold, s.Edited, s.Warm} {
		fmt.Fprintf(w, "%s, %d lines, %s: %.1f s (%.1f CPU), load %.1f, model %.1f, search %.1f, report %.1f; %.2f GiB\n", s.Name, s.Lines,
			[]string{"cold", "one file edited", "warm"}[i], t.Seconds, t.CPU, t.Steps["load"], t.Steps["model"], t.Steps["search"], t.Steps["report"], gib(t.Memory))
	}
}

func gib(bytes int64) float64 { return float64(bytes) / (1 << 30) }
