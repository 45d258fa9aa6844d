package seam

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hemilith/hemilith/tool/source"
)

var update = flag.Bool("update", false, "write the golden files")

// loaded keeps each program of testdata loaded once; loading is most of the time.
var loaded = map[string]func() (*source.Program, error){
	"desk":   loader("desk"),
	"faults": loader("faults"),
	"grades": loader("grades"),
	"lib":    loader("lib"),
}

func loader(name string) func() (*source.Program, error) {
	return sync.OnceValues(func() (*source.Program, error) {
		return source.Load(context.Background(), source.Config{Dir: filepath.Join("testdata", name)})
	})
}

func load(t testing.TB, name string) *source.Program {
	t.Helper()
	prog, err := loaded[name]()
	if err != nil {
		t.Fatal(err)
	}
	return prog
}

// still is a clock that stands, so that timings are the same in each run.
func still() time.Time { return time.Unix(0, 0) }

func analyze(t testing.TB, name string, cut ...string) *Report {
	t.Helper()
	r, err := Analyze(load(t, name), Config{Cut: cut, Clock: still})
	if err != nil {
		t.Fatal(err)
	}
	r.PeakMemory = 0
	return r
}

func TestGoldenReports(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		cut  []string
	}{{"desk", nil}, {"faults", []string{"right"}}, {"lib", nil}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := analyze(t, tt.name, tt.cut...)
			var text, json bytes.Buffer
			if err := r.Text(&text); err != nil {
				t.Fatal(err)
			}
			if err := r.JSON(&json); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name+".txt", text.Bytes())
			golden(t, tt.name+".json", json.Bytes())
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got, -update to accept):\n%s", name, diff)
	}
}

func TestLineAlongAnInterfaceIsProposed(t *testing.T) {
	t.Parallel()
	r := analyze(t, "desk")
	if r.Verdict != VerdictCut {
		t.Fatalf("verdict: got %q, want %q; %v", r.Verdict, VerdictCut, r.Reasons)
	}
	c := r.Cuts[0]
	if got, want := fmt.Sprint(c.A.Packages, c.B.Packages), "[web] [api mail stock]"; got != want {
		t.Errorf("halves: got %s, want %s", got, want)
	}
	var got []string
	for _, x := range r.Crossings {
		got = append(got, x.Via+" "+x.Remotable)
	}
	if want := []string{"api.Orders.Place M0", "api.Orders.Find M0"}; !slices.Equal(got, want) {
		t.Errorf("crossings: got %v, want %v", got, want)
	}
	if got, want := len(r.Wiring), 2; got != want {
		t.Errorf("wiring: got %v, want main and run", r.Wiring)
	}
}

func TestCrossingsAreClassified(t *testing.T) {
	t.Parallel()
	r := analyze(t, "faults", "right")
	got := map[string]string{}
	for _, x := range r.Crossings {
		got[x.From+" "+x.To] = x.Remotable
		if x.Why == "" || x.Remotable != classM0 && x.Fix == "" {
			t.Errorf("%s:%d: %s -> %s says no why or no fix", x.File, x.Line, x.From, x.To)
		}
	}
	want := map[string]string{
		"left.Left.Serve right.Count":        classB,
		"left.Left.Serve right.Right.Plain":  classM0,
		"left.Left.Serve right.Right.Bare":   classM1,
		"left.Left.Serve right.Right.Stream": classM2,
		"left.Left.Serve right.Right.Any":    classM2,
		"left.Left.Serve right.Right.Rows":   classB,
		"left.Left.Serve right.Right.Reply":  classB,
		"left.Left.Serve right.Generic":      classB,
		"left.Left.inTx right.Right.Plain":   classB,
		"left.Left.below right.Right.Deep":   classM0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
	if len(r.Tables) != 1 || r.Tables[0].A != "write" || r.Tables[0].B != "write" {
		t.Errorf("tables: got %+v, want accounts, written by both", r.Tables)
	}
	if len(r.Variables) != 1 || r.Variables[0].Name != "right.Count" {
		t.Errorf("variables: got %+v, want right.Count", r.Variables)
	}
	var tx []string
	for _, x := range r.Transactions {
		tx = append(tx, fmt.Sprint(x.To, " ", x.Direct))
	}
	if want := []string{"right.Right.Plain true", "right.Right.Deep false"}; !slices.Equal(tx, want) {
		t.Errorf("transactions: got %v, want %v", tx, want)
	}
}

func TestGrades(t *testing.T) {
	t.Parallel()
	prog := load(t, "grades")
	g := newGraph(prog, closure(prog))
	g.gradeAll()
	got := map[string]string{}
	for _, nd := range g.nodes {
		if nd.sort == sortFunc && !strings.HasSuffix(nd.name, ".init") {
			got[strings.TrimPrefix(nd.name, "grades.")] = nd.grade.String()
		}
	}
	want := map[string]string{ // pure methods, such as Store.Name, are part of their type
		"Upper": "pure", "Gone": "pure", "Setting": "ambient", "Count": "stateful", "Age": "nondeterministic",
		"Indirect": "nondeterministic", "Older": "nondeterministic", "Say": "ambient", "Read": "stateful", "ReadIt": "stateful",
		"Joined": "pure", "Started": "background", "Loop": "background", "Lent": "pure", "Reply": "pure",
		"serve": "ambient", "Limit": "ambient", "Store.Put": "stateful", "Store.Run": "stateful", "Begin": "pure",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("grades (-want +got):\n%s", diff)
	}
	for _, nd := range g.nodes {
		if nd.name == "grades.Store.Run" && (len(nd.sql) != 1 || nd.sql[0].table != "t") {
			t.Errorf("Store.Run lends its handle to code that writes t: got %v", nd.sql)
		}
	}
}

func TestTheSameProgramGivesTheSameReport(t *testing.T) {
	t.Parallel()
	again, err := loader("desk")()
	if err != nil {
		t.Fatal(err)
	}
	var outs []string
	for _, prog := range []*source.Program{load(t, "desk"), again} {
		r, err := Analyze(prog, Config{Clock: still})
		if err != nil {
			t.Fatal(err)
		}
		r.PeakMemory = 0
		var b bytes.Buffer
		if err := r.JSON(&b); err != nil {
			t.Fatal(err)
		}
		if err := r.SVG(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		outs = append(outs, b.String())
	}
	if diff := cmp.Diff(outs[0], outs[1]); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

// Whatever the line: each declaration has one label, state stays at home, what
// both halves use is in both, and the crossings are exactly the references
// between a and b.
func TestLabelsAndCrossings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"desk", "faults"} {
		prog := load(t, name)
		g := newGraph(prog, closure(prog))
		g.gradeAll()
		s := newSearcher(g)
		rapid.Check(t, func(t *rapid.T) {
			c := &cut{origin: fromUser, home: make([]side, len(g.nodes))}
			for n := range c.home {
				c.home[n] = side(rapid.IntRange(0, 1).Draw(t, g.nodes[n].name))
			}
			s.measure(c)
			checkLabels(t, g, c, g.label(c), report(s, []*cut{c}, true))
		})
	}
}

func checkLabels(t *rapid.T, g *graph, c *cut, labels []side, r *Report) {
	users := make([][2]bool, len(g.nodes))
	want := map[string]bool{}
	for _, e := range g.edges {
		a, b := labels[e.from], labels[e.to]
		if a != sideBoth {
			users[e.to][a] = true
		}
		if a != sideBoth && b != sideBoth && a != b {
			file, line := (&maker{g: g}).at(e.pos)
			want[fmt.Sprint(g.nodes[e.from].name, " ", g.nodes[e.to].name, " ", e.kind, " ", file, line)] = true
		}
	}
	for n, nd := range g.nodes {
		state := !nd.grade.replicable() && nd.sort != sortType
		switch {
		case labels[n] > sideBoth:
			t.Fatalf("%s has label %d", nd.name, labels[n])
		case state && !c.wiring[n] && labels[n] != c.home[n]:
			t.Fatalf("%s holds state at home in %v and is labelled %v", nd.name, c.home[n], labels[n])
		case !state && users[n] == [2]bool{true, true} && labels[n] != sideBoth:
			t.Fatalf("%s is used by both halves and labelled %v", nd.name, labels[n])
		}
	}
	got := map[string]bool{}
	for _, x := range r.Crossings {
		got[fmt.Sprint(x.From, " ", x.To, " ", x.Kind, " ", x.File, x.Line)] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("crossings (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	bare := t.TempDir()
	if err := os.WriteFile(filepath.Join(bare, "go.mod"), []byte("module example.com/bare\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, want string
		cfg        Config
	}{
		{"no module", "$DIR is in no module: run this where go.mod is", Config{Dir: empty}},
		{"no packages", "no Go packages in $DIR match\n  next: hemilith seam ./...  in a directory with Go files", Config{Dir: bare}},
		{"broken", "1 of 2 packages of example.com/broken do not type-check:\n" +
			"  example.com/broken/a: a/a.go:3:23: cannot use \"no\" (untyped string constant) as int value in return statement\n" +
			"  next: go build ./...  (run first what generates code, if anything does)", Config{Dir: "testdata/broken"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Run(t.Context(), tt.cfg)
			if err == nil {
				t.Fatal("got no error")
			}
			dir, _ := filepath.EvalSymlinks(tt.cfg.Dir)
			if got := strings.ReplaceAll(err.Error(), dir, "$DIR"); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestCutsThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cut  []string
		want string
	}{
		{[]string{"stok"}, "-cut: no package \"stok\" in example.com/desk\n  nearest: stock\n  next: hemilith seam -cut stock"},
		{[]string{".", "./web", "example.com/desk/api", "stock/", "mail", "text"},
			"-cut names all 6 packages of example.com/desk: nothing is left on the other side\n  next: name fewer packages"},
	} {
		_, err := Analyze(load(t, "desk"), Config{Cut: tt.cut, Clock: still})
		if err == nil || err.Error() != tt.want {
			t.Errorf("%v: got\n%v\nwant\n%s", tt.cut, err, tt.want)
		}
	}
}

// One broken package among many is noted, and the rest is analysed.
func TestAFewBrokenPackagesAreNoted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/many\n\ngo 1.26\n")
	for i := range 11 {
		write(fmt.Sprintf("p%d/p.go", i), fmt.Sprintf("package p%d\n\nfunc F() int { return 1 }\n", i))
	}
	write("p3/bad.go", "package p3\n\nvar x = missing\n")
	r, err := Run(t.Context(), Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	want := "does not type-check, analysed as far as it goes: example.com/many/p3: p3/bad.go:3:9: undefined: missing"
	if len(r.Notes) == 0 || r.Notes[0] != want {
		t.Errorf("notes: got %q, want first %q", r.Notes, want)
	}
	if got, want := r.Size.Packages, 11; got != want {
		t.Errorf("packages: got %d, want %d", got, want)
	}
}

func TestTextFitsEightyColumns(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string][]string{"desk": nil, "faults": {"right"}, "lib": nil} {
		var b strings.Builder
		if err := analyze(t, name, cut...).Text(&b); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		if last := lines[len(lines)-1]; !strings.HasPrefix(last, "next: hemilith ") {
			t.Errorf("%s: the last line is %q, want the next command", name, last)
		}
	}
}

// One interface has one provider: no candidate divides the methods of a type
// that is called through an interface of the module.
func TestMethodsBehindAnInterfaceStayTogether(t *testing.T) {
	t.Parallel()
	prog := load(t, "desk")
	g := newGraph(prog, closure(prog))
	g.gradeAll()
	s := newSearcher(g)
	seeds := s.seeds()
	if len(seeds) < 3 {
		t.Fatalf("seeds: got %d, want interface, packages and frontend", len(seeds))
	}
	checked := 0
	for _, sd := range seeds {
		c := s.grow(sd)
		s.improve(c)
		homes := map[int]side{}
		for n, typ := range s.bound {
			if typ < 0 {
				continue
			}
			if at, ok := homes[typ]; ok && at != c.home[n] {
				t.Errorf("%s %s: %s is not with the other methods of its type", sd.origin, sd.name, g.nodes[n].name)
			}
			homes[typ] = c.home[n]
			checked++
		}
	}
	if checked == 0 {
		t.Error("no method was behind an interface: nothing was tested")
	}
}
