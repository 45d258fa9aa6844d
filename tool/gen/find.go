package gen

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/hemilith/hemilith/tool/source"
)

const runtimePath = "github.com/hemilith/hemilith"

// call is one call of Bind, Late or Role.
type call struct {
	pkg   *packages.Package
	name  string
	pos   token.Pos
	at    string     // pos for people
	iface types.Type // T of Bind and Late
	build ast.Expr   // of Bind
}

type calls struct{ bind, late, role []call }

func (c calls) binds() []Name { return names(c.bind) }
func (c calls) roles() []Name { return names(c.role) }

func names(list []call) []Name {
	var out []Name
	for _, c := range list {
		out = append(out, Name{c.name, c.at})
	}
	slices.SortFunc(out, func(a, b Name) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Pos, b.Pos)) })
	return slices.CompactFunc(out, func(a, b Name) bool { return a.Name == b.Name })
}

// find finds the calls in all packages of the module. Those that it can't
// understand are refused.
func find(prog *source.Program, refused *refusals) calls {
	var out calls
	for _, pkg := range prog.Packages {
		called := map[*ast.Ident]bool{}
		for _, f := range pkg.Syntax {
			ast.Inspect(f, func(n ast.Node) bool {
				if x, ok := n.(*ast.CallExpr); ok {
					out.add(prog, pkg, x, called, refused)
				}
				return true
			})
		}
		for id, obj := range pkg.TypesInfo.Uses {
			if verb := verbOf(obj); verb != "" && !called[id] {
				refused.add(prog, id.Pos(), fmt.Sprintf("hemilith.%s is used as a value", verb), "call it where the program is put together")
			}
		}
	}
	out.unique(prog, refused)
	return out
}

// verbOf returns the name of the runtime's function that obj is, or "".
func verbOf(obj types.Object) string {
	f, ok := obj.(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != runtimePath || f.Signature().Recv() != nil {
		return ""
	}
	switch f.Name() {
	case "Bind", "Late", "Role":
		return f.Name()
	}
	return ""
}

func (c *calls) add(prog *source.Program, pkg *packages.Package, x *ast.CallExpr, called map[*ast.Ident]bool, refused *refusals) {
	verb := verbOf(typeutil.Callee(pkg.TypesInfo, x))
	if verb == "" || len(x.Args) == 0 {
		return
	}
	id := calleeIdent(x.Fun)
	called[id] = true
	found := call{pkg: pkg, pos: x.Pos(), at: prog.Position(x.Pos())}
	value := pkg.TypesInfo.Types[x.Args[0]].Value
	if value == nil || value.Kind() != constant.String {
		refused.add(prog, x.Args[0].Pos(), fmt.Sprintf("the name given to hemilith.%s is not a constant", verb),
			"a constant string: the layout and hemilith.lock go by it")
		return
	}
	if found.name = constant.StringVal(value); !validName(found.name) {
		refused.add(prog, x.Args[0].Pos(), fmt.Sprintf("the name %q given to hemilith.%s", found.name, verb),
			"1 to 64 letters, digits, - and _, the first of them a letter")
		return
	}
	if verb == "Role" {
		c.role = append(c.role, found)
		return
	}
	if args := pkg.TypesInfo.Instances[id].TypeArgs; args != nil {
		found.iface = args.At(0)
	}
	if found.iface == nil || !types.IsInterface(found.iface) || isTypeParam(found.iface) {
		refused.add(prog, x.Pos(), fmt.Sprintf("hemilith.%s(%q): %v is not an interface", verb, found.name, typeName(found.iface)),
			fmt.Sprintf("hemilith.%s[API](...), where API is an interface with the methods that callers need", verb))
		return
	}
	if verb == "Late" {
		c.late = append(c.late, found)
		return
	}
	found.build = x.Args[1]
	c.bind = append(c.bind, found)
}

func calleeIdent(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	case *ast.IndexExpr:
		return calleeIdent(e.X)
	}
	return nil
}

func isTypeParam(t types.Type) bool { _, ok := types.Unalias(t).(*types.TypeParam); return ok }

func validName(s string) bool {
	const maxName = 64
	if s == "" || len(s) > maxName || !letter(s[0]) {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// unique refuses two calls that define one name in one program, and a Late whose
// name nothing binds. Programs of one module may each bind a name.
func (c *calls) unique(prog *source.Program, refused *refusals) {
	reach := reachByMain(prog)
	for verb, list := range map[string][]call{"Bind": c.bind, "Role": c.role} {
		for i, b := range list {
			for _, a := range list[:i] {
				if a.name == b.name && together(reach, a.pkg, b.pkg) {
					refused.add(prog, b.pos, fmt.Sprintf("hemilith.%s(%q): the name is taken at %s", verb, b.name, a.at), "another name")
				}
			}
		}
	}
	for _, l := range c.late {
		c.checkLate(prog, l, refused)
	}
}

// checkLate refuses a Late whose name nothing binds, or that wants more than what
// is bound has.
func (c *calls) checkLate(prog *source.Program, l call, refused *refusals) {
	i := slices.IndexFunc(c.bind, func(b call) bool { return b.name == l.name })
	if i < 0 {
		refused.add(prog, l.pos, fmt.Sprintf("hemilith.Late(%q): nothing binds that name", l.name),
			"hemilith.Bind with the same name, or remove the call")
		return
	}
	b := c.bind[i]
	missing, _ := types.MissingMethod(b.iface, l.iface.Underlying().(*types.Interface), true)
	if missing != nil {
		refused.add(prog, l.pos, fmt.Sprintf("hemilith.Late(%q): %s has method %s, and %s, bound at %s, does not fit", l.name,
			typeName(l.iface), missing.Name(), typeName(b.iface), b.at), "the same interface in both")
	}
}

// reachByMain returns, for each main package, the packages of the module that it
// is made of.
func reachByMain(prog *source.Program) []map[*packages.Package]bool {
	var out []map[*packages.Package]bool
	for _, p := range prog.Packages {
		if p.Name == "main" {
			out = append(out, closure(prog, p))
		}
	}
	return out
}

func together(reach []map[*packages.Package]bool, a, b *packages.Package) bool {
	if a == b {
		return true
	}
	return slices.ContainsFunc(reach, func(m map[*packages.Package]bool) bool { return m[a] && m[b] })
}

// closure returns p and the module's own packages that it imports, at any depth.
func closure(prog *source.Program, roots ...*packages.Package) map[*packages.Package]bool {
	seen := map[*packages.Package]bool{}
	var visit func(p *packages.Package)
	visit = func(p *packages.Package) {
		if seen[p] || !prog.Own(p) {
			return
		}
		seen[p] = true
		for _, dep := range p.Imports {
			visit(dep)
		}
	}
	for _, p := range roots {
		visit(p)
	}
	return seen
}
