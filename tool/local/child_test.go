//go:build unix

package local

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/hemilith/hemilith/layout"
)

// envChild makes the test binary one of the programs of the tests.
const envChild = "LOCAL_TEST_CHILD"

func TestMain(m *testing.M) {
	if name := os.Getenv(envChild); name != "" {
		os.Exit(children[name]())
	}
	os.Exit(m.Run())
}

// children are the programs that the tests run.
var children = map[string]func() int{
	"serve": func() int {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		fmt.Println("serving", os.Getenv(envService))
		<-signals
		fmt.Println("drained", os.Getenv(envService))
		return 0
	},
	"stubborn": func() int {
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("serving")
		select {}
	},
	"fail on drain": func() int {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		fmt.Println("serving")
		<-signals
		return 3
	},
	"crash": func() int { return 7 },
	"done":  func() int { return 0 },
	"environment": func() int {
		for _, kv := range os.Environ() {
			if strings.HasPrefix(kv, "HEMILITH_") || strings.HasPrefix(kv, "GOGC=") {
				fmt.Println(kv)
			}
		}
		return 0
	},
	"talk": func() int {
		fmt.Print(strings.Repeat("x", maxLine+10), "\r\n\nno end")
		return 0
	},
	"leave a child": func() int {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), envChild+"=call home")
		cmd.Stderr = os.Stdout // the pipe of the group stays open
		out, err := cmd.StdoutPipe()
		if err != nil || cmd.Start() != nil {
			return 1
		}
		if _, err := io.ReadFull(out, make([]byte, 5)); err != nil {
			return 1
		}
		return 0
	},
	"call home": callHome,
	"supervise": func() int {
		cfg := Config{
			Dir: ".", Binary: os.Args[0], State: os.Getenv("LOCAL_TEST_STATE"),
			Env: append(os.Environ(), envChild+"=call home"),
		}
		g, err := Start(context.Background(), cfg)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		g.Wait()
		return 0
	},
}

// callHome holds a connection to the test for as long as it lives, ignoring
// requests to end.
func callHome() int {
	signal.Ignore(syscall.SIGTERM)
	conn, err := net.Dial("tcp", os.Getenv("LOCAL_TEST_HOME"))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Fprintln(conn, "here")
	fmt.Println("here")
	io.Copy(io.Discard, conn)
	return 0
}

// home is where programs that call home are heard.
func home(t *testing.T) (addr string, accept func() net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String(), func() net.Conn {
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		line := make([]byte, 5)
		if _, err := io.ReadFull(conn, line); err != nil {
			t.Fatalf("a program called home and said nothing: %v", err)
		}
		return conn
	}
}

// bench is a group under test with what it reports.
type bench struct {
	t      *testing.T
	group  *Group
	events chan Event
	log    *lines
}

// lines collects lines and lets a test wait for one.
type lines struct{ c chan string }

func (l *lines) Write(p []byte) (int, error) {
	l.c <- strings.TrimSuffix(string(p), "\n")
	return len(p), nil
}

// start runs the named program as the services of a layout.
func start(t *testing.T, child string, services []layout.Service, change func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, events: make(chan Event, 1000), log: &lines{make(chan string, 1000)}}
	cfg := Config{
		Dir: t.TempDir(), Binary: os.Args[0], State: privateDir(t),
		Layout: layout.Layout{Version: 1, Services: services},
		Env:    append(os.Environ(), envChild+"="+child),
		Log:    b.log,
		Event:  func(e Event) { b.events <- e },
	}
	if change != nil {
		change(&cfg)
	}
	ctx, cancel := context.WithCancel(context.Background())
	g, err := Start(ctx, cfg)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	b.group = g
	t.Cleanup(func() {
		cancel()
		g.kill()
		g.Wait()
	})
	return b
}

// privateDir is like TempDir, for its owner alone.
func privateDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// until returns the first event that matches.
func (b *bench) until(match func(Event) bool) Event {
	b.t.Helper()
	for {
		select {
		case e := <-b.events:
			if match(e) {
				return e
			}
		case <-b.t.Context().Done():
			b.t.Fatal("the test ended")
		}
	}
}

// saw waits until the log has had every one of the lines.
func (b *bench) saw(want ...string) {
	b.t.Helper()
	for len(want) > 0 {
		select {
		case got := <-b.log.c:
			want = slices.DeleteFunc(want, func(w string) bool { return w == got })
		case <-b.t.Context().Done():
			b.t.Fatalf("the log did not have %q", want)
		}
	}
}
