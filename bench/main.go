// Command bench measures what a call costs: plain, by Hemilith in one process
// and in two, and by others, next to a floor of raw TLS.
//
//	go run ./bench -o bench/RESULTS.md   # under four minutes
//	go run ./bench -quick                # about 40 seconds
//	go run ./bench -only "hemilith remote,raw" -cells tiny-1 -profile /tmp
//
// Each system has a client process, most have a server process, and this
// process asks them in turn to measure for a slice of time: systems rotate
// inside each repeat, and a ratio is the median of the ratios of the repeats.
// The floor is measured twice; if it differs from itself by more than 3 %, the
// run is void and the exit status is 1.
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
	"runtime"
	"syscall"
	"time"
)

// The exit statuses.
const (
	exitFine = iota
	exitVoid
	exitFailed
)

func main() {
	// Children are killed when the thread that started them ends, and the main
	// goroutine starts them: it keeps its thread.
	runtime.LockOSThread()
	os.Exit(begin())
}

func begin() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 3 && os.Args[1] == childArg {
		return status(os.Stderr, child(ctx, os.Args[2], os.Stdin, os.Stdout))
	}
	exe, err := os.Executable()
	if err != nil {
		return status(os.Stderr, err)
	}
	return status(os.Stderr, bench(ctx, os.Args[1:], exe, os.Stdout, os.Stderr))
}

// errVoid is the result of a run whose control failed.
var errVoid = errors.New("the control is off by more than 3 %: this run is void")

func status(stderr io.Writer, err error) int {
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return exitFine
	case errors.Is(err, errVoid):
		fmt.Fprintln(stderr, "bench:", err)
		return exitVoid
	default:
		fmt.Fprintln(stderr, "bench:", err)
		return exitFailed
	}
}

// maxTimes bounds a run to little more than an hour.
const maxTimes = 20

// options are what the command line says.
type options struct {
	plan    plan
	out     string
	json    bool
	profile string
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	isQuick := fs.Bool("quick", false, "5 repeats of short slices: about 40 s")
	only := fs.String("only", "", "measure only `systems` that begin with one of these words, by comma; ratios want raw and grpc-go too")
	cells := fs.String("cells", "", "measure only these `cells`: tiny-1,order-64,...")
	times := fs.Int("times", 1, "repeat `N` times as often where a run is void again and again")
	fs.StringVar(&o.out, "o", "", "write the table to this `file` as well")
	fs.BoolVar(&o.json, "json", false, "print JSON in place of the table")
	fs.StringVar(&o.profile, "profile", "", "write a CPU profile of each process to this `directory`")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("%q: there are only flags; see -h", fs.Arg(0))
	}
	o.plan = full()
	if *isQuick {
		o.plan = quick()
	}
	if *times < 1 || *times > maxTimes {
		return o, fmt.Errorf("-times %d: want 1 to %d", *times, maxTimes)
	}
	o.plan.alone, o.plan.many = o.plan.alone**times, o.plan.many**times
	o.plan.systems = choose(o.plan.systems, *only)
	if len(o.plan.systems) == 0 {
		return o, fmt.Errorf("-only %q chooses no system", *only)
	}
	var err error
	o.plan.cells, err = parseCells(*cells)
	return o, err
}

// bench measures what args say and reports.
func bench(ctx context.Context, args []string, exe string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	h := newHost(args, time.Now())
	got, err := measureAll(ctx, o.plan, exe, o.profile, stderr)
	if err != nil {
		return err
	}
	h.After = load()
	r := newReport(o.plan, got, h)
	if err := write(r, o, stdout); err != nil {
		return err
	}
	if r.Control.Void {
		return errVoid
	}
	return nil
}

func write(r report, o options, stdout io.Writer) error {
	if o.out != "" {
		f, err := os.Create(o.out)
		if err != nil {
			return err
		}
		if err := errors.Join(writeTable(f, r), f.Close()); err != nil {
			return err
		}
	}
	if !o.json {
		return writeTable(stdout, r)
	}
	e := json.NewEncoder(stdout)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
