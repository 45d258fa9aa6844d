package serve

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Request is one HTTP request.
type Request struct {
	Method string
	// URL has $PORT where the port of the side goes.
	URL    string
	Header http.Header
	Body   []byte
}

// String is how messages name a request.
func (r Request) String() string { return r.Method + " " + r.URL }

// Stream is requests that are measured together, in their order, again and again.
type Stream struct {
	// Name is that of a benchmark, as reports and Perf-Accept trailers have it.
	Name     string
	Requests []Request
}

// port is a variable for a port: $PORT, or $PORT2 to $PORT9 for programs with more.
var port = regexp.MustCompile(`\$(?:(PORT[2-9]?)\b|\{(PORT[2-9]?)\})`)

// expand puts ports in place of their variables.
func expand(text string, ports map[string]int) string {
	return port.ReplaceAllStringFunc(text, func(v string) string {
		return strconv.Itoa(ports[strings.Trim(v, "${}")])
	})
}

// Ports returns the variables for ports that commands and streams use, sorted.
func Ports(commands []string, streams []Stream) []string {
	texts := slices.Clone(commands)
	for _, s := range streams {
		for _, r := range s.Requests {
			texts = append(texts, r.URL)
		}
	}
	var names []string
	for _, t := range texts {
		for _, v := range port.FindAllString(t, -1) {
			names = append(names, strings.Trim(v, "${}"))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// check refuses what is not asked of a server that we start.
func (r Request) check() error {
	if !port.MatchString(r.URL) {
		return fmt.Errorf("%s has no $PORT: base and head run at the same time, each on a port of its own", r.URL)
	}
	u, err := url.Parse(expand(r.URL, nil))
	switch {
	case err != nil:
		return fmt.Errorf("%s is no URL: write http://127.0.0.1:$PORT/PATH", r.URL)
	case u.Scheme != "http":
		return fmt.Errorf("%s: only http is measured: write http://127.0.0.1:$PORT/PATH", r.URL)
	case u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback():
		return fmt.Errorf("%s is not on this machine: perf measures servers that it starts: write http://127.0.0.1:$PORT/PATH", r.URL)
	case !port.MatchString(authority(r.URL)) || u.User != nil:
		return fmt.Errorf("%s has $PORT, but not as its port: write http://127.0.0.1:$PORT/PATH", r.URL)
	}
	return nil
}

// authority is host and port of a URL in which variables stand.
func authority(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// Gets makes a stream of each URL: a GET again and again.
func Gets(urls []string) ([]Stream, error) {
	streams := make([]Stream, len(urls))
	for i, u := range urls {
		r := Request{Method: http.MethodGet, URL: u}
		if err := r.check(); err != nil {
			return nil, err
		}
		_, path, _ := strings.Cut(u, authority(u))
		streams[i] = Stream{Name: "BenchmarkGET" + named(path), Requests: []Request{r}}
	}
	return streams, nil
}

// odd is what names of benchmarks do not have: Perf-Accept takes no patterns, and
// the benchmark format no spaces.
var odd = regexp.MustCompile(`[^A-Za-z0-9_=.,:/-]+`)

// named makes the end of a benchmark's name of a path, or a file's name.
func named(path string) string {
	path = strings.TrimRight(odd.ReplaceAllString(path, "_"), "/")
	if path != "" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return strings.ReplaceAll(path, "...", "_")
}

// Number gives streams of one name different ones, as package testing does.
func Number(streams []Stream) {
	seen := make(map[string]int)
	for i := range streams {
		s := &streams[i]
		n := seen[s.Name]
		if seen[s.Name]++; n > 0 {
			s.Name += fmt.Sprintf("#%02d", n)
		}
	}
}
