// Package traffic reads what a program did while it served: spans of
// OpenTelemetry, or a CPU profile. From either it makes trees of which function
// called which, and says what a line through the program would cost per request.
//
// Spans have calls that were traced, and no others: what they say of crossings
// is a lower bound. A profile has samples of stacks and no numbers of calls: it
// says where time is spent behind the line, and no milliseconds.
package traffic

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// Bounds of one file.
const (
	maxBytes   = 4 << 30   // of spans, after unpacking
	maxValue   = 128 << 20 // of one JSON value
	maxLines   = 8_000_000 // of one JSON value
	maxProfile = 256 << 20 // of a profile, after unpacking
	maxSpans   = 1_000_000
	maxNodes   = 1_000_000 // of all trees
	maxRoutes  = 1000
	maxDepth   = 500 // of one stack
)

// What a Traffic was read from.
const (
	Spans   = "spans"
	Profile = "profile"
)

// Traffic is what was recorded. It is not changed after it was read, so any
// number of goroutines may use it.
type Traffic struct {
	// Source is Spans or Profile.
	Source string
	// Routes are sorted by requests, most first, then by name. A profile has one,
	// "all samples".
	Routes []Route
	// Notes say in plain words what is missing.
	Notes []string
}

// Route is one kind of request.
type Route struct {
	// Name is the method and route of HTTP, the service and method of an RPC, or
	// the name of the request's first span.
	Name string
	// Requests counts first spans: those without a parent in the same service. It
	// is 0 for a profile.
	Requests int
	// Calls are a tree of what the requests did, callers before callees.
	Calls []Call
}

// Call is a function within its callers.
type Call struct {
	// Function is "import/path.Name" or "import/path.Type.Method"; functions of
	// package main are "main.Name", as the linker knows them by no other path.
	Function string
	// Caller indexes Calls, -1 if nobody is known.
	Caller int
	// Count is how often it was called from there. In a profile it is the samples
	// of it and of what it calls.
	Count float64
}

// Edge is how often one function of the program called another.
type Edge struct {
	// From is the nearest caller in the program: what is in between belongs to
	// other modules, or is not known.
	From, To string
	// Rate is calls per request, in the mean over all routes. Of a profile, it is
	// the share of all samples that were taken in such a call, from 0 to 1.
	Rate float64
}

// errUnknown is wrapped by errors for files that are neither of the two.
var errUnknown = errors.New("neither OTLP JSON nor a CPU profile")

const next = "next: give the file that the OpenTelemetry collector's file exporter writes, or a CPU profile of runtime/pprof"

// ReadFile reads a file of spans or a CPU profile; which of them, and whether it
// is packed by gzip, it finds out. Errors name the file, the line or the byte, and
// what to give instead.
func ReadFile(name string) (*Traffic, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("traffic %w; %s", err, next)
	}
	defer f.Close()
	return Read(name, f)
}

// Read is [ReadFile] for what is open already; name is for errors.
func Read(name string, from io.Reader) (*Traffic, error) {
	t, err := detect(from)
	if err != nil {
		return nil, fmt.Errorf("traffic %s: %w; %s", name, err, next)
	}
	return t, nil
}

func detect(from io.Reader) (*Traffic, error) {
	in := bufio.NewReader(from)
	if head, _ := in.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("not a gzip file: %w", err)
		}
		in = bufio.NewReader(unpacked)
	}
	head, err := in.Peek(in.Size())
	switch {
	case len(head) == 0 && errors.Is(err, io.EOF):
		return nil, errors.New("the file is empty")
	case len(head) == 0:
		return nil, err
	}
	// A profile starts with a line feed, too, as it happens.
	switch head = bytes.TrimSpace(head); {
	case len(head) == 0, head[0] == '{', head[0] == '[':
		return readSpans(in)
	}
	return readProfile(in)
}

// Edges adds up calls by caller and callee, over all routes, in the order in which
// they are met. known says which functions are in the program.
func (t *Traffic) Edges(known func(function string) bool) []Edge {
	index := make(map[[2]string]int)
	edges := []Edge{}
	total := 0.0
	for _, r := range t.Routes {
		total += float64(r.Requests)
		at := make([]string, len(r.Calls)) // the nearest function of the program, itself included
		for i, c := range r.Calls {
			caller := ""
			if c.Caller >= 0 {
				caller = at[c.Caller]
			} else if t.Source == Profile {
				total += c.Count
			}
			if at[i] = caller; !known(c.Function) {
				continue
			}
			at[i] = c.Function
			if caller == "" || caller == c.Function {
				continue
			}
			key := [2]string{caller, c.Function}
			to, ok := index[key]
			if !ok {
				to = len(edges)
				index[key] = to
				edges = append(edges, Edge{From: caller, To: c.Function})
			}
			edges[to].Rate += c.Count
		}
	}
	for i := range edges {
		edges[i].Rate /= max(1, total)
		if t.Source == Profile {
			edges[i].Rate = min(1, edges[i].Rate) // a recursion has a sample more than once
		}
	}
	return edges
}
