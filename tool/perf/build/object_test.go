package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// compiled returns a compiled package: a real one.
func compiled(t testing.TB) (file string, data []byte) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-export", "-f", "{{.Export}}", "sort").Output()
	if err != nil {
		t.Fatal(err)
	}
	file = strings.TrimSpace(string(out))
	if data, err = os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	return file, data
}

func TestSymbolsOfACompiledPackageAreFound(t *testing.T) {
	t.Parallel()
	file, _ := compiled(t)
	var a archives
	u := &unit{path: "sort", archives: map[string]archive{"sort": {id: "x", file: file}}}
	p, err := a.program(u, u)
	if err != nil {
		t.Fatal(err)
	}
	from, ok := p.symbol("sort", "sort.Stable<1>")
	if !ok {
		t.Fatal("there is no sort.Stable")
	}
	names := make(map[string]bool)
	for _, s := range p.reach([]spot{from}) {
		names[p.identity(s)] = true
	}
	for name, want := range map[string]bool{
		"sort.Stable<1>": true, "sort.insertionSort<1>": true, "sort.symMerge<1>": true,
		"sort.heapSort<1>": false, "sort.Strings<1>": false,
	} {
		if names[name] != want {
			t.Errorf("%s reached: %v, want %v", name, names[name], want)
		}
	}
}

// TestDamagedArchivesAreReadWithoutHarm changes and cuts a real archive.
func TestDamagedArchivesAreReadWithoutHarm(t *testing.T) {
	t.Parallel()
	_, good := compiled(t)
	file := filepath.Join(t.TempDir(), "damaged")
	rapid.Check(t, func(t *rapid.T) {
		data := append([]byte(nil), good...)
		for range rapid.IntRange(0, 40).Draw(t, "changes") {
			data[rapid.IntRange(0, len(data)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "to")
		}
		if rapid.Bool().Draw(t, "cut") {
			data = data[:rapid.IntRange(0, len(data)).Draw(t, "length")]
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		u := &unit{path: "sort", archives: map[string]archive{"sort": {id: "x", file: file}}}
		other := &unit{path: "sort", archives: map[string]archive{"sort": {id: "y", file: file}}}
		c := compareCode(&archives{}, u, other)
		if run, why := c.differs("Stable"); !run && why == "" {
			t.Error("no reason")
		}
	})
}

func FuzzArchive(f *testing.F) {
	f.Add([]byte("!<arch>\n"))
	f.Add([]byte("!<arch>\n_go_.o          0           0     0     644     10        `\ngo object \n!\n\x00go120ld"))
	f.Fuzz(func(t *testing.T, data []byte) {
		objects, _, err := archiveObjects("p", data)
		if err != nil {
			return
		}
		for _, o := range objects {
			for i := range o.symbols() {
				_, _ = o.name(i), o.content(i)
				from, to := o.relocs(i)
				for n := from; n < to; n++ {
					o.find(o.reloc(n).to)
				}
			}
		}
	})
}

func TestTypeNamesAreReadWithinTheirBytes(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"": "", "\x00": "", "\x00\x01": "", "\x00\x03Len": "Len", "\x00\x03Length": "Len",
		"\x00\x80\x80\x80\x80\x80\x80": "", "\x00\x80\x01" + strings.Repeat("a", 128): strings.Repeat("a", 128),
	} {
		if got := typeName([]byte(data)); got != want {
			t.Errorf("%q: got %q, want %q", data, got, want)
		}
	}
}

func TestPathsAreEscapedAsInSymbols(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"sort": "sort", "example.com/m/a.v2": "example.com/m/a%2ev2", "x/a b": "x/a%20b", "main": "main", "é/x": "%c3%a9/x",
	} {
		if got := symbolPrefix(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
