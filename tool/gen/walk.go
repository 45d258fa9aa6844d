package gen

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// walker walks the types that cross, refuses those that can't, and collects the
// messages among them.
type walker struct {
	g        *generator
	refused  *refusals
	messages []*message
	byName   map[messageKey]*message
	byOwner  map[messageKey]*message
}

// messageKey is a named type or an owner of fields, and a home for what can't
// live with its type.
type messageKey struct {
	what any
	home *packages.Package
}

func newWalker(g *generator) *walker {
	return &walker{g: g, refused: &g.refused, byName: map[messageKey]*message{}, byOwner: map[messageKey]*message{}}
}

// site is where a type is met.
type site struct {
	pos   token.Pos
	where string // "stock.API.Reserve, result 0"
	path  string // "stock.Hold.Lines[]"
	owner string // of the fields of an anonymous struct
	home  *packages.Package
	key   bool // within a map's key
}

// into returns the site of what a type is made of: an element, a key, a value.
// The emitter takes the same steps to find the message of an anonymous struct.
func (s site) into(step, ownerStep string) site {
	s.path += step
	s.owner += ownerStep
	return s
}

const (
	elemStep = "[]"
	keyStep  = "[key]"
)

func (w *walker) refuse(s site, t types.Type, why, fix string) {
	text := s.where + ": "
	name := typeName(t)
	if strings.ContainsAny(s.path, ".[") && s.path != name {
		text += s.path + ": "
	}
	w.refused.add(w.g.prog, s.pos, text+name+": "+why, fix)
}

// typeName names t as people do: with package names.
func typeName(t types.Type) string {
	if t == nil {
		return "nothing"
	}
	s := types.TypeString(t, func(p *types.Package) string { return p.Name() })
	if s == "interface{}" {
		return "any"
	}
	return s
}

const fixLocal = "a typed field, or keep the method in-process"

// component walks all methods of a boundary.
func (w *walker) component(c *component) {
	if _, ok := types.Unalias(c.iface).(*types.Named); ok && namedOf(c.iface).TypeArgs().Len() > 0 {
		w.refused.add(w.g.prog, c.pos, fmt.Sprintf("hemilith.Bind(%q): %s: an instance of a generic interface", c.name, typeName(c.iface)),
			"an interface without type parameters")
		return
	}
	if len(c.methods) == 0 {
		w.refused.add(w.g.prog, c.pos, fmt.Sprintf("hemilith.Bind(%q): %s has no methods", c.name, typeName(c.iface)),
			"an interface with the methods that callers need")
	}
	for _, m := range c.methods {
		w.method(c, m)
	}
}

func (w *walker) method(c *component, m *method) {
	sig := m.fn.Signature()
	where := apiName(c.iface) + "." + m.fn.Name()
	pos := m.fn.Pos()
	if !w.g.inModule(pos) {
		pos = c.pos
	}
	if !m.fn.Exported() {
		w.refused.add(w.g.prog, pos, where+": an unexported method", "export it, or leave it out of the interface")
		return
	}
	res := sig.Results()
	if res.Len() == 0 || !isError(res.At(res.Len()-1).Type()) {
		w.refused.add(w.g.prog, pos, where+": no error result: a call that fails on its way could not say so",
			"add an error as the last result, or keep the method in-process")
	}
	id := c.name + "." + m.fn.Name()
	skip := skipContext(sig)
	for i := skip; i < sig.Params().Len(); i++ {
		p := sig.Params().At(i)
		f := field{name: lockName(p, i-skip), typ: p.Type()}
		f.anon = id + ".args." + f.name
		m.args = append(m.args, f)
		w.root(site{pos: pos, where: fmt.Sprintf("%s, argument %s", where, paramName(p, i)), owner: f.anon, home: c.home}, p.Type(), p.Name())
	}
	for i := range res.Len() {
		f := field{name: lockName(res.At(i), i), typ: res.At(i).Type()}
		f.anon = id + ".results." + f.name
		m.results = append(m.results, f)
		w.root(site{pos: pos, where: fmt.Sprintf("%s, result %d", where, i), owner: f.anon, home: c.home}, f.typ, res.At(i).Name())
	}
}

// apiName is how people name T.
func apiName(t types.Type) string {
	if n := namedOf(t); n != nil {
		return typeName(n)
	}
	return "interface"
}

func hasContext(sig *types.Signature) bool {
	return sig.Params().Len() > 0 && isNamed(sig.Params().At(0).Type(), "context", "Context")
}

func skipContext(sig *types.Signature) int {
	if hasContext(sig) {
		return 1
	}
	return 0
}

func paramName(v *types.Var, i int) string {
	if v.Name() == "" || v.Name() == "_" {
		return fmt.Sprint(i)
	}
	return v.Name()
}

// lockName names a parameter or result in the lock: by name, else by position.
func lockName(v *types.Var, i int) string {
	if v.Name() == "" || v.Name() == "_" {
		return fmt.Sprintf("#%d", i)
	}
	return v.Name()
}

// root walks the type of a parameter or result. The path begins with its name if
// the type has none.
func (w *walker) root(s site, t types.Type, name string) {
	s.path = name
	if n := namedOf(t); n != nil {
		s.path = typeName(n)
	}
	w.visit(s, t)
}

func (w *walker) visit(s site, t types.Type) {
	t = types.Unalias(t)
	if isError(t) {
		if s.key {
			w.refuse(s, t, "an error as a map key: its identity is its address", "a string or a number as the key")
		}
		return
	}
	if why, fix := w.special(s, t); why != "" {
		w.refuse(s, t, why, fix)
		return
	}
	if n, ok := t.(*types.Named); ok {
		w.visitNamed(s, n)
		return
	}
	w.visitUnderlying(s, t, t)
}

// visitNamed walks a named type, once for each package that has code for it.
func (w *walker) visitNamed(s site, n *types.Named) {
	o := n.Obj()
	switch {
	case n.TypeArgs().Len() > 0:
		w.refuse(s, n, "an instance of a generic type", "a type of its own: type "+o.Name()+"Of... struct")
		return
	case o.Pkg() != nil && o.Parent() != o.Pkg().Scope():
		w.refuse(s, n, "declared within a function", "declare it at package level")
		return
	case isTime(n):
		return
	case slices.Contains(locals, o.Name()):
		w.refuse(s, n, "generated code uses that name for a variable", "a longer name")
		return
	}
	own := w.g.own(o.Pkg())
	if !w.nameable(s, n) {
		return
	}
	if w.g.isMessage(n) {
		m, fresh := w.message(s, n, own)
		if !fresh {
			return
		}
		s.home = m.home
		s.owner = m.owner
		w.visitUnderlying(s, n, n.Underlying())
		return
	}
	w.visitUnderlying(s, n, n.Underlying())
}

func (g *generator) isMessage(n *types.Named) bool {
	_, ok := n.Underlying().(*types.Struct)
	return ok || g.holdsItself(n)
}

// nameable refuses types that the generated code of s.home can't write down.
func (w *walker) nameable(s site, n *types.Named) bool {
	p := n.Obj().Pkg()
	if p == nil || p == s.home.Types {
		return true
	}
	switch {
	case !n.Obj().Exported():
		w.refuse(s, n, "unexported in another package than "+s.home.PkgPath, "export the type")
	case p.Name() == "main":
		w.refuse(s, n, "declared in a program, which no package can import", "declare it in a package")
	case !importable(p.Path(), s.home.PkgPath):
		w.refuse(s, n, "in an internal package that "+s.home.PkgPath+" can't import", "move the type")
	default:
		return true
	}
	return false
}

// importable reports whether the rule of internal packages lets from import path.
func importable(path, from string) bool {
	i := lastInternal(path)
	if i < 0 {
		return true
	}
	parent := strings.TrimSuffix(path[:i], "/")
	return from == parent || strings.HasPrefix(from, parent+"/")
}

// lastInternal returns where the last element "internal" of path begins, or -1.
func lastInternal(path string) int {
	for rest := path; ; {
		cut := strings.LastIndexByte(rest, '/')
		if rest[cut+1:] == "internal" {
			return cut + 1
		}
		if cut < 0 {
			return -1
		}
		rest = rest[:cut]
	}
}

// message returns the message of n and whether it is new. Types of the module
// have one, in their package; others have one in each package that needs them.
func (w *walker) message(s site, n *types.Named, own bool) (*message, bool) {
	home := s.home
	if own {
		home = w.g.byPath[n.Obj().Pkg().Path()]
	}
	key := messageKey{n.Obj(), home}
	m := w.byName[key]
	fresh := m == nil
	if fresh {
		m = &message{typ: n, home: home, owner: n.Obj().Pkg().Path() + "." + n.Obj().Name()}
		w.byName[key] = m
		w.messages = append(w.messages, m)
	}
	if home != s.home {
		m.shared = true
	}
	return m, fresh
}

func (w *walker) visitUnderlying(s site, t, u types.Type) {
	switch u := u.(type) {
	case *types.Struct:
		w.visitStruct(s, t, u)
	case *types.Pointer:
		if s.key {
			w.refuse(s, t, "a pointer in a map key: its identity is its address", "the value itself as the key")
			return
		}
		w.visit(s, u.Elem())
	case *types.Slice:
		w.visit(s.into(elemStep, elemStep), u.Elem())
	case *types.Array:
		w.visit(s.into(elemStep, elemStep), u.Elem())
	case *types.Map:
		k := s.into(keyStep, keyStep)
		k.key = true
		w.visit(k, u.Key())
		w.visit(s.into("["+typeName(u.Key())+"]", elemStep), u.Elem())
	}
}

func (w *walker) visitStruct(s site, t types.Type, u *types.Struct) {
	own := w.g.own
	if n, ok := t.(*types.Named); ok && !own(n.Obj().Pkg()) {
		for f := range u.Fields() {
			if !f.Exported() {
				w.refuse(s, t, fmt.Sprintf("field %s of another module's type is unexported", f.Name()),
					"a type of your own with what is needed, or keep the method in-process")
				return
			}
		}
	}
	m := w.byName[messageKey{named(t), s.home}]
	if _, ok := t.(*types.Named); !ok {
		key := messageKey{s.owner, s.home}
		if w.byOwner[key] != nil {
			return
		}
		m = &message{typ: t, home: s.home, owner: s.owner}
		w.byOwner[key] = m
		w.messages = append(w.messages, m)
	}
	for f := range u.Fields() {
		if f.Name() == "_" {
			continue
		}
		in := s.into("."+f.Name(), "")
		if w.g.inModule(f.Pos()) {
			in.pos = f.Pos()
		}
		if !f.Exported() && f.Pkg() != s.home.Types {
			w.refuse(in, f.Type(), "an unexported field of another package", "name the struct type")
			continue
		}
		in.owner = m.owner + "." + f.Name()
		m.fields = append(m.fields, field{name: f.Name(), typ: f.Type(), anon: in.owner})
		w.visit(in, f.Type())
	}
}

func named(t types.Type) any {
	if n, ok := t.(*types.Named); ok {
		return n.Obj()
	}
	return nil
}

// inModule reports whether pos is in a file of the module.
func (g *generator) inModule(pos token.Pos) bool {
	at := g.prog.Fset.Position(pos)
	return at.IsValid() && strings.HasPrefix(at.Filename, g.prog.Dir+"/")
}
