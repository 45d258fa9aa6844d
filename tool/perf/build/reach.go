package build

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
)

// What a benchmark can reach is what the linker would keep if it were the
// program's only function: all that its code and data refer to, and so on. A
// type that is reached brings all its methods along, since they may be called by
// interface or reflection, and initialisation of every package counts as
// reached, since it may register what the benchmark finds there. So too much is
// taken for reachable, and nothing too little.

// maxArchive bounds the compiled package that is read.
const maxArchive = 1 << 30

// place is a definition.
type place struct {
	o *object
	i uint32
}

// program is the part of a test binary that can differ from the other side's:
// packages that do, and those that depend on them.
type program struct {
	objects map[string][]*object // by package path
	named   map[string]place
	native  map[string]string // packages with code of another compiler, and its hash
	digests map[place]string
}

// code is a package's test binary on both sides.
type code struct {
	path       string
	base, head *program
	problem    error
}

// compareCode reads what differs between two units.
func compareCode(base, head *unit) *code {
	differs := make(map[string]bool)
	for _, u := range [...]*unit{base, head} {
		for name := range u.archives {
			if base.archives[name].id != head.archives[name].id {
				differs[name] = true
			}
		}
	}
	c := &code{path: base.path}
	if c.base, c.problem = readProgram(base, differs); c.problem == nil {
		c.head, c.problem = readProgram(head, differs)
	}
	return c
}

// packagePath is the path in symbols of a package that go list names so.
func packagePath(name string) string {
	name, _, test := strings.Cut(name, " [")
	if !test && strings.HasSuffix(name, ".test") {
		return "main"
	}
	return name
}

func readProgram(u *unit, differs map[string]bool) (*program, error) {
	p := &program{
		objects: make(map[string][]*object), named: make(map[string]place),
		native: make(map[string]string), digests: make(map[place]string),
	}
	for _, name := range sortedKeys(u.archives) {
		a := u.archives[name]
		if !differs[name] && !slices.ContainsFunc(a.deps, func(d string) bool { return differs[d] }) {
			continue
		}
		if err := p.read(packagePath(name), a); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// read adds an archive.
func (p *program) read(path string, a archive) error {
	info, err := os.Stat(a.file)
	if err != nil {
		return err
	}
	if info.Size() > maxArchive {
		return errObject
	}
	data, err := os.ReadFile(a.file)
	if err != nil {
		return err
	}
	objects, native, err := archiveObjects(path, data)
	if err != nil {
		return err
	}
	if native {
		p.native[path] = a.id
	}
	p.objects[path] = objects
	for _, o := range objects {
		for i := range o.symbols() {
			name := o.name(i)
			if _, known := p.named[name]; !known && name != "" {
				p.named[name] = place{o, i}
			}
		}
	}
	return nil
}

// target returns what identifies the symbol that a reference means, on either
// side, and its definition if it is in the program.
func (p *program) target(o *object, r ref) (id string, at place, ok bool) {
	if r == (ref{}) {
		return "", place{}, false
	}
	if i, found := o.find(r); found {
		at = place{o, i}
		if r.pkg == refHashed || r.pkg == refHashed64 {
			return o.hash(i), at, true
		}
		id = o.name(i)
		if def, known := p.named[id]; known {
			return id, def, true
		}
		return id, at, i < o.symbols()
	}
	if r.pkg == refBuiltin || int64(r.pkg) >= int64(len(o.packages)) {
		return fmt.Sprint("builtin ", r), place{}, false
	}
	path := o.packages[r.pkg]
	for _, other := range p.objects[path] {
		if r.sym < other.counts[0] {
			return other.name(r.sym), place{other, r.sym}, true
		}
	}
	// Its package is the same on both sides, so its number is, too.
	return fmt.Sprint(path, " ", r.sym), place{}, false
}

// digest sums a definition: its bytes and what they refer to.
func (p *program) digest(at place) string {
	if d, ok := p.digests[at]; ok {
		return d
	}
	p.digests[at] = "" // ends a circle of statements' temporaries
	h := sha256.New()
	part := func(b []byte) {
		h.Write(binary.AppendUvarint(nil, uint64(len(b))))
		h.Write(b)
	}
	part(at.o.kind(at.i))
	part(at.o.content(at.i))
	for _, r := range at.o.relocs(at.i) {
		id, to, ok := p.target(at.o, r.to)
		if ok && temporary(id) {
			id = p.digest(to)
		}
		part(r.what)
		part([]byte(id))
	}
	d := string(h.Sum(nil))
	p.digests[at] = d
	return d
}

// temporary reports whether the symbol is one that the compiler numbers, so that
// the same one may have another name on the other side.
func temporary(id string) bool { return strings.Contains(id, "..stmp_") }

// reach returns the digests of all that can be reached from the roots, by what
// identifies them on either side.
func (p *program) reach(roots []string) map[string]string {
	seen := make(map[string]string)
	var todo []place
	add := func(id string, at place) {
		if temporary(id) {
			id = "temporary " + p.digest(at)
		}
		if _, known := seen[id]; !known {
			seen[id] = p.digest(at)
			todo = append(todo, at)
		}
		if native, ok := p.native[at.o.path]; ok {
			seen["native code of "+at.o.path] = native
		}
	}
	for _, name := range roots {
		if at, ok := p.named[name]; ok {
			add(name, at)
		}
	}
	for len(todo) > 0 { // bounded by the definitions of the program
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		order := strings.HasSuffix(at.o.name(at.i), "..inittask")
		for _, r := range at.o.relocs(at.i) {
			if order && r.what[4] == 0 {
				continue // says which package comes first, of no bytes
			}
			if id, to, ok := p.target(at.o, r.to); ok {
				add(id, to)
			}
		}
	}
	return seen
}

// odd reports whether some file of the program points outside of itself.
func (p *program) odd() bool {
	for _, objects := range p.objects {
		if slices.ContainsFunc(objects, func(o *object) bool { return o.bad }) {
			return true
		}
	}
	return false
}

// roots returns the symbols from which a benchmark starts.
func (c *code) roots(p *program, benchmark string) (roots []string, found bool) {
	for _, path := range [...]string{c.path, c.path + "_test"} {
		for _, abi := range [...]string{"<1>", ""} {
			name := symbolPrefix(path) + "." + benchmark + abi
			if _, ok := p.named[name]; ok {
				found = true
				roots = append(roots, name)
			}
			roots = append(roots, symbolPrefix(path)+".TestMain"+abi)
		}
	}
	for _, path := range sortedKeys(p.objects) {
		roots = append(roots, symbolPrefix(path)+"..inittask")
	}
	return roots, found
}

// differs reports whether a benchmark reaches code that differs, and which.
func (c *code) differs(benchmark string) (bool, string) {
	if c.problem != nil {
		return true, "linked from other code, of which no more is known: " + c.problem.Error()
	}
	var reached [2]map[string]string
	for i, p := range [...]*program{c.base, c.head} {
		roots, found := c.roots(p, benchmark)
		if !found {
			// Nothing that it is compiled from differs: it is in no package of ours.
			if len(p.objects) > 0 {
				return true, "linked from other code, in which it was not found"
			}
		}
		reached[i] = p.reach(roots)
		if p.odd() {
			return true, "linked from other code, of which no more is known: " + errObject.Error()
		}
	}
	changed := changes(reached[0], reached[1])
	if len(changed) == 0 {
		return false, "no code that it reaches differs"
	}
	why := "reaches " + changed[0] + ", which differs"
	if more := len(changed) - 1; more > 0 {
		why = fmt.Sprintf("reaches %s and %d more that differ", changed[0], more)
	}
	return true, why
}

// changes returns the names of what differs, functions of both sides first.
func changes(base, head map[string]string) []string {
	var both, one, data []string
	for _, id := range sortedKeys(base) {
		other, ok := head[id]
		switch {
		case ok && other == base[id]:
		case !isFunction(id):
			data = append(data, id)
		case ok:
			both = append(both, display(id))
		default:
			one = append(one, display(id))
		}
	}
	for _, id := range sortedKeys(head) {
		if _, ok := base[id]; ok {
			continue
		}
		if isFunction(id) {
			one = append(one, display(id))
		} else {
			data = append(data, id)
		}
	}
	named := slices.Concat(both, one)
	if len(named) == 0 && len(data) > 0 {
		for _, id := range data {
			named = append(named, displayData(id))
		}
	}
	return slices.Compact(named)
}

// isFunction reports whether a symbol is Go code: those have an ABI.
func isFunction(id string) bool { return strings.HasSuffix(id, "<1>") }

// display turns a symbol into the name that people use.
func display(id string) string {
	return strings.ReplaceAll(strings.TrimSuffix(id, "<1>"), "%2e", ".")
}

func displayData(id string) string {
	for _, prefix := range [...]string{"hash", "temporary", "go:", "type:"} {
		if strings.HasPrefix(id, prefix) {
			return "data"
		}
	}
	return display(id)
}

// symbolPrefix escapes a package path as the compiler does in the names of
// symbols (cmd/internal/objabi.PathToPrefix).
func symbolPrefix(path string) string {
	slash := strings.LastIndexByte(path, '/')
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if c <= ' ' || c == '.' && i > slash || c == '%' || c == '"' || c >= 0x7F {
			fmt.Fprintf(&b, "%%%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
