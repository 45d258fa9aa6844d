package tour

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	// maxAnswer bounds the body of one answer, in bytes.
	maxAnswer = 16 << 20
	// requestTimeout bounds one request.
	requestTimeout = 20 * time.Second
)

// request is one recorded request.
type request struct {
	Name    string            `json:"name"`
	Session string            `json:"session"` // requests of one session share cookies
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Header  map[string]string `json:"header"`
	Form    map[string]string `json:"form"`
	JSON    json.RawMessage   `json:"json"`
	Body    string            `json:"body"`
	Expect  int               `json:"expect"`
	// Login says, for readers, as whom the session must be logged in by then.
	Login string `json:"login"`
	Probe bool   `json:"probe"` // cheap, idempotent, one boundary call
}

func readRequests(path string) ([]request, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var requests []request
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&requests); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(requests) == 0 {
		return nil, fmt.Errorf("%s: no requests", path)
	}
	return requests, nil
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// player asks one running program, keeping a cookie jar per session. It is used
// by one goroutine.
type player struct {
	base      string // http://host:port
	transport *http.Transport
	sessions  map[string]*http.Client
}

func newPlayer(addr string) *player {
	return &player{
		base:      "http://" + addr,
		transport: &http.Transport{MaxIdleConnsPerHost: 64},
		sessions:  make(map[string]*http.Client),
	}
}

func (p *player) close() { p.transport.CloseIdleConnections() }

// session returns the client of that name, which follows no redirect.
func (p *player) session(name string) (*http.Client, error) {
	if c := p.sessions[name]; c != nil {
		return c, nil
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	c := &http.Client{
		Transport:     p.transport,
		Jar:           jar,
		Timeout:       requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	p.sessions[name] = c
	return c, nil
}

// ask sends r and reads the answer.
func (p *player) ask(ctx context.Context, r request) (*answer, error) {
	c, err := p.session(r.Session)
	if err != nil {
		return nil, err
	}
	body, kind := r.payload()
	req, err := http.NewRequestWithContext(ctx, r.Method, p.base+r.Path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for k, v := range r.Header {
		req.Header.Set(k, v)
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	err = errors.Join(err, resp.Body.Close())
	if len(data) > maxAnswer {
		err = errors.Join(err, fmt.Errorf("answer of more than %d bytes", maxAnswer))
	}
	return &answer{resp.StatusCode, resp.Header, data}, err
}

// payload is the body of r and its content type.
func (r request) payload() (body, kind string) {
	switch {
	case r.Form != nil:
		form := make(url.Values, len(r.Form))
		for k, v := range r.Form {
			form.Set(k, v)
		}
		return form.Encode(), "application/x-www-form-urlencoded"
	case r.JSON != nil:
		return string(r.JSON), "application/json"
	default:
		return r.Body, ""
	}
}

// play asks all requests in order. Each must have the status that it expects.
func (p *player) play(ctx context.Context, requests []request) ([]*answer, error) {
	answers := make([]*answer, len(requests))
	for i, r := range requests {
		a, err := p.ask(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("request %d, %s: %w", i+1, r.Name, err)
		}
		if a.status != r.Expect {
			return nil, fmt.Errorf("request %d, %s: %s %s answered %d, recorded is %d: %.200s",
				i+1, r.Name, r.Method, r.Path, a.status, r.Expect, a.body)
		}
		answers[i] = a
	}
	return answers, nil
}

// stable is h without what must differ from run to run: the time, and the
// values of session cookies, which are random.
func stable(h http.Header) http.Header {
	h = maps.Clone(h)
	h.Del("Date")
	var cookies []string
	for _, c := range (&http.Response{Header: h}).Cookies() {
		c.Value, c.Expires, c.RawExpires = "", time.Time{}, ""
		cookies = append(cookies, c.String())
	}
	if h.Del("Set-Cookie"); cookies != nil {
		h["Set-Cookie"] = cookies
	}
	return h
}

// compare returns the first difference between two plays of the requests.
func compare(requests []request, want, got []*answer) error {
	for i, r := range requests {
		w, g := want[i], got[i]
		where := fmt.Sprintf("request %d, %s: %s %s", i+1, r.Name, r.Method, r.Path)
		if w.status != g.status {
			return fmt.Errorf("%s: status %d, want %d", where, g.status, w.status)
		}
		if wh, gh := stable(w.header), stable(g.header); !maps.EqualFunc(wh, gh, slices.Equal[[]string]) {
			return fmt.Errorf("%s: header %v, want %v", where, gh, wh)
		}
		if !bytes.Equal(w.body, g.body) {
			at := firstDifference(w.body, g.body)
			return fmt.Errorf("%s: bodies differ at byte %d: %.60q, want %.60q", where, at, g.body[at:], w.body[at:])
		}
	}
	return nil
}

func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
