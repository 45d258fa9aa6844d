package model

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// namer translates hashed names back. The zero value has nothing to translate.
type namer struct {
	paths, names, tables map[string]string
}

func (n namer) path(s string) string        { return translate(n.paths, s) }
func (n namer) name(s string) string        { return translate(n.names, s) }
func (n namer) table(a facts.Access) string { return translate(n.tables, a.Table) }

func translate(m map[string]string, s string) string {
	if t, ok := m[s]; ok {
		return t
	}
	return s
}

// blinder replaces the names of a program.
type blinder struct {
	own    map[string]bool // import paths of the module
	bases  map[string]facts.Symbol
	namer  namer
	hashes map[string]string
	texts  map[string]string
}

// newBlinder notes what p defines.
func newBlinder(p *facts.Program) *blinder {
	b := &blinder{
		own: map[string]bool{}, bases: map[string]facts.Symbol{}, hashes: map[string]string{}, texts: map[string]string{},
		namer: namer{paths: map[string]string{}, names: map[string]string{}, tables: map[string]string{}},
	}
	for _, pkg := range p.Packages {
		b.own[pkg.Path] = true
		for i := range pkg.Decls {
			b.bases[pkg.Path+"."+pkg.Decls[i].Name] = facts.Symbol{Path: pkg.Path, Name: pkg.Decls[i].Name}
		}
	}
	return b
}

// program returns p with a hash for each import path and identifier of the
// module, and for each table. What the language itself names (main, init, _)
// stays, and so do other modules' names. The order of packages stays, so that
// ties are broken alike.
func (b *blinder) program(p *facts.Program) *facts.Program {
	out := *p
	out.Packages = make([]*facts.Package, len(p.Packages))
	for i, pkg := range p.Packages {
		out.Packages[i] = b.pkg(pkg)
	}
	return &out
}

func (b *blinder) hash(s string) string {
	h, ok := b.hashes[s]
	if !ok {
		sum := sha256.Sum256([]byte(s))
		h = "h" + hex.EncodeToString(sum[:10])
		b.hashes[s] = h
	}
	return h
}

// name hashes "Name" or "Type.Method", each part for itself.
func (b *blinder) name(s string) string {
	if s == "" || s == "main" || strings.HasPrefix(s, "init") && (len(s) == 4 || s[4] == '#') || strings.HasPrefix(s, "_#") {
		return s
	}
	typ, method, ok := cutLast(s)
	h := b.hash(s)
	if ok {
		h = b.name(typ) + "." + b.name(method)
	}
	b.namer.names[h] = s
	return h
}

// text hashes each word of a signature, and leaves what is between them.
func (b *blinder) text(s string) string {
	if h, ok := b.texts[s]; ok {
		return h
	}
	var out strings.Builder
	for rest := s; rest != ""; {
		at := strings.IndexAny(rest, "()[]{}*,;<- "+facts.AnyType)
		switch {
		case strings.HasPrefix(rest, "..."):
			at = len("...")
			out.WriteString(rest[:at])
		case at == 0:
			_, at = utf8.DecodeRuneInString(rest)
			out.WriteString(rest[:at])
		default:
			if at < 0 {
				at = len(rest)
			}
			out.WriteString(b.hash(rest[:at]))
		}
		rest = rest[at:]
	}
	b.texts[s] = out.String()
	return b.texts[s]
}

func (b *blinder) path(s string) string {
	if !b.own[s] {
		return s
	}
	h := b.hash(s)
	b.namer.paths[h] = s
	return h
}

func (b *blinder) symbol(s facts.Symbol) facts.Symbol {
	if !b.own[s.Path] {
		return s
	}
	return facts.Symbol{Path: b.path(s.Path), Name: b.name(s.Name)}
}

// place hashes what a place is of, and leaves the parameter's number.
func (b *blinder) place(p facts.Place) facts.Place {
	if p == "" {
		return ""
	}
	s := string(p)
	at := strings.LastIndexAny(s, "#$@")
	rest := ""
	if at >= 0 {
		s, rest = s[:at], s[at:]
		if rest[0] == '@' {
			rest = "@" + b.hash(rest)
		}
	}
	if sym, ok := b.bases[s]; ok {
		sym = b.symbol(sym)
		return facts.Place(sym.Path + "." + sym.Name + rest)
	}
	if typ, part, ok := cutLast(s); ok { // a field, or a method of an interface
		if sym, ok := b.bases[typ]; ok {
			sym = b.symbol(sym)
			return facts.Place(sym.Path + "." + sym.Name + "." + b.name(part) + rest)
		}
	}
	return facts.Place(b.hash(s) + rest)
}

func (b *blinder) pkg(p *facts.Package) *facts.Package {
	out := *p
	out.Path, out.Imports = b.path(p.Path), mapped(p.Imports, b.path)
	if p.Name != "main" {
		out.Name = b.hash(p.Name)
	}
	out.Decls = make([]facts.Decl, len(p.Decls))
	for i := range p.Decls {
		out.Decls[i] = b.decl(&p.Decls[i])
	}
	return &out
}

func (b *blinder) decl(d *facts.Decl) facts.Decl {
	out := *d
	out.Name, out.Recv, out.Hosts = b.name(d.Name), b.name(d.Recv), nil
	out.Refs = mapped(d.Refs, func(r facts.Ref) facts.Ref {
		r.To, r.In, r.On = b.symbol(r.To), b.symbol(r.In), b.place(r.On)
		return r
	})
	out.Access = mapped(d.Access, func(a facts.Access) facts.Access {
		h := b.hash(a.Table)
		b.namer.tables[h] = a.Table
		a.Table, a.Model = h, b.symbol(a.Model)
		return a
	})
	out.Entries = mapped(d.Entries, func(e facts.Entry) facts.Entry {
		e.Func, e.Type = b.symbol(e.Func), b.symbol(e.Type)
		e.Methods = mapped(e.Methods, b.name)
		return e
	})
	out.Methods = mapped(d.Methods, func(m facts.Method) facts.Method {
		m.Name, m.Type, m.Func, m.Sig = b.name(m.Name), b.text(m.Type), b.symbol(m.Func), b.sig(m.Sig)
		return m
	})
	out.Sig = b.sig(d.Sig)
	out.Fields = mapped(d.Fields, func(f facts.Field) facts.Field {
		f.Type = b.symbol(f.Type)
		return f
	})
	out.Params = mapped(d.Params, func(p facts.Param) facts.Param {
		p.Passes = mapped(p.Passes, func(s facts.Pass) facts.Pass {
			s.To = b.symbol(s.To)
			return s
		})
		return p
	})
	out.Tells = mapped(d.Tells, func(t facts.Tell) facts.Tell {
		t.Err = b.symbol(t.Err)
		return t
	})
	out.Keys = mapped(d.Keys, func(k facts.Key) facts.Key {
		k.Key = b.symbol(k.Key)
		return k
	})
	out.Flows = mapped(d.Flows, func(f facts.Flow) facts.Flow {
		return facts.Flow{To: b.place(f.To), From: b.place(f.From), Type: b.symbol(f.Type)}
	})
	return out
}

func (b *blinder) sig(s *facts.Sig) *facts.Sig {
	if s == nil {
		return nil
	}
	out := *s
	out.Types = mapped(s.Types, b.symbol)
	return &out
}

func mapped[T any](list []T, f func(T) T) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(list))
	for i, x := range list {
		out[i] = f(x)
	}
	return out
}
