package traffic

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The parts of OTLP's JSON form that matter here (opentelemetry-proto,
// trace/v1). Unknown fields are skipped, as the specification asks.
type export struct {
	ResourceSpans []resourceSpans `json:"resourceSpans"`
	Metrics       json.RawMessage `json:"resourceMetrics"`
	Logs          json.RawMessage `json:"resourceLogs"`
}

type resourceSpans struct {
	Resource struct {
		Attributes []attribute `json:"attributes"`
	} `json:"resource"`
	ScopeSpans []scopeSpans `json:"scopeSpans"`
	// Older exporters call it so.
	LibrarySpans []scopeSpans `json:"instrumentationLibrarySpans"`
}

type scopeSpans struct {
	Spans []jsonSpan `json:"spans"`
}

type jsonSpan struct {
	TraceID    string      `json:"traceId"`
	SpanID     string      `json:"spanId"`
	ParentID   string      `json:"parentSpanId"`
	Name       string      `json:"name"`
	Attributes []attribute `json:"attributes"`
}

type attribute struct {
	Key   string `json:"key"`
	Value struct {
		String string `json:"stringValue"`
	} `json:"value"`
}

// span is what is kept of one.
type span struct {
	parent   int32 // -1 if it is not in the file, or in another service
	function int32 // -1 if it is not known
	route    int32 // of a request that starts here
	node     int32
	state    uint8
}

// spans are collected in the order of the file, which says nothing of who calls
// whom: all are needed before trees can be made.
type spans struct {
	all     []span
	links   []link
	byID    map[string]int32 // trace and span
	names   table
	routes  table
	service table
	nameless, left,
	others int
}

// link is a span's parent, by name, until all spans are known.
type link struct {
	parent  string
	service int32
}

// table gives names numbers.
type table struct {
	number map[string]int32
	names  []string
}

func (t *table) of(name string) int32 {
	n, ok := t.number[name]
	if !ok {
		if t.number == nil {
			t.number = make(map[string]int32)
		}
		n = int32(len(t.names))
		name = strings.Clone(name)
		t.number[name] = n
		t.names = append(t.names, name)
	}
	return n
}

// readSpans reads JSON values until the end: one export, or one a line.
func readSpans(from *bufio.Reader) (*Traffic, error) {
	in := &lines{from: io.LimitReader(from, maxBytes)}
	s := &spans{byID: make(map[string]int32)}
	values := json.NewDecoder(in)
	for {
		in.left = maxValue
		more := values.More()
		line := in.line(values.InputOffset())
		if !more && in.err == nil {
			// More is false for a closing bracket, too.
			if _, err := values.Token(); errors.Is(err, io.EOF) {
				break
			}
		}
		var e export
		if err := values.Decode(&e); err != nil {
			return nil, fmt.Errorf("line %d: not OTLP JSON: %w", line, in.or(err))
		}
		if e.ResourceSpans == nil && e.Metrics == nil && e.Logs == nil {
			return nil, fmt.Errorf("line %d: not OTLP JSON: an object without resourceSpans", line)
		}
		s.add(e)
	}
	return s.traffic()
}

// add takes in one export.
func (s *spans) add(e export) {
	if e.ResourceSpans == nil {
		s.others++
	}
	for _, r := range e.ResourceSpans {
		service := s.service.of(attributes(r.Resource.Attributes)["service.name"])
		for _, scope := range append(r.ScopeSpans, r.LibrarySpans...) {
			for _, j := range scope.Spans {
				s.span(j, service)
			}
		}
	}
}

func (s *spans) span(j jsonSpan, service int32) {
	id := j.TraceID + " " + j.SpanID
	if _, twice := s.byID[id]; twice {
		return // an exporter that tried again
	}
	if len(s.all) >= maxSpans {
		s.left++
		return
	}
	has := attributes(j.Attributes)
	x := span{parent: -1, function: -1}
	if f := function(j.Name, has); f != "" {
		x.function = s.names.of(f)
	} else {
		s.nameless++
	}
	x.route = s.route(routeName(j.Name, has))
	l := link{service: service}
	if j.ParentID != "" && strings.Trim(j.ParentID, "0") != "" {
		l.parent = j.TraceID + " " + j.ParentID
	}
	s.byID[id] = int32(len(s.all))
	s.all, s.links = append(s.all, x), append(s.links, l)
}

// otherRoutes has what is beyond maxRoutes.
const otherRoutes = "(other routes)"

func (s *spans) route(name string) int32 {
	if _, ok := s.routes.number[name]; !ok && len(s.routes.names) >= maxRoutes*100 {
		name = otherRoutes // names with numbers in them; few of them are first spans
	}
	return s.routes.of(name)
}

func attributes(list []attribute) map[string]string {
	m := make(map[string]string, len(list))
	for _, a := range list {
		if a.Value.String != "" {
			m[a.Key] = a.Value.String
		}
	}
	return m
}

// function finds out which function a span stands for, by the semantic
// conventions of today, those before 1.30, and the span's name if that is a
// function's.
func function(name string, has map[string]string) string {
	if f := has["code.function.name"]; f != "" {
		return Function(f)
	}
	f, space := has["code.function"], has["code.namespace"]
	switch {
	case f == "":
		if strings.ContainsAny(name, " {") || !strings.Contains(name, "/") || strings.HasPrefix(name, "/") {
			return ""
		}
		return Function(name)
	case space == "" || strings.HasPrefix(f, space+"."):
		return Function(f)
	}
	return Function(space + "." + f)
}

// routeName names a request by its first span.
func routeName(name string, has map[string]string) string {
	method := has["http.request.method"]
	if method == "" {
		method = has["http.method"]
	}
	route, call := has["http.route"], has["rpc.method"]
	switch {
	case route != "" && method != "" && !strings.HasPrefix(route, method+" "):
		return method + " " + route
	case route != "":
		return route
	case call != "" && has["rpc.service"] != "":
		return has["rpc.service"] + "/" + call
	case call != "":
		return call
	case name == "":
		return "(no name)"
	}
	return name
}

// lines knows in which line each byte is, from the value that is read onwards.
type lines struct {
	from  io.Reader
	off   int64
	ends  []int64 // of lines, from the last that was asked for
	count int     // of lines before ends
	left  int64   // bytes that the value may still have
	err   error
}

func (l *lines) Read(p []byte) (int, error) {
	switch {
	case l.left <= 0:
		l.err = fmt.Errorf("one value has more than %d MiB", maxValue>>20)
	case len(l.ends) > maxLines:
		l.err = fmt.Errorf("one value has more than %d lines", maxLines)
	}
	if l.err != nil {
		return 0, l.err
	}
	n, err := l.from.Read(p[:min(int64(len(p)), l.left)])
	for i, c := range p[:n] {
		if c == '\n' {
			l.ends = append(l.ends, l.off+int64(i))
		}
	}
	l.off += int64(n)
	l.left -= int64(n)
	return n, err
}

// line returns the line of a byte, from 1, and forgets the lines before it.
func (l *lines) line(off int64) int {
	i := 0
	for i < len(l.ends) && l.ends[i] < off {
		i++
	}
	l.count += i
	l.ends = append(l.ends[:0], l.ends[i:]...)
	return l.count + 1
}

func (l *lines) or(err error) error {
	if l.err != nil {
		return l.err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("the file ends within a value")
	}
	return err
}
