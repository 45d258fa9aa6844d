package gen

import (
	"bytes"
	"fmt"
	"go/types"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/tools/go/packages"

	"github.com/hemilith/hemilith/layout"
)

// file is one generated file in the making.
type file struct {
	g       *generator
	pkg     *packages.Package
	imports map[string]string // path to name
	idents  map[string]bool   // names taken at package level
	checks  bytes.Buffer      // declarations that stale code does not compile with
	inits   bytes.Buffer      // statements of init
	body    bytes.Buffer
	codecs  map[*message]string // codecs of other packages, to variables
	foreign bool                // registers sentinels of other packages
}

func (g *generator) file(p *packages.Package) *file {
	f := g.files[p.PkgPath]
	if f == nil {
		f = &file{g: g, pkg: p, imports: map[string]string{}, idents: map[string]bool{}, codecs: map[*message]string{}}
		g.files[p.PkgPath] = f
		f.use("github.com/hemilith/hemilith/wire", "wire")
	}
	return f
}

// emit fills g.files.
func (g *generator) emit() {
	for _, m := range g.walk.messages {
		m.ident = g.file(m.home).ident(messageIdent(m))
	}
	for _, c := range g.comps {
		g.file(c.home).component(c)
		g.assertInterface(c)
	}
	for _, m := range g.walk.messages {
		g.file(m.home).message(m)
	}
	for _, ft := range g.faults.list {
		for _, home := range ft.homes {
			g.file(home).fault(ft)
		}
	}
	g.emitLayout()
}

// bytes returns the text of the file, not yet formatted.
func (f *file) bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\n", Header)
	if f.foreign {
		b.WriteString("//lint:file-ignore SA1019 deprecated sentinels keep their identity as well\n\n")
	}
	fmt.Fprintf(&b, "package %s\n\nimport (\n", f.pkg.Name)
	for _, path := range slices.Sorted(mapKeys(f.imports)) {
		if std(path) {
			f.writeImport(&b, path)
		}
	}
	b.WriteString("\n")
	for _, path := range slices.Sorted(mapKeys(f.imports)) {
		if !std(path) {
			f.writeImport(&b, path)
		}
	}
	b.WriteString(")\n\n// The code below fits this version of the runtime. If this line does not\n// compile, run hemilith gen.\n")
	b.WriteString("const _ = wire.Version1\n\n")
	if f.checks.Len() > 0 {
		b.WriteString("// What was generated from has not changed since. If these lines do not compile,\n// run hemilith gen.\nvar (\n")
		b.Write(f.checks.Bytes())
		b.WriteString(")\n\n")
	}
	if len(f.codecs) > 0 {
		b.WriteString("// Codecs of other packages.\nvar (\n")
		var lines []string
		for m, name := range f.codecs {
			lines = append(lines, fmt.Sprintf("%s = wire.MustCodec[%s]()\n", name, f.typ(m.typ)))
		}
		slices.Sort(lines)
		b.WriteString(strings.Join(lines, ""))
		b.WriteString(")\n\n")
	}
	if f.inits.Len() > 0 {
		b.WriteString("func init() {\n")
		b.Write(f.inits.Bytes())
		b.WriteString("}\n\n")
	}
	b.Write(f.body.Bytes())
	text := b.Bytes()
	for _, name := range []string{"wire", "context"} {
		if got := f.imports[runtimeImports[name]]; got != name && got != "" {
			text = regexp.MustCompile(`\b`+name+`\.`).ReplaceAll(text, []byte(got+"."))
		}
	}
	return text
}

// runtimeImports are what generated functions refer to by these names, unless
// the package itself declares them.
var runtimeImports = map[string]string{"wire": "github.com/hemilith/hemilith/wire", "context": "context"}

func (f *file) writeImport(b *bytes.Buffer, path string) {
	name := f.imports[path]
	if name == path[strings.LastIndexByte(path, '/')+1:] {
		name = ""
	}
	fmt.Fprintf(b, "%s %q\n", name, path)
}

func std(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// locals are names that generated functions use for themselves.
var locals = strings.Fields("b c d e n s v ctx err cause from stub impl late to wire context atomic layout")

// use imports a package and returns the name that it has in the file.
func (f *file) use(path, name string) string {
	if have := f.imports[path]; have != "" {
		return have
	}
	base := name
	for i := 2; f.taken(name) || slices.Contains(locals, name) && !slices.Contains([]string{"wire", "context", "atomic", "layout"}, base); i++ {
		name = fmt.Sprintf("%s%d", base, i)
	}
	f.imports[path] = name
	return name
}

func (f *file) taken(name string) bool {
	for _, have := range f.imports {
		if have == name {
			return true
		}
	}
	return f.idents[name] || f.pkg.Types.Scope().Lookup(name) != nil || types.Universe.Lookup(name) != nil
}

// typ writes a type as the file's code names it.
func (f *file) typ(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == f.pkg.Types {
			return ""
		}
		return f.use(p.Path(), p.Name())
	})
}

// ident returns a free name at package level that begins with name.
func (f *file) ident(name string) string {
	base := name
	for i := 2; f.idents[name]; i++ {
		name = fmt.Sprintf("%s%d", base, i)
	}
	f.idents[name] = true
	return name
}

// messageIdent names a message: Hold, UrlValues for a type of another package,
// HoldLines for an anonymous struct.
func messageIdent(m *message) string {
	if n, ok := m.typ.(*types.Named); ok {
		if n.Obj().Pkg() == m.home.Types {
			return title(n.Obj().Name())
		}
		return title(n.Obj().Pkg().Name()) + title(n.Obj().Name())
	}
	owner := m.owner[strings.LastIndexByte(m.owner, '/')+1:]
	if _, rest, ok := strings.Cut(owner, "."); ok {
		owner = rest
	}
	return identOf(owner)
}

// identOf makes a Go identifier of words.
func identOf(s string) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		b.WriteString(title(w))
	}
	return b.String()
}

func title(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// assertInterface makes T's package fail to compile once T has other methods
// than those of the stub.
func (g *generator) assertInterface(c *component) {
	p := g.packageOf(c.iface)
	if p == nil {
		p = c.pkg
	}
	f := g.file(p)
	if p == c.home {
		api := apiIdent(c)
		fmt.Fprintf(&f.checks, "_ %s = %s(nil)\n_ %s = %s(nil)\n", f.typ(c.iface), api, api, paren(f.typ(c.iface)))
		return
	}
	methods := f.methodList(c)
	fmt.Fprintf(&f.checks, "_ %s = (interface{\n%s})(nil)\n", f.typ(c.iface), methods)
	fmt.Fprintf(&f.checks, "_ interface{\n%s} = %s(nil)\n", methods, paren(f.typ(c.iface)))
}

func paren(typ string) string {
	if strings.ContainsAny(typ, " {*") {
		return "(" + typ + ")"
	}
	return typ
}

// emitLayout registers the layout in each program that uses the runtime.
func (g *generator) emitLayout() {
	if len(g.opts.Layout.Services) == 0 {
		return
	}
	for _, p := range g.prog.Packages {
		if p.Name != "main" || !g.usesRuntime(p) {
			continue
		}
		g.file(p).layout(g.opts.Layout)
	}
}

// layout writes the registration of a layout.
func (f *file) layout(l layout.Layout) {
	name := f.use("github.com/hemilith/hemilith/layout", "layout")
	b := &f.inits
	fmt.Fprintf(b, "%s.Register(%s.Layout{\nVersion: %d,\nModule: %q,\nServices: []%s.Service{\n", name, name, l.Version, l.Module, name)
	for _, s := range l.Services {
		fmt.Fprintf(b, "{Name: %q", s.Name)
		if len(s.Components) > 0 {
			fmt.Fprintf(b, ", Components: %#v", s.Components)
		}
		if len(s.Roles) > 0 {
			fmt.Fprintf(b, ", Roles: %#v", s.Roles)
		}
		b.WriteString("},\n")
	}
	b.WriteString("},\n")
	if len(l.Boundaries) > 0 {
		fmt.Fprintf(b, "Boundaries: []%s.Boundary{\n", name)
		for _, y := range l.Boundaries {
			fmt.Fprintf(b, "{Component: %q, TimeoutMillis: %d},\n", y.Component, y.TimeoutMillis)
		}
		b.WriteString("},\n")
	}
	b.WriteString("})\n")
}

func (g *generator) usesRuntime(p *packages.Package) bool {
	for q := range closure(g.prog, p) {
		if q.Imports[runtimePath] != nil {
			return true
		}
	}
	return false
}
