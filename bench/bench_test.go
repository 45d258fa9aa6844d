package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain is the program itself where a test has started it as a child.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == childArg {
		os.Exit(begin())
	}
	os.Exit(m.Run())
}

// small measures next to nothing.
func small() plan {
	return plan{
		systems: systems(), cells: []cell{{tiny, 1}, {tiny, 3}, {order, 3}},
		alone: 2, many: 1, warm: time.Millisecond, slice: 5 * time.Millisecond,
	}
}

// started collects the numbers of the processes that a run starts.
type started struct {
	t    *testing.T
	pids []int
}

func (s *started) gone() {
	s.t.Helper()
	for _, pid := range s.pids {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			s.t.Errorf("process %d: got %v, want it gone", pid, err)
		}
	}
}

func startSmall(t *testing.T, ctx context.Context, name string) (*pair, *started) {
	t.Helper()
	runtime.LockOSThread() // as main does
	t.Cleanup(runtime.UnlockOSThread)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	certs := t.TempDir()
	if err := writeCerts(certs, time.Now()); err != nil {
		t.Fatal(err)
	}
	s, ok := named(name)
	if !ok {
		t.Fatalf("no system %q", name)
	}
	p, err := startPair(ctx, s, exe, task{Certs: certs}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	return p, &started{t, []int{p.client.cmd.Process.Pid, p.server.cmd.Process.Pid}}
}

func TestEverySystemIsMeasuredAndLeavesNothing(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := small()
	got, err := measureAll(t.Context(), p, exe, "", t.Output())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.systems {
		for _, c := range p.cells {
			points := got[s.name][c]
			if len(points) != p.repeats(c) {
				t.Fatalf("%s, %v: got %d points, want %d", s.name, c, len(points), p.repeats(c))
			}
			if at := points[0]; at.P50 <= 0 || at.P99 < at.P50 || at.Rate <= 0 || at.CPU <= 0 {
				t.Errorf("%s, %v: got %+v, want numbers", s.name, c, at)
			}
		}
	}
	if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
		t.Errorf("got child %d, %v, want no child left", pid, err)
	}
}

func TestStopEndsBothProcesses(t *testing.T) {
	p, children := startSmall(t, t.Context(), floorName)
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	children.gone()
}

func TestCancelKillsBothProcesses(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, children := startSmall(t, ctx, peerName)
	cancel()
	if _, err := p.measure(cell{tiny, 1}, time.Second, time.Second); err == nil {
		t.Error("measured by dead processes")
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	children.gone()
}

func TestDeadServerIsAnErrorThatNamesIt(t *testing.T) {
	p, children := startSmall(t, t.Context(), floorName)
	if err := killGroup(p.server.cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	_, err := p.measure(cell{tiny, 1}, time.Millisecond, time.Millisecond)
	if err == nil || !strings.HasPrefix(err.Error(), "raw ") {
		t.Errorf("got %v, want an error of raw", err)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	children.gone()
}

func TestAChildRefusesWhatItCantDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ arg, asks, want string }{
		{`{"system":"plain"}`, `{"payload":"tiny","callers":0,"time":1}`, "can't measure 0 callers here"},
		{`{"system":"plain"}`, `{"payload":"tiny","callers":99999,"time":1}`, "can't measure 99999 callers here"},
		{`{"system":"nothing"}`, ``, `no system "nothing"`},
		{`{`, ``, `task "{": unexpected end of JSON input`},
	} {
		var out bytes.Buffer
		err := child(t.Context(), c.arg, strings.NewReader(c.asks), &out)
		got := out.String()
		if err != nil {
			got += err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("child(%s) asked %s: got %q, want %q", c.arg, c.asks, got, c.want)
		}
	}
}

func TestAnswersAreChecked(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for _, c := range []struct {
		got  error
		want string
	}{
		{checkSum(1, 1_000_004, nil), ""},
		{checkSum(1, 1_000_005, nil), "add(1, 1000003): got 1000005"},
		{checkSum(1, 1_000_004, failed), "failed"},
		{checkOrder(7, 7, sampleLines, nil), ""},
		{checkOrder(7, 8, sampleLines, nil), "echo of order 7: got order 8 with 6 lines, want 6"},
		{checkOrder(7, 7, 5, nil), "echo of order 7: got order 7 with 5 lines, want 6"},
		{rawCheck(order, 3, 4), "raw echo: got 4, want 3"},
	} {
		got := ""
		if c.got != nil {
			got = c.got.Error()
		}
		if got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestPercentilesAreThoseOfAllWorkers(t *testing.T) {
	t.Parallel()
	calls := 0
	dial := func(context.Context, payload, int) (caller, error) {
		return func(context.Context, int) error { calls++; return nil }, nil
	}
	b := newBencher(dial, 10)
	workers := []worker{
		{samples: append(b.samples[:0:maxSamples/2], 30, 10), calls: 20},
		{samples: append(b.samples[maxSamples/2:maxSamples/2], 20, 1000), calls: 20},
	}
	var r result
	if err := b.sum(&r, workers); err != nil {
		t.Fatal(err)
	}
	if want := (result{Calls: 40, P50: 2, P99: 3}); r != want {
		t.Errorf("got %+v, want %+v", r, want)
	}
	r, err := b.measure(t.Context(), tiny, 1, time.Millisecond)
	if err != nil || r.Calls != int64(calls)*10 || r.Elapsed < time.Millisecond {
		t.Errorf("got %+v, %v, want %d calls in 1 ms", r, err, calls*10)
	}
}

func TestAFailedCallEndsTheMeasurement(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	dial := func(_ context.Context, _ payload, i int) (caller, error) {
		return func(ctx context.Context, _ int) error {
			if d, ok := ctx.Deadline(); !ok || time.Until(d) > callDeadline {
				t.Errorf("deadline %v, %v, want one in at most %v", d, ok, callDeadline)
			}
			return failed
		}, nil
	}
	_, err := newBencher(dial, 1).measure(t.Context(), tiny, 4, time.Minute)
	if !errors.Is(err, failed) {
		t.Errorf("got %v, want %v", err, failed)
	}
}

func TestChildrenDoNotInheritSettings(t *testing.T) {
	t.Parallel()
	got := clean([]string{"HOME=/root", "GOGC=50", "HEMILITH_MODE=strict", "GOGCX=1"})
	if want := []string{"HOME=/root", "GOGCX=1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCommandLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, want string }{
		{"", ""},
		{"-quick -only raw,hemilith -cells order-64", ""},
		{"-only nothing", `-only "nothing" chooses no system`},
		{"-cells huge-1", `cell "huge-1": want tiny-N or order-N, N from 1 to 1024`},
		{"-cells tiny-0", `cell "tiny-0": want tiny-N or order-N, N from 1 to 1024`},
		{"-times 0", "-times 0: want 1 to 20"},
		{"now", `"now": there are only flags; see -h`},
	} {
		o, err := parse(strings.Fields(c.args), io.Discard)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.args, got, c.want)
		}
		if err == nil && o.plan.limit() > 10*time.Minute {
			t.Errorf("%q: may take %v", c.args, o.plan.limit())
		}
	}
}

func TestRunsEndInTheTimePromised(t *testing.T) {
	t.Parallel()
	if got, most := full().takes(), 200*time.Second; got > most {
		t.Errorf("full: got %v, want at most %v", got, most)
	}
	if got, most := quick().takes(), 35*time.Second; got > most {
		t.Errorf("quick: got %v, want at most %v", got, most)
	}
}

func TestReportIsWrittenAsTableAndAsJSON(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "out.md")
	r := newReport(small(), sampled(1.5), host{})
	var table, data bytes.Buffer
	if err := write(r, options{out: file}, &table); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != table.String() {
		t.Errorf("file: got %v, %d bytes, want the %d bytes that were printed", err, len(b), table.Len())
	}
	if err := write(r, options{json: true}, &data); err != nil {
		t.Fatal(err)
	}
	var back report
	if err := json.Unmarshal(data.Bytes(), &back); err != nil || len(back.Rows) != len(r.Rows) {
		t.Errorf("JSON: got %d rows and %v, want %d", len(back.Rows), err, len(r.Rows))
	}
}
