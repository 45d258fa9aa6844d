package gen_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/gen/testdata/corpus"
	"github.com/hemilith/hemilith/tool/gen/testdata/corpus/other"
	"github.com/hemilith/hemilith/wire"
)

func TestErrorsKeepTheirIdentity(t *testing.T) {
	t.Parallel()
	_, api := newDirect(t, true)
	send := func(err error) error { return api.Fail(context.Background(), err) }
	for _, want := range []error{
		nil, io.EOF, context.Canceled, context.DeadlineExceeded, fs.ErrNotExist, os.ErrNotExist,
		corpus.ErrBase, other.ErrFar, other.Hidden(), api.Plain(), other.Code(0), other.Code(-7),
		(*corpus.Fault)(nil), (*other.Denied)(nil),
	} {
		if got := send(want); got != want {
			t.Errorf("got %#v, want the same %#v", got, want)
		}
	}
	deny := other.Deny("bob", fmt.Errorf("deep: %w", errors.Join(io.EOF, other.Code(3), errors.New("x"))))
	got := send(fmt.Errorf("outer: %w", deny))
	var denied *other.Denied
	var code other.Code
	if !errors.As(got, &denied) || denied.Who != "bob" || !errors.As(got, &code) || code != 3 || !errors.Is(got, io.EOF) {
		t.Errorf("got %v, want it to hold *Denied, Code 3 and EOF", got)
	}
	if got.Error() != "outer: denied: bob" || errors.Unwrap(errors.Unwrap(got)).Error() != "deep: EOF\ncode 3\nx" {
		t.Errorf("got %q and %q", got, errors.Unwrap(errors.Unwrap(got)))
	}
	if is := send(os.ErrNotExist); !errors.Is(is, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", is)
	}
}

func TestACallErrorPassesThrough(t *testing.T) {
	t.Parallel()
	_, api := newDirect(t, true)
	want := &wire.CallError{Component: "far", Method: "Do", Outcome: wire.Ran, Cause: &wire.PanicError{Text: "boom"}}
	got := api.Fail(context.Background(), fmt.Errorf("through: %w", want))
	var ce *wire.CallError
	var pe *wire.PanicError
	if !errors.As(got, &ce) || ce.Component != "far" || ce.Method != "Do" || ce.Outcome != wire.Ran || !errors.As(got, &pe) || pe.Text != "boom" {
		t.Errorf("got %v, want %v within", got, want)
	}
	late := &wire.CallError{Component: "far", Method: "Do", Outcome: wire.Unknown, Cause: context.DeadlineExceeded}
	if got := api.Fail(context.Background(), late); !errors.Is(got, context.DeadlineExceeded) || got.Error() != late.Error() {
		t.Errorf("got %v, want %v", got, late)
	}
}

// cycle is an error that unwraps to itself.
type cycle struct{ n int }

func (c *cycle) Error() string { return "round" }
func (c *cycle) Unwrap() error { c.n++; return c }

func TestErrorTreesAreBounded(t *testing.T) {
	t.Parallel()
	_, api := newDirect(t, true)
	c := &cycle{}
	if got := api.Fail(context.Background(), c); got == nil || got.Error() != "round" || c.n > 1000 {
		t.Errorf("got %v after %d steps, want \"round\" within 1000", got, c.n)
	}
	chain := func(n int) error {
		err := io.EOF
		for range n {
			err = fmt.Errorf("%w", err)
		}
		return err
	}
	if got := api.Fail(context.Background(), chain(79)); !errors.Is(got, io.EOF) {
		t.Errorf("EOF under 79 wraps: got %#v", got)
	}
	if got := api.Fail(context.Background(), chain(500)); got.Error() != "EOF" {
		t.Errorf("EOF under 500 wraps: got %q", got)
	}
	wide := errors.New("leaf")
	for range 30 {
		wide = errors.Join(wide, wide)
		if len(wide.Error()) > 1<<10 {
			break
		}
	}
	deep := errors.New("leaf")
	for range 12 {
		deep = &pair{deep}
	}
	for _, err := range []error{wide, deep} {
		if got := api.Fail(context.Background(), err); got == nil || got.Error() != err.Error() {
			t.Errorf("got %.80v, want the text of %.80v", got, err)
		}
	}
}

// pair doubles with each level, but its text does not.
type pair struct{ in error }

func (p *pair) Error() string   { return "pair" }
func (p *pair) Unwrap() []error { return []error{p.in, p.in} }

func TestDeepAndCyclicValuesAreRefused(t *testing.T) {
	t.Parallel()
	_, api := newDirect(t, true)
	list := func(n int) *corpus.Node {
		var head *corpus.Node
		for i := range n {
			head = &corpus.Node{V: i, Next: head}
		}
		return head
	}
	if got, err := api.Deep(context.Background(), list(100)); err != nil || got.V != 99 {
		t.Errorf("100 deep: got %v, %v", got, err)
	}
	round := &corpus.Node{}
	round.Next = round
	for name, n := range map[string]*corpus.Node{"101 deep": list(101), "cyclic": round} {
		_, err := api.Deep(context.Background(), n)
		want := "corpus.Deep did not run: arguments: nested deeper than 100, or cyclic"
		var ce *wire.CallError
		if !errors.As(err, &ce) || ce.Outcome != wire.DidNotRun || err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
	big := make([]byte, wire.MaxMessage)
	if _, err := api.Blob(context.Background(), big); err == nil || !strings.HasSuffix(err.Error(), "did not run: arguments: larger than 4 MiB encoded") {
		t.Errorf("too large: got %v", err)
	}
}

func TestLateForwardsOnceBound(t *testing.T) {
	t.Parallel()
	c := wire.Lookup("corpus")
	v, fill := c.Late()
	late := v.(corpus.API)
	_, err := late.Add(context.Background(), 1, 2)
	var ce *wire.CallError
	if !errors.As(err, &ce) || ce.Outcome != wire.DidNotRun || err.Error() != "corpus.Add did not run: not bound yet: Bind of this name has not returned" {
		t.Errorf("before: got %v", err)
	}
	if fill(struct{}{}) {
		t.Error("fill took a value without the methods")
	}
	if !fill(corpus.New()) {
		t.Fatal("fill refused an implementation")
	}
	if n, err := late.Add(context.Background(), 1, 2); n != 3 || err != nil {
		t.Errorf("after: got %d, %v", n, err)
	}
	if n, _, seen, err := late.Many(context.Background(), "a", &other.Item{}, nil); n != 2 || len(seen) != 1 || err != nil {
		t.Errorf("variadic: got %d, %v, %v", n, seen, err)
	}
}

func TestAnonymousStructsAndVariadicsCross(t *testing.T) {
	t.Parallel()
	_, api := newDirect(t, true)
	got, err := api.Inline(context.Background(), struct {
		A int
		B []struct{ C string }
	}{40, []struct{ C string }{{"x"}, {}}})
	if err != nil || got.D == nil || got.D.E != 42 {
		t.Errorf("Inline: got %v, %v", got.D, err)
	}
	it := other.NewItem("thing", 7)
	n, first, seen, err := api.Many(context.Background(), "p", &it)
	if n != 1 || err != nil || first.Secret() != 7 || len(seen[other.NewKey(0, "p")]) != 1 {
		t.Errorf("Many: got %d, %v, %v, %v", n, first, seen, err)
	}
	if _, _, seen, _ := api.Many(context.Background(), "p"); seen != nil {
		t.Errorf("no rest: got %v, want nil", seen)
	}
	if _, _, seen, _ := api.Many(context.Background(), "p", []*other.Item{}...); seen == nil {
		t.Error("empty rest: got nil, want an empty map")
	}
}

func TestSmallCallsAllocateNothing(t *testing.T) {
	_, api := newDirect(t, false)
	ctx := context.Background()
	blob := make([]byte, 100)
	if n := testing.AllocsPerRun(100, func() { _, _ = api.Add(ctx, 300, -5) }); n != 0 {
		t.Errorf("Add: %v allocations, want 0", n)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = api.Blob(ctx, blob) }); n > 2 {
		t.Errorf("Blob: %v allocations, want at most the 2 copies", n)
	}
}

func TestBytesOfAnOwnedMessageAreNoCopies(t *testing.T) {
	t.Parallel()
	d, api := newDirect(t, true)
	got, err := api.Blob(context.Background(), []byte("abc"))
	if err != nil || string(got) != "abc" || cap(got) != 3 {
		t.Fatalf("got %q of capacity %d, %v; want abc of 3", got, cap(got), err)
	}
	if d.call.Dec.Err() != nil {
		t.Fatal(d.call.Dec.Err())
	}
	buf := []byte{0x0a, 3, 'a', 'b', 'c', 0x10, 1}
	var dec wire.Decoder
	dec.Reset(buf, true)
	var p []byte
	dec.Next()
	wire.ReadBytes(&dec, &p)
	if &p[0] != &buf[2] || cap(p) != 3 {
		t.Errorf("got a copy, or capacity %d; want the message's own bytes, clipped to 3", cap(p))
	}
}
