package serve

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain runs, of a process that a test starts, what its environment says.
func TestMain(m *testing.M) {
	switch os.Getenv("HEMILITH_TEST_PROCESS") {
	case "server":
		serveForTests()
	case "measurer":
		measureForTests()
	}
	os.Exit(m.Run())
}

// serveForTests is a server whose paths do what their names say.
func serveForTests() {
	http.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/burn", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(os.Getenv("BURN"))
		fmt.Fprintln(w, "ok", burn(n) != 0)
	})
	http.HandleFunc("/child", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(os.Getenv("BURN"))
		out, err := exec.Command("/bin/sh", "-c", "i=0; while [ $i -lt "+strconv.Itoa(n)+" ]; do i=$((i+1)); done").CombinedOutput()
		fmt.Fprintln(w, "ok", string(out), err)
	})
	http.HandleFunc("/long", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, strings.Repeat("x", len(os.Getenv("LONG"))))
	})
	http.HandleFunc("/broken", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "broken", http.StatusInternalServerError) })
	http.HandleFunc("/status", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(os.Getenv("STATUS"))
		w.WriteHeader(n)
	})
	left := make(chan int, 1)
	left <- 3
	http.HandleFunc("/dies", func(w http.ResponseWriter, r *http.Request) {
		n := <-left
		if n == 0 {
			fmt.Println("last words")
			os.Exit(4)
		}
		left <- n - 1
		fmt.Fprintln(w, n)
	})
	fmt.Println("serving", os.Getenv("TMPDIR"))
	fmt.Println(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
	os.Exit(1)
}

func burn(n int) uint64 {
	x := uint64(1)
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

// command is this test's binary as a process that a test starts.
func command(what string, env ...string) string {
	return "HEMILITH_TEST_PROCESS=" + what + " " + strings.Join(env, " ") + " exec '" + os.Args[0] + "'"
}

// sides are the places of a test; Env tells them apart.
func sides(t *testing.T, base, head string) (Place, Place) {
	dir := t.TempDir()
	return Place{Side: "base", Dir: dir, Temp: dir, Env: []string{base}}, Place{Side: "head", Dir: dir, Temp: dir, Env: []string{head}}
}

func stream(t *testing.T, path string) Stream {
	t.Helper()
	s, err := Gets([]string{"http://127.0.0.1:$PORT" + path})
	if err != nil {
		t.Fatal(err)
	}
	return s[0]
}

func config(commands ...string) *Config {
	return &Config{Commands: commands, Ports: []string{"PORT", "PORT2"}, Ready: time.Minute}
}

// TestPairMeasuresBothSides: ten times the work is more than twice the time, however
// busy the machine is, whether the server does it, a second process of the program,
// or one that the server starts and that ends.
func TestPairMeasuresBothSides(t *testing.T) {
	t.Parallel()
	inOwnGroup := "set -m; " + strings.Replace(command("server"), " exec ", " ", 1) + " & wait"
	for _, c := range []struct {
		path       string
		commands   []string
		base, head string
		clients    int
		notes      int
	}{
		{path: "/burn", commands: []string{command("server")}, base: "BURN=100000", head: "BURN=1000000"},
		{path: "/burn", commands: []string{command("server"), "exec sleep 1000"}, base: "BURN=100000", head: "BURN=1000000", clients: 3},
		{path: "/burn", commands: []string{inOwnGroup}, base: "BURN=100000", head: "BURN=1000000"},
		{path: "/child", commands: []string{"exec sleep 1000", command("server")}, base: "BURN=10000", head: "BURN=100000", notes: 1},
	} {
		t.Run(c.path, func(t *testing.T) {
			t.Parallel()
			base, head := sides(t, c.base, c.head)
			conf := config(c.commands...)
			conf.Clients = c.clients
			p, err := conf.Plan(t.Context(), base, head, stream(t, c.path))
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Notes) != c.notes {
				t.Errorf("notes: got %q, want %d", p.Notes, c.notes)
			}
			for _, headFirst := range []bool{false, true} {
				pair, err := conf.Pair(t.Context(), base, head, p, headFirst)
				if err != nil {
					t.Fatal(err)
				}
				if pair.Head.CPU < 2*pair.Base.CPU || pair.Base.CPU <= 0 || pair.Base.Wall <= 0 {
					t.Errorf("got %+v: want head more than twice as long as base", pair)
				}
				if pair.Base.Requests != p.Requests() || pair.Head.Requests != p.Requests() {
					t.Errorf("got %d and %d requests, want %d", pair.Base.Requests, pair.Head.Requests, p.Requests())
				}
			}
		})
	}
}

// TestWhatCannotBeMeasuredIsSaid lists what programs do, and the words for it.
func TestWhatCannotBeMeasuredIsSaid(t *testing.T) {
	t.Parallel()
	const at = "GET http://127.0.0.1:$PORT"
	for _, c := range []struct {
		name, path, command, base, head string
		change                          func(*Config)
		want                            string
	}{
		{
			name: "ends before it answers", path: "/ok", command: "echo no such configuration; exit 5",
			want: "base ended before it was told to: -cmd: exit status 5\n\tno such configuration",
		},
		{
			name: "not in the foreground", path: "/ok", command: "echo started",
			want: "base ended before it was told to: -cmd: exit status 0 (it has to keep running, in the foreground)\n\tstarted",
		},
		{
			name: "the second of two ends", path: "/ok", command: "exec sleep 1000",
			change: func(c *Config) { c.Commands = append(c.Commands, "exit 7") },
			want:   "base ended before it was told to: -cmd 2: exit status 7",
		},
		{
			name: "nobody listens", path: "/ok", command: "exec sleep 1000",
			change: func(c *Config) { c.Ready = 3 * time.Second },
			want:   "base does not answer: " + at + "/ok within 3s (-ready gives more): connection refused",
		},
		{
			name: "an error of the server", path: "/broken", command: command("server"),
			want: "base answers with another status: 500 Internal Server Error to " + at + "/broken: want 200 to 299 (-status names others)\n\tserving DIR",
		},
		{
			name: "no such page", path: "/nothing", command: command("server"),
			want: "base answers with another status: 404 Not Found to " + at + "/nothing: want 200 to 299 (-status names others)\n\tserving DIR",
		},
		{
			name: "another status than meant", path: "/nothing", command: command("server"),
			change: func(c *Config) { c.Status = []int{200, 304} },
			want:   "base answers with another status: 404 Not Found to " + at + "/nothing: want one of [200 304]\n\tserving DIR",
		},
		{
			name: "base and head answer with different status", path: "/status", command: command("server"), base: "STATUS=200", head: "STATUS=204",
			want: "head answers something else than base: 204 No Content and not 200 OK to " + at + "/status",
		},
		{
			name: "base and head answer with different length", path: "/long", command: command("server"), base: "LONG=xx", head: "LONG=x",
			change: func(c *Config) { c.Same = true },
			want:   "head answers something else than base: 1 and not 2 bytes to " + at + "/long",
		},
		{
			name: "ends while it answers", path: "/dies", command: command("server"),
			want: "base ended before it was told to: -cmd: exit status 4\n\tserving DIR\n\tlast words",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			base, head := sides(t, "SIDE="+c.base, "SIDE="+c.head)
			if c.base != "" {
				base.Env, head.Env = []string{c.base}, []string{c.head}
			}
			conf := config(c.command)
			if c.change != nil {
				c.change(conf)
			}
			_, err := conf.Plan(t.Context(), base, head, stream(t, c.path))
			var f *Failure
			if !errors.As(err, &f) {
				t.Fatalf("got %v, want a Failure", err)
			}
			if got := strings.ReplaceAll(err.Error(), base.Temp, "DIR"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestAnswersThatDifferAreNoted: a change may change answers.
func TestAnswersThatDifferAreNoted(t *testing.T) {
	t.Parallel()
	base, head := sides(t, "LONG=xxx", "LONG=x")
	p, err := config(command("server")).Plan(t.Context(), base, head, stream(t, "/long"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "head answers something else than base: 1 and not 3 bytes to GET http://127.0.0.1:$PORT/long (-same refuses that)"
	if len(p.Notes) != 1 || p.Notes[0] != want {
		t.Errorf("got %q\nwant %q", p.Notes, want)
	}
}

// TestAPortThatIsTakenIsChangedForAnother: between our choice and the server's start
// another program may take it.
func TestAPortThatIsTakenIsChangedForAnother(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conf := config("exit 1")
	place, _ := sides(t, "A=b", "A=b")
	s, err := conf.launch(place)
	if err != nil {
		t.Fatal(err)
	}
	<-s.whole
	if s.robbed() {
		t.Error("robbed, though its ports are free")
	}
	s.ports["PORT"] = l.Addr().(*net.TCPAddr).Port
	if !s.robbed() {
		t.Error("not robbed, though somebody has its port")
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

// alive reports whether a process that is no zombie has the number.
func alive(pid int) bool {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	text := string(data)
	state := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])[0]
	return state != "Z" && state != "X"
}

// gone waits for the end of a process, as long as the test may run.
func gone(t *testing.T, pid int) {
	t.Helper()
	for tick := time.NewTicker(10 * time.Millisecond); alive(pid); {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("process %d is still there", pid)
		}
	}
}

// stubborn starts a process that ignores being asked, writes its number to a file,
// and stays.
const stubborn = `trap "" TERM; sleep 1000 & echo $! > "$TMPDIR/pid.new"; mv "$TMPDIR/pid.new" "$TMPDIR/pid"; wait`

// pidIn waits for the file that stubborn writes.
func pidIn(t *testing.T, dir string) int {
	t.Helper()
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		if data, err := os.ReadFile(filepath.Join(dir, "pid")); err == nil {
			pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("no process was started")
		}
	}
}

func TestInterruptionLeavesNoProcess(t *testing.T) {
	t.Parallel()
	base, head := sides(t, "A=b", "A=b")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := config(stubborn).Plan(ctx, base, head, stream(t, "/ok"))
		ended <- err
	}()
	pid := pidIn(t, base.Temp)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	gone(t, pid)
}

// measureForTests measures until it is killed.
func measureForTests() {
	dir := os.Getenv("TMPDIR")
	s, err := Gets([]string{"http://127.0.0.1:$PORT/"})
	if err == nil {
		p := Place{Side: "base", Dir: dir, Temp: dir}
		_, err = config(stubborn).Plan(context.Background(), p, p, s[0])
	}
	fmt.Println(err)
	os.Exit(1)
}

func TestKill9LeavesNoProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "HEMILITH_TEST_PROCESS=measurer", "TMPDIR="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := pidIn(t, dir)
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	gone(t, pid)
}

// TestServersElsewhereAreNoticed: the command tells another program, here the test, to
// serve, as docker and ssh do.
func TestServersElsewhereAreNoticed(t *testing.T) {
	t.Parallel()
	const tell = `echo $PORT > "$TMPDIR/pid.new"; mv "$TMPDIR/pid.new" "$TMPDIR/pid"; exec sleep 1000`
	var places [2]Place
	for i, side := range []string{"base", "head"} {
		places[i] = Place{Side: side, Dir: t.TempDir(), Temp: t.TempDir()}
		served := make(chan error, 1)
		ok := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
		server := &http.Server{Handler: ok, ReadHeaderTimeout: time.Minute}
		go func() {
			l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(pidIn(t, places[i].Temp)))
			if err == nil {
				err = server.Serve(l)
			}
			served <- err
		}()
		defer func() {
			if err := errors.Join(server.Close(), <-served); !errors.Is(err, http.ErrServerClosed) {
				t.Error(err)
			}
		}()
	}
	_, err := config(tell).Plan(t.Context(), places[0], places[1], stream(t, "/ok"))
	const want = "base takes no processor time: does the command start the server elsewhere, as docker and ssh do?"
	if fmt.Sprint(err) != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestMakeRunsInThePlace(t *testing.T) {
	t.Parallel()
	base, _ := sides(t, "OUT=there", "")
	err := Make(t.Context(), base, []string{"echo $OUT > made", "pwd -P >> made; echo $TMPDIR >> made"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(base.Dir, "made"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var got []string
	for s := bufio.NewScanner(f); s.Scan(); {
		got = append(got, s.Text())
	}
	if want := "there " + base.Dir + " " + base.Temp; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %s", got, want)
	}
}

func TestABuildThatFailsIsToldWithItsLastLines(t *testing.T) {
	t.Parallel()
	base, _ := sides(t, "A=b", "")
	err := Make(t.Context(), base, []string{"true", "i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo line $i; done; exit 3", "touch made"})
	var lines strings.Builder
	for i := 9; i <= 20; i++ {
		fmt.Fprintf(&lines, "\n\tline %d", i)
	}
	want := "base does not build: i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo line $i; done; exit 3: exit status 3\n\t(8 lines before)" + lines.String()
	if fmt.Sprint(err) != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if _, err := os.Stat(filepath.Join(base.Dir, "made")); !os.IsNotExist(err) {
		t.Errorf("the next command ran: %v", err)
	}
}

// TestStopEndsProcessesInGroupsOfTheirOwn, as shells with job control make them.
func TestStopEndsProcessesInGroupsOfTheirOwn(t *testing.T) {
	t.Parallel()
	place, _ := sides(t, "A=b", "A=b")
	s, err := config("set -m; " + stubborn).launch(place)
	if err != nil {
		t.Fatal(err)
	}
	pid := pidIn(t, place.Temp)
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	gone(t, pid)
}

func TestMakeLeavesNoProcess(t *testing.T) {
	t.Parallel()
	base, _ := sides(t, "A=b", "")
	if err := Make(t.Context(), base, []string{"sleep 1000 > /dev/null 2>&1 & echo $! > pid"}); err != nil {
		t.Fatal(err)
	}
	gone(t, pidIn(t, base.Dir))
}
