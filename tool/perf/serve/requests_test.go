package serve

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func writeRequests(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "my requests.txt")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRequestsAreReadAsVegetaDoes(t *testing.T) {
	t.Parallel()
	file := writeRequests(t, `# what users do
GET http://127.0.0.1:$PORT/a
X-Two: one
X-Two: two: three

POST http://127.0.0.1:$PORT/b
# of a header
Content-Type: application/json
@body.json
DELETE http://127.0.0.1:$PORT/c
PUT http://127.0.0.1:$PORT2/d
`)
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "body.json"), []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := ReadRequests(file)
	if err != nil {
		t.Fatal(err)
	}
	want := Stream{Name: "BenchmarkRequests/my_requests.txt", Requests: []Request{
		{Method: "GET", URL: "http://127.0.0.1:$PORT/a", Header: http.Header{"X-Two": {"one", "two: three"}}},
		{Method: "POST", URL: "http://127.0.0.1:$PORT/b", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("{}\n")},
		{Method: "DELETE", URL: "http://127.0.0.1:$PORT/c", Header: http.Header{}},
		{Method: "PUT", URL: "http://127.0.0.1:$PORT2/d", Header: http.Header{}},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
}

func TestBadRequestsAreRefusedWithTheirLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                           "FILE has no requests: write lines such as GET http://127.0.0.1:$PORT/PATH",
		"# no\n\nget http://127.0.0.1:$PORT/":        `FILE:3: "get http://127.0.0.1:$PORT/" is no request: write METHOD URL, such as GET http://127.0.0.1:$PORT/PATH`,
		"GET http://127.0.0.1:$PORT/\nno header":     `FILE:2: "no header" is no header: write NAME: VALUE, or an empty line before the next request`,
		"GET http://127.0.0.1:$PORT/\n\n@body":       `FILE:3: "@body" is no request: write METHOD URL, such as GET http://127.0.0.1:$PORT/PATH`,
		"GET http://127.0.0.1:$PORT/\n@no-such-file": "FILE:2: open DIR/no-such-file: no such file or directory",
		"GET /":                        "FILE:1: / has no $PORT: base and head run at the same time, each on a port of its own",
		"GET http://example.com:$PORT": "FILE:1: http://example.com:$PORT is not on this machine: perf measures servers that it starts: write http://127.0.0.1:$PORT/PATH",
		strings.Repeat("GET http://127.0.0.1:$PORT/\n", maxRequests+1): "FILE:10001: there are more than 10000 requests: a slice has all of them",
	} {
		file := writeRequests(t, text)
		_, err := ReadRequests(file)
		got := strings.ReplaceAll(strings.ReplaceAll(fmt.Sprint(err), file, "FILE"), filepath.Dir(file), "DIR")
		if got != want {
			t.Errorf("%.60q:\n got %s\nwant %s", text, got, want)
		}
	}
}

// TestWhatIsWrittenIsRead: requests come back as they were, however they are mixed.
func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		var text strings.Builder
		var want []Request
		for range rapid.IntRange(1, 8).Draw(rt, "requests") {
			r := Request{
				Method: rapid.SampledFrom([]string{"GET", "POST", "PUT"}).Draw(rt, "method"),
				URL:    "http://localhost:$PORT/" + rapid.StringMatching(`[a-z?=&/]{0,9}`).Draw(rt, "path"), Header: http.Header{},
			}
			fmt.Fprintf(&text, "%s %s\n", r.Method, r.URL)
			for range rapid.IntRange(0, 3).Draw(rt, "headers") {
				name, value := rapid.StringMatching(`X-[A-Z][a-z]{0,5}`).Draw(rt, "name"), rapid.StringMatching(`[a-z:/]{0,9}`).Draw(rt, "value")
				r.Header[http.CanonicalHeaderKey(name)] = append(r.Header[http.CanonicalHeaderKey(name)], value)
				fmt.Fprintf(&text, "%s: %s\n", name, value)
			}
			text.WriteString(rapid.SampledFrom([]string{"", "\n", "# comment\n", "\n\n"}).Draw(rt, "end"))
			want = append(want, r)
		}
		file := filepath.Join(dir, "requests")
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			rt.Fatal(err)
		}
		got, err := ReadRequests(file)
		if err != nil {
			rt.Fatalf("%v\n%s", err, text.String())
		}
		if d := cmp.Diff(want, got.Requests); d != "" {
			rt.Fatalf("requests (-want +got):\n%s\n%s", d, text.String())
		}
	})
}
