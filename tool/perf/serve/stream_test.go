package serve

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStreamsAreNamedAsBenchmarks(t *testing.T) {
	t.Parallel()
	const at = "http://127.0.0.1:$PORT"
	streams, err := Gets([]string{
		at, at + "/", at + "/items?n=10&sort=a", at + "/items?n=10&sort=a", at + "/a...b", "http://[::1]:${PORT2}/x[1]",
		"http://localhost:$PORT?q=a b",
	})
	if err != nil {
		t.Fatal(err)
	}
	Number(streams)
	var got []string
	for _, s := range streams {
		got = append(got, s.Name)
	}
	want := []string{
		"BenchmarkGET", "BenchmarkGET#01", "BenchmarkGET/items_n=10_sort=a", "BenchmarkGET/items_n=10_sort=a#01",
		"BenchmarkGET/a_b", "BenchmarkGET/x_1_", "BenchmarkGET/_q=a_b",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("names (-want +got):\n%s", d)
	}
}

func TestURLsOfOtherMachinesAreRefused(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"http://127.0.0.1:8080/":         "http://127.0.0.1:8080/ has no $PORT: base and head run at the same time, each on a port of its own",
		"http://example.com:$PORT/":      "http://example.com:$PORT/ is not on this machine: perf measures servers that it starts: write http://127.0.0.1:$PORT/PATH",
		"http://10.0.0.1:$PORT/":         "http://10.0.0.1:$PORT/ is not on this machine: perf measures servers that it starts: write http://127.0.0.1:$PORT/PATH",
		"http://$PORT@127.0.0.1:6379/":   "http://$PORT@127.0.0.1:6379/ has $PORT, but not as its port: write http://127.0.0.1:$PORT/PATH",
		"http://127.0.0.1/$PORT":         "http://127.0.0.1/$PORT has $PORT, but not as its port: write http://127.0.0.1:$PORT/PATH",
		"https://127.0.0.1:$PORT/":       "https://127.0.0.1:$PORT/: only http is measured: write http://127.0.0.1:$PORT/PATH",
		"127.0.0.1:$PORT":                "127.0.0.1:$PORT is no URL: write http://127.0.0.1:$PORT/PATH",
		"http://127.0.0.1:$PORTAL/":      "http://127.0.0.1:$PORTAL/ has no $PORT: base and head run at the same time, each on a port of its own",
		"http://u@example.com:$PORT2/":   "http://u@example.com:$PORT2/ is not on this machine: perf measures servers that it starts: write http://127.0.0.1:$PORT/PATH",
		"http://127.0.0.1:80@a.b:$PORT/": "http://127.0.0.1:80@a.b:$PORT/ is not on this machine: perf measures servers that it starts: write http://127.0.0.1:$PORT/PATH",
	} {
		_, err := Gets([]string{url})
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", url, err, want)
		}
	}
}

func TestPortsAreFoundAndPutInPlace(t *testing.T) {
	t.Parallel()
	streams, err := Gets([]string{"http://127.0.0.1:${PORT3}/"})
	if err != nil {
		t.Fatal(err)
	}
	got := Ports([]string{"a $PORT $PORT2 $PORTER", "b ${PORT}"}, streams)
	if d := cmp.Diff([]string{"PORT", "PORT2", "PORT3"}, got); d != "" {
		t.Errorf("ports (-want +got):\n%s", d)
	}
	if got, want := expand("x$PORT:${PORT2}/$PORTER", map[string]int{"PORT": 1, "PORT2": 22}), "x1:22/$PORTER"; got != want {
		t.Errorf("expand: got %s, want %s", got, want)
	}
}
