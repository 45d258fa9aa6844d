package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// maxOutput is how much of the end of what a side writes is kept.
	maxOutput = 16 << 10
	// stopGrace is how long a side has to end by itself.
	stopGrace = 2 * time.Second
	// killDelay is how long the output of a command that was killed may stay open.
	killDelay = time.Second
)

// server is one side under way: all of its commands.
type server struct {
	side   string
	group  *group
	ports  map[string]int
	client *http.Client
	said   *tail
	cmds   []*exec.Cmd
	ended  chan struct{} // closed when the first command has ended
	whole  chan struct{} // closed when all have
	how    error         // of the first; read after ended
}

// launch starts the commands of a side.
func (c *Config) launch(p Place) (*server, error) {
	ports, err := freePorts(c.Ports)
	if err != nil {
		return nil, err
	}
	g, err := newGroup()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		DisableCompression: true, MaxIdleConnsPerHost: c.clients(), MaxConnsPerHost: c.clients(),
	}
	s := &server{
		side: p.Side, group: g, ports: ports, said: &tail{},
		ended: make(chan struct{}), whole: make(chan struct{}),
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	env := slices.Concat(os.Environ(), p.Env, []string{"TMPDIR=" + p.Temp, "PWD=" + p.Dir})
	for _, name := range c.Ports {
		env = append(env, name+"="+strconv.Itoa(ports[name]))
	}
	for _, line := range c.Commands {
		cmd := exec.Command("/bin/sh", "-c", line)
		cmd.Dir, cmd.Env = p.Dir, env
		cmd.Stdout, cmd.Stderr = s.said, s.said
		cmd.WaitDelay = killDelay
		g.join(cmd)
		if err := cmd.Start(); err != nil {
			s.wait()
			return nil, errors.Join(fmt.Errorf("%s: cannot run %s: %w", p.Side, line, err), s.stop())
		}
		s.cmds = append(s.cmds, cmd)
	}
	s.wait()
	return s, nil
}

// wait notices when commands end. Its goroutines end when the commands have, for
// which stop waits.
func (s *server) wait() {
	var all sync.WaitGroup
	var first sync.Once
	for i, cmd := range s.cmds {
		all.Go(func() {
			err := cmd.Wait()
			first.Do(func() {
				s.how = ending(i+1, len(s.cmds), err)
				close(s.ended)
			})
		})
	}
	go func() {
		all.Wait()
		close(s.whole)
	}()
}

// ending says how command i of n ended.
func ending(i, n int, err error) error {
	which := "-cmd"
	if n > 1 {
		which = "-cmd " + strconv.Itoa(i)
	}
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return fmt.Errorf("%s: exit status 0 (it has to keep running, in the foreground)", which)
	}
	return fmt.Errorf("%s: %w", which, err)
}

// stop ends all processes of the side, and returns when they have ended.
func (s *server) stop() error {
	s.client.CloseIdleConnections()
	s.group.ask()
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	select {
	case <-s.whole:
	case <-grace.C:
	}
	err := s.group.kill()
	<-s.whole
	return err
}

// down waits a moment for the side to end, and returns how it did, or nil: a
// connection breaks before a process has ended.
func (s *server) down() error {
	moment := time.NewTimer(killDelay)
	defer moment.Stop()
	select {
	case <-s.ended:
		return s.how
	case <-moment.C:
		return nil
	}
}

// freePorts finds a port for each name.
func freePorts(names []string) (map[string]int, error) {
	ports := make(map[string]int, len(names))
	for _, name := range names {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("no free port: %w", err)
		}
		defer l.Close() // open until all are found, so that they differ
		ports[name] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

// robbed reports whether the side has ended and somebody else has one of its ports.
func (s *server) robbed() bool {
	select {
	case <-s.whole:
	default:
		return false
	}
	for _, p := range s.ports {
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(p))
		if err != nil {
			return true
		}
		_ = l.Close()
	}
	return false
}

// The pauses between two questions whether a side is ready.
const (
	firstPause = 2 * time.Millisecond
	maxPause   = 100 * time.Millisecond
)

// later are the statuses of servers, or of those behind them, that still start.
var later = [...]int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// await asks until the side answers as it is meant to. Only what says that it will
// answer later is waited for: no connection, and the statuses of what is not there yet.
func (c *Config) await(ctx context.Context, s *server, r Request) error {
	limit := time.NewTimer(c.Ready)
	defer limit.Stop()
	own, cancel := context.WithTimeout(ctx, c.Ready)
	defer cancel()
	last := ""
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		a, err := s.send(own, r)
		if err == nil && c.means(a.status) {
			return nil
		}
		if err == nil {
			last = statusLine(a.status)
		} else if own.Err() == nil {
			last = cause(err)
		}
		if err == nil && !slices.Contains(later[:], a.status) {
			return s.fail(Refuses, fmt.Sprintf("%s to %s: want %s", last, r, c.meant()))
		}
		wait := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			wait.Stop()
			return context.Cause(ctx)
		case <-s.ended:
			wait.Stop()
			<-s.settled()
			return s.fail(Ends, s.how.Error())
		case <-limit.C:
			wait.Stop()
			return s.fail(Silent, fmt.Sprintf("%s within %v (-ready gives more): %s", r, c.Ready, last))
		case <-wait.C:
		}
	}
}

// settled is closed when the side has ended whole, or after a moment.
func (s *server) settled() <-chan struct{} {
	if len(s.cmds) == 1 {
		return s.whole
	}
	return s.ended
}

// fail is a failure of this side.
func (s *server) fail(k Kind, detail string) *Failure {
	return &Failure{Side: s.side, Kind: k, Detail: detail, Output: s.said.String()}
}

// cause is what an error of the network says, without ports and addresses.
func cause(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return strings.TrimSpace(err.Error())
}

// statusLine names a status with its text.
func statusLine(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// tail keeps the last maxOutput bytes that are written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p[max(0, len(p)-maxOutput):]...)
	if len(t.text) > 2*maxOutput {
		t.text = append(t.text[:0], t.text[len(t.text)-maxOutput:]...)
	}
	return len(p), nil
}

// String returns what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text[max(0, len(t.text)-maxOutput):])
}
