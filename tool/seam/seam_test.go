package seam

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// still is a clock that stands, so that timings are the same in each run.
func still() time.Time { return time.Unix(0, 0) }

// load reads one program of testdata, or the module in dir.
func load(t testing.TB, dir string) *facts.Program {
	t.Helper()
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("testdata", dir)
	}
	prog, err := facts.Load(t.Context(), facts.Config{Dir: dir, NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	return prog
}

func analyze(t testing.TB, prog *facts.Program, cfg Config) *Report {
	t.Helper()
	cfg.Clock = still
	r, err := Analyze(t.Context(), prog, nil, cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.PeakMemory = 0
	return r
}

// module writes a module and returns its directory.
func module(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	bare := map[string]string{"go.mod": "module example.com/bare\n\ngo 1.26\n"}
	for _, tt := range []struct {
		name, dir, want string
	}{
		{"no module", t.TempDir(), "$DIR is in no module: run this where go.mod is"},
		{"no packages", module(t, bare), "no Go packages in $DIR match\n  next: hemilith seam ./...  in a directory with Go files"},
		{"broken", "testdata/broken", "1 of 2 packages of example.com/broken do not type-check:\n" +
			"  example.com/broken/a: a/a.go:3:23: cannot use \"no\" (untyped string constant) as int value in return statement\n" +
			"  next: go build ./...  (run first what generates code, if anything does)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Run(t.Context(), Config{Dir: tt.dir, NoCache: true})
			if err == nil {
				t.Fatal("got no error")
			}
			dir, _ := filepath.EvalSymlinks(tt.dir)
			if got := strings.ReplaceAll(err.Error(), dir, "$DIR"); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestNamesThatMeanNothing(t *testing.T) {
	t.Parallel()
	prog := load(t, "desk")
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Config{Cut: []string{"stok"}}, `-cut: nothing in example.com/desk is named "stok"`},
		{Config{Exclude: []string{"stok"}}, `-exclude: nothing in example.com/desk is named "stok"`},
		{Config{Keep: [][]string{{"web", "stok"}}}, `-keep: nothing in example.com/desk is named "stok"`},
		{Config{Apart: [][2]string{{"web", "stok"}}}, `-apart: nothing in example.com/desk is named "stok"`},
		{Config{Entry: []string{"web.Site.nothing"}}, `-entry: nothing in example.com/desk is named "web.Site.nothing"`},
		{Config{Within: "c"}, "-within c: the halves are "},
		{Config{Thresholds: map[string]float64{"weather": 1}}, "threshold \"weather\": no test or sign has that name\n  next: one of people, "},
		{Config{Traffic: "testdata/nothing.json"}, "testdata/nothing.json: no such file"},
		{Config{TestsJSON: "testdata/nothing.json"}, "testdata/nothing.json: no such file"},
	} {
		tt.cfg.Clock = still
		_, err := Analyze(t.Context(), prog, nil, tt.cfg)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: got\n%v\nwant it to have\n%s", tt.cfg, err, tt.want)
		}
	}
}

// One broken package among many is noted, and the rest is analysed.
func TestAFewBrokenPackagesAreNoted(t *testing.T) {
	t.Parallel()
	files := map[string]string{"go.mod": "module example.com/many\n\ngo 1.26\n", "pd/bad.go": "package pd\n\nvar x = missing\n"}
	for _, p := range strings.Split("abcdefghijk", "") {
		files["p"+p+"/p.go"] = "package p" + p + "\n\nfunc F() int { return 1 }\n"
	}
	r := analyze(t, load(t, module(t, files)), Config{})
	want := "does not type-check, analysed as far as it goes: example.com/many/pd: pd/bad.go:3:9: undefined: missing"
	if !slices.Contains(r.Notes, want) {
		t.Errorf("notes: got %q, want among them %q", r.Notes, want)
	}
	if got, want := r.Size.Packages, 11; got != want {
		t.Errorf("packages: got %d, want %d", got, want)
	}
}

func TestSinglePieces(t *testing.T) {
	t.Parallel()
	goMod := "module example.com/one\n\ngo 1.26\n"
	for _, tt := range []struct {
		name, verdict, reason string
		files                 map[string]string
	}{
		{"library", VerdictUnknown, "there is no main package here", map[string]string{"one.go": "package one\n\nfunc F() {}\n"}},
		{"command", VerdictNone, "no entry point serves requests or waits in a loop", map[string]string{
			"main.go": "package main\n\nimport \"os\"\n\nfunc main() { _ = os.WriteFile(\"a\", nil, 0o600) }\n"}},
		{"one handler", VerdictNone, "one entry point serves", map[string]string{
			"main.go": "package main\n\nimport (\n\t\"net/http\"\n\t\"os\"\n)\n\nfunc main() {\n\thttp.HandleFunc(\"/\", show)\n\t_ = http.ListenAndServe(\":0\", nil)\n}\n\n" +
				"func show(w http.ResponseWriter, r *http.Request) { _ = os.WriteFile(\"a\", nil, 0o600) }\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.files["go.mod"] = goMod
			r := analyze(t, load(t, module(t, tt.files)), Config{})
			if r.Verdict != tt.verdict || !strings.Contains(strings.Join(r.Reasons, " "), tt.reason) {
				t.Errorf("got %s %q, want %s with %q", r.Verdict, r.Reasons, tt.verdict, tt.reason)
			}
			if r.Next == "" || r.Seams == nil || r.Tests == nil {
				t.Errorf("next %q, seams %v, tests %v: want all there", r.Next, r.Seams, r.Tests)
			}
		})
	}
}

func TestTheSameProgramGivesTheSameReport(t *testing.T) {
	t.Parallel()
	var outs []string
	for range 2 {
		r := analyze(t, load(t, "desk"), Config{Seed: 7})
		var b bytes.Buffer
		if err := r.JSON(&b); err != nil {
			t.Fatal(err)
		}
		outs = append(outs, b.String())
	}
	if diff := cmp.Diff(outs[0], outs[1]); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

func TestBlindFindsTheSamePartition(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"desk", "faults"} {
		prog := load(t, name)
		seeing, blind := analyze(t, prog, Config{}), analyze(t, prog, Config{Blind: true})
		if len(seeing.Seams) != len(blind.Seams) || name == "desk" && len(seeing.Seams) == 0 {
			t.Fatalf("%s: %d and %d seams", name, len(seeing.Seams), len(blind.Seams))
		}
		if diff := cmp.Diff(seeing.Reasons, blind.Reasons); diff != "" {
			t.Errorf("%s, reasons (-seeing +blind):\n%s", name, diff)
		}
		for i := range seeing.Seams {
			if diff := cmp.Diff(seeing.Seams[i].Assign, blind.Seams[i].Assign); diff != "" {
				t.Errorf("%s, seam %d (-seeing +blind):\n%s", name, i, diff)
			}
		}
	}
}

func TestEachDeclarationIsAssigned(t *testing.T) {
	t.Parallel()
	prog := load(t, "desk")
	r := analyze(t, prog, Config{})
	for _, p := range prog.Packages {
		for _, d := range p.Decls {
			id := p.Path + "." + d.Name
			if side := r.Seams[0].Assign[id]; side != "a" && side != "b" && side != "both" {
				t.Errorf("%s is assigned to %q", id, side)
			}
		}
	}
}

func TestTheLineThatTheUserNames(t *testing.T) {
	t.Parallel()
	r := analyze(t, load(t, "faults"), Config{Cut: []string{"right"}})
	if r.Verdict != VerdictGiven || len(r.Seams) != 1 {
		t.Fatalf("got %s with %d seams, want the one that was named", r.Verdict, len(r.Seams))
	}
	got := map[string]string{}
	for _, x := range r.Seams[0].Crossings {
		got[x.From+" "+x.To] = x.Remotable
		if x.Why == "" || x.File == "" || x.Line == 0 {
			t.Errorf("%s -> %s: no why or no place: %+v", x.From, x.To, x)
		}
	}
	const left, right = "example.com/faults/left.Left.", "example.com/faults/right."
	for pair, want := range map[string]string{
		left + "Serve " + right + "Right.Plain":  "M0",
		left + "Serve " + right + "Right.Bare":   "M1",
		left + "Serve " + right + "Right.Stream": "M2",
		left + "inTx " + right + "Right.Plain":   "B",
	} {
		if got[pair] != want {
			t.Errorf("%s: got %q, want %s", pair, got[pair], want)
		}
	}
	if len(r.Seams[0].Transactions) == 0 {
		t.Error("a transaction is cut and not reported")
	}
}

func TestWithinAsksAgainOfOneHalf(t *testing.T) {
	t.Parallel()
	prog := load(t, "desk")
	whole := analyze(t, prog, Config{})
	half := analyze(t, prog, Config{Within: "b"})
	if half.Within != "b" || half.Size.Declarations >= whole.Size.Declarations || half.Size.Declarations == 0 {
		t.Errorf("within %q: %d of %d declarations", half.Within, half.Size.Declarations, whole.Size.Declarations)
	}
	for id := range whole.Seams[0].Assign {
		if whole.Seams[0].Assign[id] != "a" {
			continue
		}
		for _, s := range half.Seams {
			if _, in := s.Assign[id]; in {
				t.Fatalf("%s is in half a, and in what is within b", id)
			}
		}
	}
}
