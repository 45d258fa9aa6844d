// Package corpus has ugly types that cross a boundary.
package corpus

import (
	"context"
	"database/sql"
	"errors"
	"image"
	"net"
	"net/url"
	"time"

	"github.com/hemilith/hemilith"

	"github.com/hemilith/hemilith/tool/gen/testdata/corpus/other"
)

// API is the boundary.
type API interface {
	Echo(ctx context.Context, v All) (All, error)
	Add(ctx context.Context, a, b int64) (int64, error)
	Blob(ctx context.Context, b []byte) ([]byte, error)
	Fail(ctx context.Context, err error) error
	Many(ctx context.Context, prefix string, rest ...*other.Item) (n int, first other.Item, seen map[other.Key][]other.Item, err error)
	Inline(ctx context.Context, p struct {
		A int
		B []struct{ C string }
	}) (struct{ D *struct{ E int } }, error)
	Plain() error
	Deep(ctx context.Context, n *Node) (*Node, error)
}

// All has one field of everything.
type All struct {
	Basic   Basic
	Named   Named
	Lists   Lists
	Arrays  Arrays
	Maps    Maps
	Ptrs    Pointers
	Times   Times
	Foreign Foreign
	Far     Far
	Rec     Recursive
	Odd     Odd
	Errs    Errors
}

// Basic has all basic kinds.
type Basic struct {
	B    bool
	I    int
	I8   int8
	I16  int16
	I32  int32
	I64  int64
	U    uint
	U8   uint8
	U16  uint16
	U32  uint32
	U64  uint64
	F32  float32
	F64  float64
	C64  complex64
	C128 complex128
	S    string
	R    rune
	Y    byte
}

type (
	flag  bool
	num   int16
	unum  uint32
	ratio float64
	small float32
	cplx  complex128
	text  string
	raw   []byte
	oct   uint8
	octs  []oct
	names []text
	table map[text]num
	ptr   *num
	grid  [2][3]num
	// Alias is an alias.
	Alias = num
)

// Named has named types, all unexported.
type Named struct {
	flag
	num
	u     unum
	r     ratio
	s     small
	c     cplx
	t     text
	raw   raw
	oct   oct
	octs  octs
	names names
	table table
	ptr   ptr
	grid  grid
	alias Alias
	d     time.Duration
}

// Lists has slices.
type Lists struct {
	B    []bool
	I    []int
	I8   []int8
	U16  []uint16
	U64  []uint64
	F32  []float32
	F64  []float64
	C64  []complex64
	C    []complex128
	S    []string
	Y    []byte
	YY   [][]byte
	II   [][]int
	III  [][][]string
	St   []Basic
	P    []*int
	PS   []*Basic
	M    []map[string]int
	E    []struct{}
	A    []struct{ X, y int }
	F    [][2]int
	FB   [][4]byte
	Octs [][]oct
}

// Arrays has arrays.
type Arrays struct {
	B  [3]bool
	I  [4]int
	Y  [16]byte
	Z  [0]int
	ZS [0]string
	S  [2]string
	SS [2][2]string
	F  [2]float64
	F3 [1]float32
	St [2]Key
	P  [2]*int
	L  [2][]int
	M  [2]map[int]int
	O  [3]oct
	T  [2]time.Time
	U  [2]uint64
}

// Key is a struct that can be a key.
type Key struct {
	A int
	B string
	C [2]int8
}

// Maps has maps.
type Maps struct {
	SI  map[string]int
	IS  map[int]string
	BB  map[bool]bool
	FS  map[float64]string
	KS  map[Key]Key
	AS  map[[2]int]string
	SL  map[string][]int
	SM  map[string]map[string]int
	SP  map[string]*int
	SY  map[string][]byte
	SE  map[string]struct{}
	TI  map[time.Time]int
	CI  map[complex64]int
	AnK map[struct{ Q int }]struct{ W []int }
}

// Pointers has pointers.
type Pointers struct {
	I   *int
	B   *bool
	S   *string
	F   *float64
	C   *complex128
	St  *Basic
	PP  **int
	PPP ***string
	SL  *[]int
	Y   *[]byte
	M   *map[string]int
	A   *[2]int
	FB  *[4]byte
	T   *time.Time
	Err *error
	E   *struct{}
}

type stamp time.Time

// Times has times.
type Times struct {
	T  time.Time
	D  time.Duration
	L  []time.Time
	M  map[string]time.Time
	N  stamp
	Mo time.Month
	P  []*time.Time
}

// Foreign has types of other modules.
type Foreign struct {
	Point image.Point
	Rect  []image.Rectangle
	Null  sql.NullString
	NullT sql.NullTime
	IP    net.IP
	Net   net.IPNet
	Nets  []*net.IPNet
	Query url.Values
}

// Far has types of another package of the module.
type Far struct {
	I  other.Item
	P  *other.Item
	L  []other.Item
	M  map[other.Key]other.Item
	S  other.Shade
	SL []other.Shade
	A  [2]other.Key
}

type (
	tree   map[string]tree
	nested []nested
	chain  *chain
	left   struct{ r *right }
	right  struct{ ls []left }
	forest []map[int]forest
)

// Node is a linked list.
type Node struct {
	V    int
	Next *Node
}

// Recursive has recursive types.
type Recursive struct {
	N *Node
	t tree
	n nested
	c chain
	l left
	f forest
}

type base struct{ id int }

// Base is embedded.
type Base struct {
	base
	Tag string
}

// Odd has odd structs.
type Odd struct {
	Base
	*Key
	_    int
	anon struct {
		X struct{ y []struct{ Z *int } }
	}
	empty struct{}
	Tags  struct {
		A int `json:"a"`
	} `json:"tags"`
	Type, b, d, s, v string
	Ünï              string
}

// Errors has errors as values.
type Errors struct {
	E error
	L []error
	M map[string]error
	P *Fault
	C other.Code
}

// ErrBase is a sentinel, and so is errDeep.
var (
	ErrBase = errors.New("corpus: base")
	errDeep = &Fault{At: "deep"}
	state   error
)

// Fault is an error type.
type Fault struct {
	At   string
	list []int
}

// Error says where.
func (f *Fault) Error() string {
	if f == nil {
		return "no fault"
	}
	return "fault at " + f.At
}

// Local is an error type that can't cross, and is never returned.
type Local struct{ f func() }

// Error says nothing.
func (Local) Error() string { return "local" }

// Echo is the implementation.
type Echo struct{ Seen All }

// New returns an Echo.
func New() *Echo { return &Echo{} }

// Echo returns v.
func (e *Echo) Echo(_ context.Context, v All) (All, error) { return v, nil }

// Add adds.
func (e *Echo) Add(_ context.Context, a, b int64) (int64, error) { return a + b, nil }

// Blob returns b.
func (e *Echo) Blob(_ context.Context, b []byte) ([]byte, error) { return b, nil }

// Fail returns err.
func (e *Echo) Fail(_ context.Context, err error) error { return err }

// Many returns what it is given in another form.
func (e *Echo) Many(_ context.Context, prefix string, rest ...*other.Item) (n int, first other.Item, seen map[other.Key][]other.Item, err error) {
	if rest != nil {
		seen = map[other.Key][]other.Item{}
	}
	for i, it := range rest {
		if it == nil {
			continue
		}
		if i == 0 {
			first = *it
		}
		k := other.NewKey(int8(i), prefix)
		seen[k] = append(seen[k], *it)
	}
	return len(rest), first, seen, nil
}

// Inline has anonymous structs.
func (e *Echo) Inline(_ context.Context, p struct {
	A int
	B []struct{ C string }
}) (struct{ D *struct{ E int } }, error) {
	return struct{ D *struct{ E int } }{&struct{ E int }{p.A + len(p.B)}}, nil
}

// Plain has no context.
func (e *Echo) Plain() error {
	state = errDeep
	return state
}

// Deep returns n.
func (e *Echo) Deep(_ context.Context, n *Node) (*Node, error) { return n, nil }

// Bind binds the corpus.
func Bind() (API, error) {
	return hemilith.Bind("corpus", func() (API, error) { return New(), nil })
}
