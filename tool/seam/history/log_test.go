package history

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

func record(hash string, edits ...string) string {
	s := "\x01" + hash + "\x001000\x002000\x00Ada\x00ada@x\x00\n"
	return s + strings.Join(edits, "\x00") + "\x00"
}

func TestParse(t *testing.T) {
	t.Parallel()
	one, two := record("abcd", "M", "a.go"), record("beef", "R087", "b.go", "c.go", "D", "\x01odd\n.go")
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"one commit", one, "abcd M :a.go\n"},
		{"two commits, a rename, an odd name", one + two, "abcd M :a.go\nbeef R b.go:c.go D :\x01odd\n.go\n"},
		{"a zero byte more between commits", one + "\x00" + two, "abcd M :a.go\nbeef R b.go:c.go D :\x01odd\n.go\n"},
		{"a commit without files", "\x01abcd\x001000\x002000\x00\x00\x00", "abcd\n"},
		{"cut in a path", one + two[:len(two)-3], "abcd M :a.go\nunexpected EOF"},
		{"cut in a head", "\x01abcd\x0010\x00", "unexpected EOF"},
		{"no log", "hello\x00", `git log, byte 6: not the log that was asked for: no commit in "hello"`},
		{"no status", record("abcd", "?!", "a.go"), `git log, byte 30: not the log that was asked for: "?!" is no status of a file`},
		{"no time", "\x01abcd\x00x\x002000\x00\x00\x00", `git log, byte 15: not the log that was asked for: "x" is no time`},
		{"a name that is too long", one + strings.Repeat("x", maxToken*8), "git log, byte 65570: not the log that was asked for: more than 16384 bytes without an end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			_, err := parse(strings.NewReader(c.in), func(e entry) bool {
				got.WriteString(e.hash)
				for _, d := range e.edits {
					fmt.Fprintf(&got, " %c %s:%s", d.kind, d.old, d.path)
				}
				got.WriteByte('\n')
				return true
			})
			if err != nil {
				got.WriteString(err.Error())
			}
			if got.String() != c.want {
				t.Errorf("got  %q\nwant %q", got.String(), c.want)
			}
		})
	}
}

func TestParseEndsWhenToldTo(t *testing.T) {
	t.Parallel()
	in := strings.NewReader(strings.Repeat(record("abcd", "M", "a.go"), 3))
	calls := 0
	done, err := parse(in, func(entry) bool { calls++; return calls < 2 })
	if done || err != nil || calls != 2 {
		t.Errorf("done %v, %v, after %d calls; want false, nil, 2", done, err, calls)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(record("abcd", "M", "a.go") + record("beef", "R100", "a.go", "b.go"))
	f.Add("\x01abcd\x00")
	f.Add("\x01\x00\x00\x00\x00\x00\n\x00")
	f.Fuzz(func(t *testing.T, in string) {
		b := newBuilder(Config{}.orDefaults(), newPaths())
		if _, err := parse(strings.NewReader(in), b.add); err != nil && !errors.Is(err, errFormat) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%q: %v", in, err)
		}
		authors := b.ids.join(b.commits)
		for _, c := range b.paths.name(b.commits, b.paths.today) {
			if int(c.Author) >= len(authors) || len(c.raw) == 0 {
				t.Fatalf("%q: commit %+v of %d authors", in, c, len(authors))
			}
		}
	})
}

// flood is a log without end.
type flood struct {
	seq  int
	rest []byte
}

func (f *flood) Read(p []byte) (int, error) {
	for len(f.rest) < len(p) {
		f.seq++
		f.rest = append(f.rest, record(fmt.Sprintf("%040x", f.seq),
			"R090", fmt.Sprintf("p%d/old%d.go", f.seq%97, f.seq), fmt.Sprintf("p%d/new%d.go", f.seq%97, f.seq),
			"M", fmt.Sprintf("p%d/f.go", f.seq%1013))...)
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// TestEndlessLogTakesBoundedMemory reads as many bytes as are allowed, and then as many
// commits.
func TestEndlessLogTakesBoundedMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	b := newBuilder(Config{MaxCommits: 1 << 30}.orDefaults(), newPaths())
	b.most /= 8 // the same, and quicker
	done, err := b.read(new(flood))
	if done || err != nil {
		t.Fatalf("an endless log is done: %v, %v", done, err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	const most = 64 << 20
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > most {
		t.Errorf("%d commits take %d MiB, want at most %d", len(b.commits), used>>20, most>>20)
	} else {
		t.Logf("%d commits, %d bytes of log: %d MiB", len(b.commits), b.bytes, used>>20)
	}
	runtime.KeepAlive(b)

	b = newBuilder(Config{}.orDefaults(), newPaths())
	if done, err := b.read(new(flood)); done || err != nil || len(b.commits) != maxCommits {
		t.Errorf("%d commits, %v, %v; want %d", len(b.commits), done, err, maxCommits)
	}
}
