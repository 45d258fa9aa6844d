package local

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// maxLine bounds what is held of a service's unfinished line, in bytes; longer
// lines are broken.
const maxLine = 16 << 10

// colours are the ANSI codes that services take turns with; red is left to
// programs that report errors.
var colours = [...]int{36, 33, 35, 32, 34, 96, 93, 95}

// sink joins the lines of several services into one writer.
type sink struct {
	mu    sync.Mutex
	out   io.Writer
	width int
	// colour is for terminals.
	colour bool
}

// line writes one line with its prefix; a service's number chooses its colour.
func (s *sink) line(name string, n int, text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	format := "%-*s | %s\n"
	if s.colour {
		format = fmt.Sprintf("\x1b[%dm%%-*s |\x1b[0m %%s\n", colours[n%len(colours)])
	}
	fmt.Fprintf(s.out, format, s.width, name, text) // a log that can't be written stops no service
}

// liner cuts what one process writes into lines. It is used by one goroutine at
// a time.
type liner struct {
	sink *sink
	name string
	n    int
	part []byte
}

// Write never fails, so that a service is not killed by its log.
func (l *liner) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		chunk, rest, ended := bytes.Cut(p, []byte("\n"))
		if room := maxLine - len(l.part); len(chunk) > room {
			chunk, rest, ended = p[:room], p[room:], true
		}
		l.part = append(l.part, chunk...)
		p = rest
		if ended {
			l.flush()
		}
	}
	return n, nil
}

// flush writes an unfinished line.
func (l *liner) flush() {
	l.sink.line(l.name, l.n, bytes.TrimSuffix(l.part, []byte("\r")))
	l.part = l.part[:0]
}

// end writes what a dead process left unfinished.
func (l *liner) end() {
	if len(l.part) > 0 {
		l.flush()
	}
}
