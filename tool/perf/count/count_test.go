package count

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hemilith/hemilith/tool/perf/run"
)

// The valgrind of these tests does what a script says, so that they run anywhere
// and take no time. It gets the arguments of the real one; log and bench are read
// from them, and n, the number of operations.
const fakeValgrind = `#!/bin/sh
if [ "$2" = --version ]; then echo valgrind-9.9.9; exit; fi
for a in "$@"; do
	case $a in
	--log-file=*) log=$(echo "${a#--log-file=}" | sed 's/%%/%/g') ;;
	-test.bench=*) bench=${a#-test.bench=^}; bench=${bench%$} ;;
	-test.benchtime=*) n=${a#-test.benchtime=}; n=${n%x} ;;
	*/base.test | */head.test) bin=$a ;;
	esac
done
counts() { echo "==7== I   refs:      $1" >"$log"; }
result() { printf '%s\t%s 1 ns/op 1 cpu-ns/op 0 B/op 0 allocs/op\n' "$bench" "$n" >>"$HEMILITH_PERF_RESULTS"; }
`

// odd is a directory whose name a shell, and valgrind, must not read.
func odd(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "it's 100 % odd")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// faked returns a counter with such a valgrind, and the two sides.
func faked(t *testing.T, script string) (c *Counter, base, head run.Binary) {
	t.Helper()
	dir := odd(t)
	path := filepath.Join(dir, "valgrind")
	if err := write(path, fakeValgrind+script); err != nil {
		t.Fatal(err)
	}
	v, err := valgrindAt(t.Context(), path, dir)
	if err != nil {
		t.Fatal(err)
	}
	return counter(v.version, v), run.Binary{Path: filepath.Join(dir, "base.test"), Dir: dir}, run.Binary{Path: filepath.Join(dir, "head.test"), Dir: dir}
}

func TestStartIsSubtractedAndFindingsAreCountedAgain(t *testing.T) {
	t.Parallel()
	c, base, head := faked(t, `
result
echo run >>"$(dirname "$bin")/runs"
case $bin in
*base.test) counts $((5000000 + 1000 * n)) ;;
*) counts $((5900000 + 1030 * n)) ;;
esac
`)
	if c.Version != "valgrind 9.9.9" {
		t.Errorf("got the version %q", c.Version)
	}
	for _, test := range []struct {
		head run.Binary
		want Verdict
		runs int
	}{{head, More, 2 * 12}, {base, Same, 12}} {
		d, err := c.Compare(t.Context(), base, test.head, run.Plan{Name: "BenchmarkX", N: 320})
		if err != nil {
			t.Fatal(err)
		}
		if d.Base != 1000 || d.Verdict != test.want || 4*d.Repeats != test.runs {
			t.Errorf("got %+v, want base 1000, %s of %d runs", d, test.want, test.runs)
		}
		made, err := os.ReadFile(filepath.Join(base.Dir, "runs"))
		if err != nil || strings.Count(string(made), "run") != test.runs {
			t.Errorf("got %d runs, want %d (%v)", strings.Count(string(made), "run"), test.runs, err)
		}
		if err := os.Remove(filepath.Join(base.Dir, "runs")); err != nil {
			t.Error(err)
		}
	}
	left, err := filepath.Glob(filepath.Join(base.Dir, "count-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q (%v)", left, err)
	}
}

func TestLongOperationsAreFew(t *testing.T) {
	t.Parallel()
	c, base, _ := faked(t, "result; counts 1,0${n}0; echo $n >>\"$(dirname \"$bin\")/runs\"")
	counts, err := c.Count(t.Context(), run.Plan{Name: "BenchmarkX", N: 1}, base)
	if err != nil {
		t.Fatal(err)
	}
	if len(counts) != 1 || len(counts[0]) != repeats || counts[0][0] != 10 {
		t.Errorf("got %v, want %d times 10", counts, repeats)
	}
	ran, err := os.ReadFile(filepath.Join(base.Dir, "runs"))
	if n := strings.NewReplacer("2\n", "", "3\n", "").Replace(string(ran)); err != nil || n != "" {
		t.Errorf("ran with %q operations, want 2 and 3 (%v)", ran, err)
	}
}

func TestWhatCannotBeCountedIsSaid(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ script, want string }{
		"an instruction that it does not know": {
			`echo "==7== valgrind: Unrecognised instruction at address 0x1.
vex amd64->IR: unhandled instruction bytes: 0x62 0xF1" >"$log"; echo "SIGILL: illegal instruction" >&2; exit 2`,
			"valgrind 9.9.9 does not know an instruction of BenchmarkX: a newer one may (so it cannot be counted)",
		},
		"it breaks down": {
			`echo "
valgrind: the 'impossible' happened:
   main(): signal was supposed to be fatal
==7== other" >"$log"; exit 1`,
			"valgrind 9.9.9 broke down in BenchmarkX:\n\tvalgrind: the 'impossible' happened: (so it cannot be counted)",
		},
		"it says nothing": {
			`result; echo "==7== Cachegrind
==7==
--7-- warning: L3" >"$log"`,
			"valgrind 9.9.9 gave no count of BenchmarkX:\n\tCachegrind\n\twarning: L3 (so it cannot be counted)",
		},
		"it leaves nothing": {
			`result; rm -f "$log"`,
			"valgrind 9.9.9 left no count of BenchmarkX: it wrote no log",
		},
		"the benchmark fails in it": {
			`printf -- '--- FAIL: BenchmarkX\n    x_test.go:9: no such port\n'; counts 1; exit 1`,
			"in valgrind 9.9.9, BenchmarkX fails:\n\tx_test.go:9: no such port",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, base, head := faked(t, test.script)
			_, err := c.Compare(t.Context(), base, head, run.Plan{Name: "BenchmarkX", N: 100})
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestWhatFailsBesideOthersIsRunAlone(t *testing.T) {
	t.Parallel()
	c, base, head := faked(t, `
lock=$(dirname "$bin")/lock
if [ ! -e "$lock.failed" ]; then
	: >"$lock.failed"
	printf -- '--- FAIL: BenchmarkX\n    address in use\n'
	exit 1
fi
result
counts $((1000 * n))
`)
	d, err := c.Compare(t.Context(), base, head, run.Plan{Name: "BenchmarkX", N: 100})
	if err != nil || d.Verdict != Same {
		t.Errorf("got %+v, %v, want the same", d, err)
	}
}

func TestCountingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c, base, head := faked(t, "result; counts 1")
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := c.Compare(ctx, base, head, run.Plan{Name: "BenchmarkX", N: 100}); !errors.Is(err, why) {
		t.Errorf("got %v, want %v", err, why)
	}
}

func TestBrokenValgrindIsNotUsed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "valgrind")
	want := "instructions are not counted: " + path + " --version does not work: install valgrind anew"
	for _, script := range []string{"#!/bin/sh\nexit 1\n", "#!/bin/sh\necho hello\n", "#!/bin/sh\n"} {
		if err := write(path, script); err != nil {
			t.Fatal(err)
		}
		if _, err := valgrindAt(t.Context(), path, dir); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", script, err, want)
		}
	}
}

// TestValgrindIsFoundWhereItIs runs with the valgrind of this machine, or with
// none.
func TestValgrindIsFoundWhereItIs(t *testing.T) {
	t.Parallel()
	v, err := findValgrind(t.Context(), odd(t))
	if _, missing := exec.LookPath("valgrind"); missing != nil {
		if !errors.Is(err, ErrAbsent) {
			t.Errorf("got %v, want %v", err, ErrAbsent)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	base, head := built(t, work, "units = 10000", "units = 11000")
	// The plan is fixed here, and there is no limit: nothing depends on time.
	v.runner.Timeout = time.Hour
	counts, err := counter(v.version, v).Count(t.Context(), run.Plan{Name: "BenchmarkWork", N: 6400}, base, head)
	if err != nil {
		t.Fatal(err)
	}
	d := Compare(counts[0], counts[1])
	if d.Verdict != More || d.Effect < 0.05 || d.Effect > 0.15 {
		t.Errorf("got %+v, want about 10 %% more", d)
	}
}
