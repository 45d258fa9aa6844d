package serve

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

const (
	// maxFile bounds a file of requests, and the bodies that it names together.
	maxFile = 64 << 20
	// maxRequests bounds the requests of a file.
	maxRequests = 10_000
)

// ReadRequests reads a stream from a file in the http format of the load generator
// vegeta (https://github.com/tsenart/vegeta, "-format"): for each request a line with
// method and URL, lines with headers, and one with @ and the file of the body; an
// empty line ends it, one that begins with # is skipped. The names of bodies are
// relative to the file. URLs have $PORT where the port goes.
func ReadRequests(file string) (Stream, error) {
	s := Stream{Name: "BenchmarkRequests" + named(filepath.Base(file))}
	r := &reader{dir: filepath.Dir(file), left: maxFile}
	text, err := r.read(filepath.Base(file))
	if err != nil {
		return s, err
	}
	for i, line := range strings.Split(string(text), "\n") {
		if err := r.line(strings.TrimSpace(line)); err != nil {
			return s, fmt.Errorf("%s:%d: %w", file, i+1, err)
		}
	}
	if len(r.all) == 0 {
		return s, fmt.Errorf("%s has no requests: write lines such as GET http://127.0.0.1:$PORT/PATH", file)
	}
	s.Requests = r.all
	return s, nil
}

// reader reads a file of requests line by line.
type reader struct {
	dir  string
	left int64 // bytes that may still be read
	all  []Request
	open bool // the last request is not ended
}

func (r *reader) line(line string) error {
	switch {
	case line == "":
		r.open = false
		return nil
	case strings.HasPrefix(line, "#"):
		return nil
	case !r.open:
		return r.request(line)
	case strings.HasPrefix(line, "@"):
		body, err := r.read(line[1:])
		r.all[len(r.all)-1].Body = body
		r.open = false
		return err
	}
	if method, url, ok := strings.Cut(line, " "); ok && isMethod(method) && strings.Contains(url, "://") {
		return r.request(line)
	}
	name, value, ok := strings.Cut(line, ":")
	if !ok || name == "" || strings.ContainsAny(name, " \t") {
		return fmt.Errorf("%.60q is no header: write NAME: VALUE, or an empty line before the next request", line)
	}
	r.all[len(r.all)-1].Header.Add(name, strings.TrimSpace(value))
	return nil
}

func (r *reader) request(line string) error {
	method, url, ok := strings.Cut(line, " ")
	if !ok || !isMethod(method) {
		return fmt.Errorf("%.60q is no request: write METHOD URL, such as GET http://127.0.0.1:$PORT/PATH", line)
	}
	if len(r.all) == maxRequests {
		return fmt.Errorf("there are more than %d requests: a slice has all of them", maxRequests)
	}
	one := Request{Method: method, URL: strings.TrimSpace(url), Header: http.Header{}}
	r.all = append(r.all, one)
	r.open = true
	return one.check()
}

// isMethod: HTTP has others than capital letters, and nobody uses them.
func isMethod(word string) bool {
	return word != "" && strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func (r *reader) read(name string) ([]byte, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.dir, name)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, r.left+1))
	if err != nil {
		return nil, err
	}
	if r.left -= int64(len(data)); r.left < 0 {
		return nil, fmt.Errorf("%s: requests and their bodies have more than %d MB", name, maxFile>>20)
	}
	return data, nil
}
