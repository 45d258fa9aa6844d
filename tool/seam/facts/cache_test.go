package facts

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestEntriesAreWholeOrAbsent(t *testing.T) {
	t.Parallel()
	c := cacheIn(t.TempDir())
	key := hash("k")
	c.put("facts", key, []byte("some facts"))
	file := filepath.Join(c.dir, entryName("facts", key))
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := c.get("facts", key); !ok || string(got) != "some facts" {
		t.Fatalf("got %q, %v", got, ok)
	}
	try := func(name string, data []byte) {
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if got, ok := c.get("facts", key); ok {
			t.Errorf("%s: got %q, want nothing", name, got)
		}
	}
	for i := range whole {
		flipped := append([]byte(nil), whole...)
		flipped[i] ^= 1
		try("flipped", flipped)
		try("cut off", whole[:i])
	}
	try("longer", append(append([]byte(nil), whole...), 0))
	if err := os.Rename(file, filepath.Join(c.dir, entryName("facts", hash("other")))); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.get("facts", hash("other")); ok {
		t.Error("an entry was found by another name")
	}
}

func TestTheCacheIsWhereTheUserSays(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HEMILITH_CACHE", dir)
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Config{}, filepath.Join(dir, "seam")},
		{Config{Cache: "here"}, "here"},
	} {
		if c, note := openCache(tt.cfg); c == nil || c.dir != tt.want || note != "" {
			t.Errorf("%+v: got %+v and %q, want %s", tt.cfg, c, note, tt.want)
		}
	}
	if c, note := openCache(Config{NoCache: true}); c != nil || note != "" {
		t.Errorf("got %+v and %q, want none", c, note)
	}
}

func TestTrimDropsWhatWasUsedLongestAgo(t *testing.T) {
	t.Parallel()
	c := cacheIn(t.TempDir())
	data := []byte(strings.Repeat("x", 1000))
	for i, name := range []string{"old", "used", "new"} {
		c.put("facts", hash(name), data)
		at := c.now.Add(time.Duration(i-9) * time.Hour)
		if err := os.Chtimes(filepath.Join(c.dir, entryName("facts", hash(name))), at, at); err != nil {
			t.Fatal(err)
		}
	}
	for name, age := range map[string]time.Duration{"tmp-1": 2 * abandoned, "tmp-2": abandoned / 2} {
		file := filepath.Join(c.dir, name)
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, c.now.Add(-age), c.now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	c.get("facts", hash("old")) // is now the newest
	left := func() string {
		var names []string
		for _, name := range []string{"old", "used", "new"} {
			if _, err := os.Stat(filepath.Join(c.dir, entryName("facts", hash(name)))); err == nil {
				names = append(names, name)
			}
		}
		return strings.Join(names, " ")
	}
	for _, step := range []struct {
		bytes   int64
		entries int
		want    string
	}{{1 << 20, 10, "old used new"}, {2500, 10, "old new"}, {2500, 1, "old"}} {
		c.trim(step.bytes, step.entries)
		if got := left(); got != step.want {
			t.Errorf("trimmed to %d bytes and %d entries: got %s, want %s", step.bytes, step.entries, got, step.want)
		}
	}
	temporary, err := filepath.Glob(filepath.Join(c.dir, "tmp-*"))
	if err != nil || len(temporary) != 1 || filepath.Base(temporary[0]) != "tmp-2" {
		t.Errorf("got %v, %v left, want tmp-2", temporary, err)
	}
}

// sample has every kind of field.
type sample struct {
	B      bool
	I      int
	U      uint8
	S      string
	List   []sample
	Next   *sample
	Texts  []string
	Symbol Symbol
}

func samples(depth int) *rapid.Generator[sample] {
	return rapid.Custom(func(t *rapid.T) sample {
		s := sample{
			B: rapid.Bool().Draw(t, "b"), I: rapid.Int().Draw(t, "i"), U: rapid.Uint8().Draw(t, "u"), S: rapid.String().Draw(t, "s"),
			Symbol: Symbol{Path: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "path"), Name: "n"},
		}
		s.Texts = append(s.Texts, rapid.SliceOf(rapid.String()).Draw(t, "texts")...)
		if depth > 0 {
			s.List = append(s.List, rapid.SliceOfN(samples(depth-1), 0, 3).Draw(t, "list")...)
			if rapid.Bool().Draw(t, "next") {
				next := samples(depth-1).Draw(t, "value")
				s.Next = &next
			}
		}
		return s
	})
}

func TestWhatIsEncodedIsDecoded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := samples(2).Draw(t, "sample")
		data, err := encode(&want)
		if err != nil {
			t.Fatal(err)
		}
		var got sample
		if err := decode(data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		n := rapid.IntRange(0, len(data)-1).Draw(t, "cut")
		if err := decode(data[:n], new(sample)); err == nil {
			t.Fatalf("decoded %d of %d bytes", n, len(data))
		}
		data[n] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		_ = decode(data, new(sample)) // must end, whatever it says
	})
}

func TestFactsHaveACode(t *testing.T) {
	t.Parallel()
	for _, v := range []any{&extracted{Package: &Package{Decls: []Decl{{Refs: []Ref{{}}}}}}, &listed{}} {
		if _, err := encode(v); err != nil {
			t.Errorf("%T: %v", v, err)
		}
	}
	if a, b := shape(reflect.TypeFor[Ref]()), shape(reflect.TypeFor[Foreign]()); a == b {
		t.Errorf("two types have the shape %s", a)
	}
}
