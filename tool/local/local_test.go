//go:build unix

package local

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hemilith/hemilith/layout"
)

func shop() []layout.Service {
	return []layout.Service{
		{Name: "back", Components: []string{"orders"}, Roles: []string{"mail"}},
		{Name: "web", Roles: []string{"web"}},
	}
}

func TestBackoffDoublesUntilALifeWasLong(t *testing.T) {
	t.Parallel()
	var b Backoff
	var got []time.Duration
	for range 10 {
		got = append(got, b.Died(time.Second))
	}
	got = append(got, b.Died(10*time.Second), b.Died(0))
	const ms = time.Millisecond
	want := []time.Duration{
		0, 50 * ms, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 5000 * ms, 5000 * ms, 0, 50 * ms,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("delays (-want +got):\n%s", diff)
	}
}

func TestAKilledServiceIsStartedAgain(t *testing.T) {
	t.Parallel()
	b := start(t, "serve", shop(), nil)
	b.saw("back | serving back")
	before := b.group.Services()[0]
	died := time.Now()
	if err := syscall.Kill(before.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	exited := b.until(func(e Event) bool { return e.Kind == Exited })
	if exited.Service != "back" || exited.PID != before.PID || exited.Text != "signal: killed" || exited.Delay != 0 {
		t.Errorf("got %+v, want back's death by a signal and no delay", exited)
	}
	b.saw("back | serving back")
	if took := time.Since(died); took > time.Second {
		t.Errorf("back again after %v, want at most 1s", took)
	}
	after := b.group.Services()[0]
	if after.PID == before.PID || after.Restarts != 1 || after.Addr != before.Addr || !after.Started.After(before.Started) {
		t.Errorf("before %+v, after %+v: want another process at the same address, 1 restart", before, after)
	}
	if web := b.group.Services()[1]; web.Restarts != 0 {
		t.Errorf("web was restarted: %+v", web)
	}
}

func TestStopDrainsAll(t *testing.T) {
	t.Parallel()
	b := start(t, "serve", shop(), nil)
	b.until(func(e Event) bool { return e.Kind == Started })
	b.until(func(e Event) bool { return e.Kind == Started })
	b.saw("web  | serving web", "back | serving back")
	if err := b.group.Stop(t.Context()); err != nil {
		t.Errorf("stop: got %v, want nil", err)
	}
	for range 2 {
		if e := b.until(func(e Event) bool { return e.Kind == Ended }); e.Text != "exit status 0" {
			t.Errorf("got %+v, want a clean end", e)
		}
	}
	for _, i := range b.group.Services() {
		if i.PID != 0 {
			t.Errorf("%+v is still there", i)
		}
	}
	left, err := filepath.Glob(filepath.Join(b.group.cfg.State, runPrefix+"*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTheEndOfTheContextDrains(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log := &lines{make(chan string, 100)}
	g, err := Start(ctx, Config{
		Dir: ".", Binary: os.Args[0], State: privateDir(t),
		Env: append(os.Environ(), envChild+"=serve"), Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := <-log.c; got != "monolith | serving " {
		t.Errorf("got %q", got)
	}
	cancel()
	if err := g.Wait(); err != nil {
		t.Errorf("wait: got %v, want nil", err)
	}
	if got := <-log.c; got != "monolith | drained " {
		t.Errorf("got %q", got)
	}
}

func TestWhoDoesNotDrainIsKilledAndNamed(t *testing.T) {
	t.Parallel()
	for child, want := range map[string]string{
		"stubborn":      "monolith did not drain in time and was killed",
		"fail on drain": "monolith ended with exit status 3 while it drained",
	} {
		b := start(t, child, nil, nil)
		b.saw("monolith | serving")
		ctx, cancel := context.WithCancel(t.Context())
		if child == "stubborn" {
			cancel() // no patience
		}
		if err := b.group.Stop(ctx); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", child, err, want)
		}
		if e := b.until(func(e Event) bool { return e.Kind != Started }); e.Kind != Draining || e.Text != Monolith {
			t.Errorf("%s: got %+v, want the names of who is awaited first", child, e)
		}
		cancel()
	}
}

func TestACrashLoopBacksOff(t *testing.T) {
	t.Parallel()
	b := start(t, "crash", nil, nil)
	began := time.Now()
	for i, want := range []time.Duration{0, 50, 100, 200, 400, 800} {
		e := b.until(func(e Event) bool { return e.Kind == Exited })
		if e.Delay != want*time.Millisecond || e.Deaths != i+1 || e.Text != "exit status 7" {
			t.Errorf("death %d: got %+v, want exit status 7 and a delay of %dms", i, e, want)
		}
	}
	if took := time.Since(began); took < 750*time.Millisecond {
		t.Errorf("six deaths took %v, want at least the delays, 750ms", took)
	}
	if err := b.group.Stop(t.Context()); err != nil {
		t.Errorf("stop: got %v, want nil: the death was before", err)
	}
	if e := b.until(func(e Event) bool { return e.Kind == Ended }); e.PID != 0 || e.Text != "it was down: exit status 7" {
		t.Errorf("got %+v, want an end during the delay of 800ms", e)
	}
}

func TestWhoEndsWellStaysAway(t *testing.T) {
	t.Parallel()
	b := start(t, "done", shop(), nil)
	if err := b.group.Wait(); err != nil {
		t.Errorf("wait: got %v, want nil", err)
	}
	for _, i := range b.group.Services() {
		if i.Restarts != 0 {
			t.Errorf("got %+v, want no restart", i)
		}
	}
}

func TestProcessesAreToldWhoTheyAre(t *testing.T) {
	t.Parallel()
	b := start(t, "environment", shop(), func(c *Config) {
		c.Env = append(slices.Clone(c.Env), "HEMILITH_LISTEN=0.0.0.0:1", "HEMILITH_MODE=strict")
		c.Only = []string{"web"}
	})
	if err := b.group.Wait(); err != nil {
		t.Fatal(err)
	}
	close(b.log.c)
	got := make(map[string]string)
	for line := range b.log.c {
		name, value, _ := strings.Cut(strings.TrimPrefix(line, "web | "), "=")
		got[name] = strings.ReplaceAll(value, b.group.certs.dir, "RUN")
	}
	port, err := strconv.Atoi(strings.TrimPrefix(got[envPeers], "back=127.0.0.1:"))
	if err != nil || port < firstPort || port >= firstPort+ports {
		t.Errorf("peers: got %q, want back=127.0.0.1:%d to %d", got[envPeers], firstPort, firstPort+ports-1)
	}
	delete(got, envPeers)
	delete(got, "HEMILITH_CACHE") // the user's, if it is set, as all of the environment
	want := map[string]string{
		envService: "web", envCert: "RUN/web.pem", envKey: "RUN/web.key", envCA: "RUN/ca.pem", "GOGC": "400",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

func TestAServiceWithComponentsGetsAnAddress(t *testing.T) {
	t.Parallel()
	first, err := plan(layout.Layout{Services: shop()}, "seed", "certs", allFree, nil)
	if err != nil {
		t.Fatal(err)
	}
	back := first[0]
	if back.Addr == "" || !slices.Contains(back.Env, envListen+"="+back.Addr) || first[1].Addr != "" {
		t.Errorf("got %+v, want an address for back and none for web", first)
	}
	again, err := plan(layout.Layout{Services: shop()}, "seed", "certs", allFree, nil)
	if diff := cmp.Diff(first, again); diff != "" || err != nil {
		t.Errorf("a second plan differs: %v\n%s", err, diff)
	}
}

// TestHalvesFindEachOther: what one run starts, another run of the same module
// finds.
func TestHalvesFindEachOther(t *testing.T) {
	t.Parallel()
	l := layout.Layout{Services: []layout.Service{
		{Name: "a", Components: []string{"x"}}, {Name: "b", Components: []string{"y"}},
	}}
	one, err := plan(l, "seed", "certs", allFree, []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	aRuns := func(addr string) bool { return addr != one[0].Addr }
	other, err := plan(l, "seed", "certs", aRuns, []string{"b"})
	if err != nil {
		t.Fatal(err)
	}
	if want := envPeers + "=a=" + one[0].Addr; !slices.Contains(other[0].Env, want) {
		t.Errorf("got %q, want %s", other[0].Env, want)
	}
	again, err := plan(l, "seed", "certs", aRuns, []string{"a"})
	if err != nil || again[0].Addr == one[0].Addr || again[0].Addr == other[0].Addr {
		t.Errorf("a second a: got %+v, %v, want an address of its own", again, err)
	}
}

func allFree(string) bool { return true }

func TestAddressesThatAreTakenAreNotFree(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if free(l.Addr().String()) {
		t.Errorf("%s is free, though somebody listens there", l.Addr())
	}
	none := func(string) bool { return false }
	_, err = plan(layout.Layout{Services: shop()}, "seed", "certs", none, nil)
	if want := "no free port on 127.0.0.1 from 20000 to 31999"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	open := t.TempDir()
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"an unknown service": {func(c *Config) { c.Only = []string{"wbe"} }, `no service "wbe" in the layout: there are back, web`},
		"a missing program":  {func(c *Config) { c.Binary = "/nowhere/shop" }, `the program to run: exec: "/nowhere/shop": stat /nowhere/shop: no such file or directory`},
		"an open CA": {
			func(c *Config) { c.State = open },
			"development CA: " + open + " has mode 0755, so that others may read the CA's key: chmod 700 it",
		},
	} {
		cfg := Config{Dir: ".", Binary: os.Args[0], State: privateDir(t), Layout: layout.Layout{Services: shop()}}
		c.change(&cfg)
		_, err := Start(t.Context(), cfg)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		if left, _ := filepath.Glob(filepath.Join(cfg.State, runPrefix+"*")); len(left) > 0 {
			t.Errorf("%s: left behind %v", name, left)
		}
	}
}

func TestLinesArePrefixedAndBounded(t *testing.T) {
	t.Parallel()
	b := start(t, "talk", nil, nil)
	if err := b.group.Wait(); err != nil {
		t.Fatal(err)
	}
	close(b.log.c)
	var got []string
	for line := range b.log.c {
		got = append(got, line)
	}
	want := []string{
		"monolith | " + strings.Repeat("x", maxLine), "monolith | xxxxxxxxxx", "monolith | ", "monolith | no end",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestColourIsForTheNameAlone(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &sink{out: &out, width: 4, colour: true}
	s.line("web", 1, []byte("hello"))
	if got, want := out.String(), "\x1b[33mweb  |\x1b[0m hello\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNothingOutlivesAService(t *testing.T) {
	t.Parallel()
	addr, accept := home(t)
	b := start(t, "leave a child", nil, func(c *Config) { c.Env = append(c.Env, "LOCAL_TEST_HOME="+addr) })
	if err := b.group.Wait(); err != nil {
		t.Errorf("wait: got %v, want nil", err)
	}
	if _, err := io.Copy(io.Discard, accept()); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the connection of what it started: %v", err)
	}
}

func TestNothingOutlivesItsSupervisor(t *testing.T) {
	t.Parallel()
	addr, accept := home(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envChild+"=supervise", "LOCAL_TEST_HOME="+addr, "LOCAL_TEST_STATE="+privateDir(t))
	cmd.Stdout = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	conn := accept()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if _, err := io.Copy(io.Discard, conn); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the connection of the service: %v", err)
	}
}

func TestCertificatesAreRenewedAtHalfTheirLife(t *testing.T) {
	t.Parallel()
	state := privateDir(t)
	synctest.Test(t, func(t *testing.T) {
		c, err := newCerts(state, []string{"web"}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		read := func() string {
			b, err := os.ReadFile(filesOf(c.dir, "web").Cert)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.keep(ctx, func(err error) { t.Error(err) })
		}()
		<-time.After(time.Second)
		for i := range 3 {
			before := read()
			<-time.After(leafLife/2 - 2*time.Second)
			synctest.Wait()
			if read() != before {
				t.Errorf("renewal %d came early", i)
			}
			<-time.After(2 * time.Second)
			synctest.Wait()
			if read() == before {
				t.Errorf("renewal %d did not come at half the life", i)
			}
		}
		cancel()
		<-done
	})
}

func TestWhatKilledRunsLeftIsSwept(t *testing.T) {
	t.Parallel()
	state := privateDir(t)
	ended := exec.CommandContext(t.Context(), os.Args[0])
	ended.Env = append(os.Environ(), envChild+"=done")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	living, err := newCerts(state, []string{"web"}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(state, fmt.Sprintf("run-%d-0-1", ended.Process.Pid))
	// Another process has the number of the dead one now.
	reused := filepath.Join(state, fmt.Sprintf("run-%d-another-1", os.Getpid()))
	other := filepath.Join(state, "run-notes")
	for _, dir := range []string{dead, reused, other} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-1000 * time.Hour) // as after a night's sleep
	if err := os.Chtimes(living.dir, long, long); err != nil {
		t.Fatal(err)
	}
	c, err := newCerts(state, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.remove(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(state, runPrefix+"*"))
	if want := []string{living.dir, other}; err != nil || !slices.Equal(left, want) {
		t.Errorf("left: %v, %v, want that of a living run, and what is not ours: %v", left, err, want)
	}
}

func TestFindMain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		want  string
		err   string
	}{
		"one":  {map[string]string{"cmd/a/a.go": "package main\nfunc main() {}\n"}, "example.com/m/cmd/a", ""},
		"none": {map[string]string{"a.go": "package a\n"}, "", "no main package to run: ./... in DIR matches none"},
		"two": {
			map[string]string{"a/a.go": "package main\nfunc main() {}\n", "b/b.go": "package main\nfunc main() {}\n"},
			"", "several programs to run: name one of example.com/m/a, example.com/m/b",
		},
	} {
		dir := t.TempDir()
		c.files["go.mod"] = "module example.com/m\n\ngo 1.26\n"
		for path, text := range c.files {
			path = filepath.Join(dir, path)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := FindMain(t.Context(), dir, "")
		text := ""
		if err != nil {
			text = strings.ReplaceAll(err.Error(), dir, "DIR")
		}
		if got != c.want || text != c.err {
			t.Errorf("%s: got %q, %q, want %q, %q", name, got, text, c.want, c.err)
		}
	}
}
