package carry

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hemilith/hemilith/layout"
	"github.com/hemilith/hemilith/wire"
)

func TestMain(m *testing.M) {
	wire.Register(adderComponent)
	wire.RegisterSentinel(1, "context.Canceled", context.Canceled)
	os.Exit(m.Run())
}

var twoServices = layout.Layout{
	Version: layout.Version,
	Module:  "example.com/adder",
	Services: []layout.Service{
		{Name: "back", Components: []string{"adder"}, Roles: []string{"work"}},
		{Name: "web", Roles: []string{"web"}},
	},
}

func env(pairs ...string) func(string) string {
	m := make(map[string]string)
	for _, p := range pairs {
		k, v, _ := strings.Cut(p, "=")
		m[k] = v
	}
	return func(k string) string { return m[k] }
}

// plus adds, and remembers nothing.
func plus(_ context.Context, a, b int) (int, error) { return a + b, nil }

// bindAdder binds f in p and returns what consumers hold.
func bindAdder(t *testing.T, p *Process, f addFunc) adder {
	t.Helper()
	bound, err := p.Bind("adder", "main.go:10", func() (any, error) { return f, nil })
	if err != nil {
		t.Fatal(err)
	}
	a, ok := bound.Value.(adder)
	if !ok {
		t.Fatalf("bound is a %T", bound.Value)
	}
	return a
}

func TestEachModeMeansTheSame(t *testing.T) {
	t.Parallel()
	for _, mode := range Modes() {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			p := New(env(EnvMode+"="+string(mode)), layout.Layout{}, nil)
			t.Cleanup(p.Close)
			sold := fmt.Errorf("one: %w", context.Canceled)
			a := bindAdder(t, p, func(ctx context.Context, a, b int) (int, error) {
				if b == 0 {
					return 0, sold
				}
				return a + b, nil
			})
			if got, err := a.Add(t.Context(), 40, 2); got != 42 || err != nil {
				t.Errorf("got %d, %v; want 42", got, err)
			}
			_, err := a.Add(t.Context(), 1, 0)
			if err == nil || err.Error() != sold.Error() || !errors.Is(err, context.Canceled) {
				t.Errorf("got error %v, want %v", err, sold)
			}
		})
	}
}

func TestInprocessIsTheValueItself(t *testing.T) {
	t.Parallel()
	p := New(env(), layout.Layout{}, nil)
	value := &adderLate{}
	bound, err := p.Bind("unheard", "main.go:1", func() (any, error) { return value, nil })
	if err != nil || !bound.Direct || bound.Value != any(value) {
		t.Errorf("got %+v, %v; want the very value, without generated code", bound, err)
	}
}

func TestStrictOutcomes(t *testing.T) {
	t.Parallel()
	p := New(env(EnvMode+"=strict"), layout.Layout{}, nil)
	a := bindAdder(t, p, func(ctx context.Context, a, b int) (int, error) {
		if a == 13 {
			panic("bad luck")
		}
		return a, ctx.Err()
	})
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tc := range []struct {
		name string
		ctx  context.Context
		a    int
		want string
		out  wire.Outcome
	}{
		{"panic", t.Context(), 13, "adder.Add ran: panic: bad luck", wire.Ran},
		{"answer that can't be sent", t.Context(), unencodable, "adder.Add ran: results: can't be encoded", wire.Ran},
		{"canceled before", canceled, 1, "adder.Add did not run: context canceled", wire.DidNotRun},
	} {
		_, err := a.Add(tc.ctx, tc.a, 0)
		call, ok := errors.AsType[*wire.CallError](err)
		if !ok || call.Outcome != tc.out || err.Error() != tc.want {
			t.Errorf("%s: got %v, want %s", tc.name, err, tc.want)
		}
	}
}

func TestStrictContextCarriesDeadlineEndAndTraceOnly(t *testing.T) {
	t.Parallel()
	type key struct{}
	p := New(env(EnvMode+"=strict"), layout.Layout{}, nil)
	a := bindAdder(t, p, func(ctx context.Context, a, b int) (int, error) {
		tr, ok := wire.TraceOf(ctx)
		_, limited := ctx.Deadline()
		if ctx.Value(key{}) != nil || !ok || tr.ID[0] != 7 || !limited {
			return 0, fmt.Errorf("value %v, trace %v, deadline %v", ctx.Value(key{}), tr, limited)
		}
		return 0, nil
	})
	ctx := wire.WithTrace(context.WithValue(t.Context(), key{}, "tenant"), wire.Trace{ID: [16]byte{7}})
	if _, err := a.Add(ctx, 0, 0); err != nil {
		t.Error(err)
	}
}

func TestLateForwardsOnceBound(t *testing.T) {
	t.Parallel()
	p := New(env(), layout.Layout{}, nil)
	late, ok := p.Late("adder", func(v any) bool { _, ok := v.(adder); return ok }).(adder)
	if !ok {
		t.Fatal("no forwarding value")
	}
	_, err := late.Add(t.Context(), 1, 1)
	if call, ok := errors.AsType[*wire.CallError](err); !ok || call.Outcome != wire.DidNotRun {
		t.Errorf("before Bind: got %v, want did not run", err)
	}
	bindAdder(t, p, plus)
	if got, err := late.Add(t.Context(), 1, 1); got != 2 || err != nil {
		t.Errorf("after Bind: got %d, %v; want 2", got, err)
	}
}

func TestBadSetupsSayWhatWhereAndWhatNext(t *testing.T) {
	t.Parallel()
	build := func() (any, error) { return addFunc(plus), nil }
	service := []string{EnvService + "=web", EnvPeers + "=back=127.0.0.1:1"}
	for _, tc := range []struct {
		name string
		env  []string
		l    layout.Layout
		do   func(p *Process) error
		want string
	}{
		{"unknown mode", []string{EnvMode + "=fast"}, layout.Layout{}, nil,
			`hemilith: HEMILITH_MODE="fast": want inprocess, strict, remote or remote-memory`},
		{"test mode in a service", []string{EnvMode + "=remote", EnvService + "=web"}, twoServices, nil,
			`hemilith: HEMILITH_MODE=remote is for a monolith, and HEMILITH_SERVICE=web makes this a service: unset one`},
		{"bad peers", []string{EnvPeers + "=back"}, layout.Layout{}, nil,
			`hemilith: HEMILITH_PEERS: entry "back": want service=host:port`},
		{"peer twice", []string{EnvPeers + "=back=h:1,back=h:2"}, layout.Layout{}, nil,
			`hemilith: HEMILITH_PEERS names "back" twice`},
		{"bad listen", []string{EnvListen + "=80"}, layout.Layout{}, nil,
			`hemilith: HEMILITH_LISTEN="80": want host:port`},
		{"no layout", service, layout.Layout{}, nil,
			`hemilith: HEMILITH_SERVICE=web, but no layout is compiled in: write hemilith.yaml, run hemilith gen and build again`},
		{"service not in layout", []string{EnvService + "=wbe"}, twoServices, nil,
			`hemilith: HEMILITH_SERVICE="wbe" is not in the layout: its services are back, web`},
		{"missing peer address", []string{EnvService + "=web"}, twoServices, func(p *Process) error {
			_, err := p.Bind("adder", "main.go:1", build)
			return err
		}, `hemilith: component "adder" is hosted by service "back", and HEMILITH_PEERS has no address for it: set HEMILITH_PEERS=back=HOST:PORT`},
		{"missing certificates", service, twoServices, func(p *Process) error {
			_, err := p.Bind("adder", "main.go:1", build)
			return err
		}, "hemilith: service \"web\" needs HEMILITH_CERT, a PEM file: hemilith run makes one for development\n" +
			"hemilith: service \"web\" needs HEMILITH_KEY, a PEM file: hemilith run makes one for development\n" +
			"hemilith: service \"web\" needs HEMILITH_CA, a PEM file: hemilith run makes one for development"},
		{"no address to serve at", []string{EnvService + "=back"}, twoServices, func(p *Process) error {
			if _, err := p.Bind("adder", "main.go:1", build); err != nil {
				return err
			}
			role1(p, "work", func(context.Context) error { return nil })
			return p.Run(context.Background())
		}, `hemilith: service "back" hosts components, and HEMILITH_LISTEN is not set: set it to the HOST:PORT to serve at`},
		{"name bound twice", nil, layout.Layout{}, func(p *Process) error {
			_, err1 := p.Bind("adder", "main.go:1", build)
			_, err2 := p.Bind("adder", "main.go:2", build)
			return errors.Join(err1, err2)
		}, `hemilith: Bind("adder") at main.go:2: the name is bound at main.go:1 already: give one of them another name`},
		{"role twice", nil, layout.Layout{}, func(p *Process) error {
			p.Role("web", "main.go:1", func(context.Context) error { return nil })
			p.Role("web", "main.go:2", func(context.Context) error { return nil })
			return p.Run(context.Background())
		}, `hemilith: Role("web") at main.go:2: the name is taken at main.go:1: give one of them another name`},
		{"nothing defined", []string{EnvService + "=back", EnvListen + "=127.0.0.1:0"}, twoServices, nil,
			"hemilith: service \"back\" hosts component \"adder\", and no Bind of that name came before Run: bind it, or take it out of hemilith.yaml\n" +
				"hemilith: service \"back\" runs role \"work\", and no Role of that name came before Run: define it, or take it out of hemilith.yaml"},
		{"nothing built", nil, layout.Layout{}, func(p *Process) error {
			_, err := p.Bind("adder", "main.go:1", func() (any, error) { return nil, nil })
			return err
		}, `hemilith: Bind("adder") at main.go:1: build returned nil and no error: return the component, or why there is none`},
		{"bound while another builds", nil, layout.Layout{}, func(p *Process) error {
			var inner error
			_, outer := p.Bind("adder", "main.go:1", func() (any, error) {
				_, inner = p.Bind("adder", "main.go:2", build)
				return addFunc(plus), nil
			})
			return errors.Join(inner, outer)
		}, `hemilith: Bind("adder") at main.go:2: the name is bound at main.go:1 already: give one of them another name`},
		{"role in no service", service, twoServices, func(p *Process) error {
			role1(p, "web", func(context.Context) error { return nil })
			p.Role("cron", "main.go:3", func(context.Context) error { return nil })
			return p.Run(context.Background())
		}, `hemilith: role "cron" at main.go:3 is in no service of the compiled layout: add it to hemilith.yaml, run hemilith gen and build again`},
		{"component in no service", service, twoServices, func(p *Process) error {
			_, err := p.Bind("stock", "main.go:1", build)
			return err
		}, `hemilith: Bind("stock"): this program has no generated code for it, or stale code: run hemilith gen and build again`},
		{"strict without generated code", []string{EnvMode + "=strict"}, layout.Layout{}, func(p *Process) error {
			_, err := p.Bind("stock", "main.go:1", build)
			return err
		}, `hemilith: Bind("stock"): this program has no generated code for it, or stale code: run hemilith gen and build again`},
		{"late never bound", nil, layout.Layout{}, func(p *Process) error {
			p.Late("adder", func(any) bool { return true })
			return p.Run(context.Background())
		}, `hemilith: Late("adder") was never bound: add its Bind`},
		{"late without generated code", nil, layout.Layout{}, func(p *Process) error {
			p.Late("stock", func(any) bool { return true })
			return p.Run(context.Background())
		}, `hemilith: Late("stock"): this program has no generated code for it, or stale code: run hemilith gen and build again`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := New(env(tc.env...), tc.l, nil)
			t.Cleanup(p.Close)
			do := tc.do
			if do == nil {
				do = func(p *Process) error { return p.Run(context.Background()) }
			}
			err := do(p)
			if err == nil || err.Error() != tc.want {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}

func TestBuildErrorsPassUnchanged(t *testing.T) {
	t.Parallel()
	p := New(env(), layout.Layout{}, nil)
	want := errors.New("no database")
	if _, err := p.Bind("adder", "main.go:1", func() (any, error) { return nil, want }); err != want {
		t.Errorf("got %v, want the very error", err)
	}
}

func TestAFailedBindFreesItsName(t *testing.T) {
	t.Parallel()
	p := New(env(), layout.Layout{}, nil)
	disk := errors.New("disk full")
	if _, err := p.Bind("adder", "main.go:1", func() (any, error) { return nil, disk }); err != disk {
		t.Errorf("got %v, want %v", err, disk)
	}
	if _, err := p.Bind("adder", "main.go:2", func() (any, error) { return addFunc(plus), nil }); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

func TestBindAtTheSameSiteReplaces(t *testing.T) {
	t.Parallel()
	p := New(env(), layout.Layout{}, nil)
	for range 3 { // as tests that build their program anew do
		bindAdder(t, p, plus)
	}
}
