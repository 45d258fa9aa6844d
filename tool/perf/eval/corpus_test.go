package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestTheCorpusHasAHundredBenchmarksDealtOnce(t *testing.T) {
	t.Parallel()
	_, names := units()
	if len(names) < 100 {
		t.Errorf("%d units, want at least 100", len(names))
	}
	var all []string
	for pkg := range packages {
		list := dealt(names, pkg)
		if len(list) > 9 {
			t.Errorf("package %d has %d benchmarks", pkg, len(list))
		}
		all = append(all, list...)
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != len(names) {
		t.Errorf("%d different ones dealt of %d", len(all), len(names))
	}
	count := func(pkgs []string) (n int) {
		for pkg := range packages {
			if slices.Contains(pkgs, "./"+packageName(pkg)) {
				n += len(dealt(names, pkg))
			}
		}
		return n
	}
	for i := range packages {
		if n := count(hundredBenchmarks(i)); n < 100 || n > 110 {
			t.Errorf("run %d has %d benchmarks, want about a hundred", i, n)
		}
	}
	reached := []string{}
	for pkg := range affected {
		reached = append(reached, "./"+packageName(pkg))
	}
	if n := count(reached); n != 50 {
		t.Errorf("the change that reaches 50 reaches %d", n)
	}
	for pkg := range packages {
		if !slices.ContainsFunc(dealt(names, pkg), func(unit string) bool { return onePerPackage().Match("Benchmark" + unit) }) {
			t.Errorf("no benchmark of package %d is among one of each", pkg)
		}
	}
}

// TestWorkIsProportional: each unit does the same at each call, and an operation
// calls it as often as its variant says, with as many allocations more.
func TestWorkIsProportional(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := plant(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	_, names := units()
	for pkg := range packages {
		var b strings.Builder
		name := packageName(pkg)
		fmt.Fprintf(&b, "package %s\n\nimport (\n\t\"testing\"\n\n\t\"corpus.test/units\"\n)\n\n", name)
		b.WriteString("func TestUnits(t *testing.T) {\n\tfor name, make := range map[string]func() func() int{\n")
		for _, unit := range dealt(names, pkg) {
			fmt.Fprintf(&b, "\t\t%q: units.New%s,\n", unit, unit)
		}
		b.WriteString(`	} {
		unit := make()
		want := unit()
		for i := range 3 {
			if got := unit(); got != want {
				t.Errorf("%s: call %d gives %d, the first gave %d", name, i, got, want)
			}
		}
	}
}

func TestWork(t *testing.T) {
	n := 0
	allocs := testing.AllocsPerRun(10, func() { n = 0; Work(func() int { n++; return 0 }) })
	if n != reps || int(allocs) != extra {
		t.Errorf("%d units and %v allocations, want %d and %d", n, allocs, reps, extra)
	}
}
`)
		write(t, dir+"/"+name+"/units_test.go", b.String())
	}
	for _, branch := range []string{"main", "plus3", "minus10", "alloc", "bias"} {
		git(t, dir, "checkout", "-q", branch)
		args := []string{"test", "./p00"}
		if branch == "main" {
			args = []string{"test", "-bench=.", "-benchtime=1x", "./..."}
		}
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", branch, err, out)
		}
	}
}

func TestVariantsDoExactlyAsMuchMoreWorkAsTheySay(t *testing.T) {
	t.Parallel()
	for _, v := range variants() {
		if got := float64(v.state.reps)/float64(original.reps) - 1; fmt.Sprintf("%.6f", got) != fmt.Sprintf("%.6f", v.effect) {
			t.Errorf("%s: %d units for %d, said to be %v", v.name, v.state.reps, original.reps, v.effect)
		}
	}
}

func TestHistoriesAreSlowFromThePlantedCommitOn(t *testing.T) {
	t.Parallel()
	dir, again := t.TempDir(), t.TempDir()
	hs := histories(2, 3)
	for _, d := range []string{dir, again} {
		if err := plant(t.Context(), d, hs); err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range hs {
		if got := git(t, dir, "rev-list", "--count", "main.."+h.name); got != fmt.Sprint(commits) {
			t.Errorf("%s has %s commits, want %d", h.name, got, commits)
		}
		at := fmt.Sprintf("%s~%d", h.name, commits-h.bad)
		if got := git(t, dir, "log", "-1", "--format=%s", at); got != fmt.Sprintf("commit %d", h.bad) {
			t.Errorf("%s: the planted commit is %q, want %d", h.name, got, h.bad)
		}
		changed := git(t, dir, "show", "--format=", at)
		if strings.Contains(changed, "+\treps  = 110") != true {
			t.Errorf("%s: seed 3: commit %d changes\n%s", h.name, h.bad, changed)
		}
		if a, b := git(t, dir, "rev-parse", h.name), git(t, again, "rev-parse", h.name); a != b {
			t.Errorf("%s is %s, and %s when planted again", h.name, a, b)
		}
	}
}
