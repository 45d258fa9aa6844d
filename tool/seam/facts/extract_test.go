package facts

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/hemilith/hemilith/tool/source"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestFactsOfPrograms compares the facts of small programs with golden files.
func TestFactsOfPrograms(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, file := range archives {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prog := loadArchive(t, file)
			p, err := FromSource(t.Context(), prog)
			if err != nil {
				t.Fatal(err)
			}
			got := describe(p)
			golden := filepath.Join("testdata", "golden", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if line, w, g := firstDifference(string(want), got); line > 0 {
				t.Errorf("%s:%d: want %q\ngot %q\n(go test -update writes what is found)", golden, line, w, g)
			}
		})
	}
}

func firstDifference(want, got string) (line int, w, g string) {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		w, g = "(end)", "(end)"
		if i < len(a) {
			w = a[i]
		}
		if i < len(b) {
			g = b[i]
		}
		if w != g {
			return i + 1, w, g
		}
	}
	return 0, "", ""
}

// layOut writes a txtar archive to a fresh directory.
func layOut(t *testing.T, file string) string {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range a.Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func loadArchive(t *testing.T, file string) *source.Program {
	t.Helper()
	prog, err := source.Load(t.Context(), source.Config{Dir: layOut(t, file), Env: []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GONOSUMDB=*"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := prog.Fail(); err != nil {
		t.Fatal(err)
	}
	return prog
}

// describe writes facts, a line for each, without what is empty.
func describe(p *Program) string {
	var b strings.Builder
	for _, pkg := range p.Packages {
		fmt.Fprintf(&b, "package %s %s imports %v\n", pkg.Path, pkg.Name, pkg.Imports)
		for _, f := range pkg.Files {
			fmt.Fprintf(&b, "  file %s %d lines%s\n", f.Name, f.Lines, mark(f.Generated, " generated"))
		}
		for i := range pkg.Decls {
			describeDecl(&b, p.Module, pkg, &pkg.Decls[i])
		}
	}
	return b.String()
}

func mark(is bool, s string) string {
	if is {
		return s
	}
	return ""
}

var (
	kindNames  = []string{"func", "type", "var", "const"}
	refNames   = []string{"call", "icall", "value", "ivalue", "type", "field", "set", "read", "write", "const", "make"}
	traitNames = []string{
		"Loops", "Joins", "Starts", "Guards", "Changes", "TakesTx", "TakesDB", "Begins", "HidesTx", "Records", "Pools",
		"Mutable", "Embedded", "Failing", "Context",
	}
	gradeNames = []string{"pure", "nondet", "ambient", "background", "stateful"}
	entryNames = []string{"main", "http", "rpc", "command", "loop", "cron", "queue"}
	verbNames  = []string{"reads", "writes", "defines"}
)

func describeDecl(b *strings.Builder, module string, pkg *Package, d *Decl) {
	short := func(s Symbol) string {
		if s.Path == pkg.Path {
			return s.Name
		}
		return strings.TrimPrefix(s.Path, module+"/") + "." + s.Name
	}
	fmt.Fprintf(b, "  %s %s %s:%d+%d", kindNames[d.Kind], d.Name, pkg.Files[d.File].Name, d.Line, d.Lines)
	fmt.Fprint(b, mark(d.Interface, " interface"), mark(d.Generic, " generic"), mark(d.Holds, " holds"), mark(d.Handle, " handle"))
	for i, name := range traitNames {
		fmt.Fprint(b, mark(d.Traits&(1<<i) != 0, " "+name))
	}
	fmt.Fprint(b, mark(d.Runs >= 0, fmt.Sprint(" runs ", d.Runs)), "\n")
	if d.Sig != nil {
		describeSig(b, short, d.Sig)
	}
	for _, r := range d.Refs {
		fmt.Fprintf(b, "    %s %s%s :%d x%d%s%s", refNames[r.Kind], short(r.To), mark(r.Field != "", "/"+r.Field), r.Line, r.Count,
			mark(r.Tx, " tx"), mark(r.Go, " go"))
		fmt.Fprintf(b, "%s%s%s\n", mark(r.In.Name != "", fmt.Sprintf(" in %s %d", short(r.In), r.Arg)),
			mark(r.On != "", " on "+string(r.On)), mark(r.Given, " given"))
	}
	for _, f := range d.Foreign {
		fmt.Fprintf(b, "    uses %s.%s :%d%s%s%s%s%s%s\n", f.Path, f.Name, f.Line, mark(f.Var, " var"), mark(f.Iface, " iface"),
			mark(f.Acts, " acts"), mark(f.Given, " given"), mark(f.Tx, " tx"), mark(f.Go, " go"))
	}
	for _, e := range d.Effects {
		fmt.Fprintf(b, "    effect %s: %s :%d\n", gradeNames[e.Grade], e.What, e.Line)
	}
	for _, a := range d.Access {
		fmt.Fprintf(b, "    %s %s :%d%s%s\n", verbNames[a.Verb], a.Table, a.Line, mark(a.Model.Name != "", " model "+short(a.Model)), mark(a.Given, " given"))
	}
	for _, e := range d.Entries {
		fmt.Fprintf(b, "    entry %s %s%s%s%v %q :%d %s\n", entryNames[e.Kind], mark(e.Func.Name != "", short(e.Func)), mark(e.Lit, " literal"),
			mark(e.Type.Name != "", short(e.Type)), e.Methods, e.Text, e.Line, e.Foreign)
	}
	for _, m := range d.Methods {
		fmt.Fprintf(b, "    method %s %s%s\n", m.Name, m.Type, mark(m.Func.Name != "", " = "+short(m.Func)))
		if m.Sig != nil {
			describeSig(b, short, m.Sig)
		}
	}
	for _, f := range d.Fields {
		fmt.Fprintf(b, "    has %s %s%s%s %s\n", f.Name, f.Text, mark(f.Type.Name != "", " "+short(f.Type)), mark(f.Open, " open"), f.Tag)
	}
	for _, q := range d.Params {
		fmt.Fprintf(b, "    param %d %s writes :%d keeps :%d", q.Index, q.Name, q.Writes, q.Keeps)
		for _, s := range q.Passes {
			fmt.Fprintf(b, " to %s %d", short(s.To), s.Arg)
		}
		fmt.Fprintln(b)
	}
	for _, t := range d.Tells {
		fmt.Fprintf(b, "    tells %s :%d\n", short(t.Err), t.Line)
	}
	for _, k := range d.Keys {
		fmt.Fprintf(b, "    %s the key %s%s :%d\n", map[bool]string{true: "sets", false: "reads"}[k.Set], mark(k.Key.Name != "", short(k.Key)), mark(k.Text != "", fmt.Sprintf(" %q", k.Text)), k.Line)
	}
	for _, f := range d.Flows {
		fmt.Fprintf(b, "    flow %s <- %s%s\n", f.To, f.From, mark(f.Type.Name != "", short(f.Type)))
	}
}

func describeSig(b *strings.Builder, short func(Symbol) string, s *Sig) {
	fmt.Fprintf(b, "    %s %s", s.Class, s.Why)
	for _, t := range s.Types {
		fmt.Fprint(b, "; ", short(t))
	}
	for _, t := range s.Open {
		fmt.Fprint(b, "; open ", t)
	}
	fmt.Fprintln(b)
}
