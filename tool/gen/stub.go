package gen

import (
	"fmt"
	"go/types"
	"strings"
)

// names of a component's declarations, within its home.
func apiIdent(c *component) string     { return "hemilith" + identOf(c.name) + "API" }
func stubIdent(c *component) string    { return "hemilith" + identOf(c.name) + "Stub" }
func lateIdent(c *component) string    { return "hemilith" + identOf(c.name) + "Late" }
func methodsIdent(c *component) string { return "hemilith" + identOf(c.name) + "Methods" }

// signature is a method's, as generated code writes it.
type signature struct {
	params, args string // "ctx context.Context, p1 string", "ctx, p1"
	results      string // "r0 Hold, err error"
	vars         string // "r0, err"
	plain        string // "(context.Context, string) (Hold, error)"
}

func (f *file) signature(m *method) signature {
	sig := m.fn.Signature()
	var params, args, in, results, vars, out []string
	for i := range sig.Params().Len() {
		name := f.param(m, i)
		typ := f.typ(sig.Params().At(i).Type())
		arg := name
		if sig.Variadic() && i == sig.Params().Len()-1 {
			typ = "..." + f.typ(sig.Params().At(i).Type().(*types.Slice).Elem())
			arg += "..."
		}
		params, args, in = append(params, name+" "+typ), append(args, arg), append(in, typ)
	}
	for i := range sig.Results().Len() {
		name, typ := resultName(m, i), f.typ(sig.Results().At(i).Type())
		results, vars, out = append(results, name+" "+typ), append(vars, name), append(out, typ)
	}
	join := func(s []string) string { return strings.Join(s, ", ") }
	return signature{join(params), join(args), join(results), join(vars), "(" + join(in) + ") (" + join(out) + ")"}
}

func (f *file) param(m *method, i int) string {
	if i == 0 && hasContext(m.fn.Signature()) {
		return "ctx"
	}
	return fmt.Sprintf("p%d", i)
}

func resultName(m *method, i int) string {
	if i == m.fn.Signature().Results().Len()-1 {
		return "err"
	}
	return fmt.Sprintf("r%d", i)
}

// methodList writes the methods of a boundary as an interface has them.
func (f *file) methodList(c *component) string {
	var b strings.Builder
	for _, m := range c.methods {
		fmt.Fprintf(&b, "%s%s\n", m.fn.Name(), f.signature(m).plain)
	}
	return b.String()
}

// component writes all code of a boundary.
func (f *file) component(c *component) {
	f.use("context", "context")
	api, stub, late, methods := apiIdent(c), stubIdent(c), lateIdent(c), methodsIdent(c)
	fmt.Fprintf(&f.checks, "_ %s = (*%s)(nil)\n", api, stub)
	for _, t := range c.concrete {
		if p := f.g.packageOf(t); p != nil && (p == f.pkg || namedOf(t).Obj().Exported() && p.Name != "main") && len(c.concrete) == 1 {
			fmt.Fprintf(&f.checks, "_ %s = %s\n", api, f.zero(t))
		}
	}
	fmt.Fprintf(&f.body, "// %s is the boundary %q.\ntype %s interface {\n%s}\n\n", api, c.name, api, f.methodList(c))
	fmt.Fprintf(&f.body, "var %s = []wire.Method{\n", methods)
	for _, m := range c.methods {
		fmt.Fprintf(&f.body, "{ID: %d, Component: %q, Name: %q, NameHash: %#x, ShapeHash: %#x},\n",
			m.num, c.name, m.fn.Name(), nameHash(f.g.prog.Module, c, m), f.g.shapeHash(c, m))
	}
	f.body.WriteString("}\n\n")
	f.register(c, api, stub, late, methods)
	fmt.Fprintf(&f.body, "// %s calls %q elsewhere.\ntype %s struct{ caller wire.Caller }\n\n", stub, c.name, stub)
	for i, m := range c.methods {
		f.stub(c, m, i)
	}
	for _, m := range c.methods {
		f.handler(c, m)
	}
	f.late(c, api, late, methods)
}

// zero writes a value of a concrete type.
func (f *file) zero(t types.Type) string {
	if _, ok := types.Unalias(t).(*types.Pointer); ok {
		return "(" + f.typ(t) + ")(nil)"
	}
	return "struct{ v " + f.typ(t) + " }{}.v"
}

func (f *file) register(c *component, api, stub, late, methods string) {
	fmt.Fprintf(&f.inits, `wire.Register(&wire.Component{
	Name: %q,
	Module: %q,
	Methods: %s,
	Stub: func(c wire.Caller) any { return &%s{c} },
	Handlers: func(impl any) []wire.Handler {
		to, ok := impl.(%s)
		if !ok {
			return nil
		}
		return []wire.Handler{
`, c.name, f.g.prog.Module, methods, stub, api)
	for _, m := range c.methods {
		fmt.Fprintf(&f.inits, "%s(to),\n", handlerIdent(c, m))
	}
	fmt.Fprintf(&f.inits, `		}
	},
	Late: func() (any, func(any) bool) {
		late := &%s{}
		return late, func(impl any) bool {
			to, ok := impl.(%s)
			if ok {
				late.to.Store(&to)
			}
			return ok
		}
	},
})
`, late, api)
}

func handlerIdent(c *component, m *method) string {
	return "hemilith" + identOf(c.name) + m.fn.Name() + "Handler"
}

// named returns the fields with the names of variables in place of their own.
func (f *file) argFields(m *method) []field {
	out := byNumber(m.args)
	skip := skipContext(m.fn.Signature())
	for i := range out {
		out[i].name = f.param(m, argIndex(m.args, out[i].num)+skip)
	}
	return out
}

func (f *file) resultFields(m *method) []field {
	out := byNumber(m.results)
	for i := range out {
		out[i].name = resultName(m, argIndex(m.results, out[i].num))
	}
	return out
}

func argIndex(fields []field, num int) int {
	for i, f := range fields {
		if f.num == num {
			return i
		}
	}
	return -1
}

// sized reports whether an encoded message of fields may exceed any limit, so
// that it needs a scope.
func (f *file) sized(fields []field) bool {
	for _, fd := range fields {
		if c := f.g.classOf(fd.typ); !c.packed() && c != complex64Class && c != complex128Class {
			return true
		}
	}
	return false
}

func (f *file) stub(c *component, m *method, index int) {
	sig := f.signature(m)
	ctx := "ctx"
	if !hasContext(m.fn.Signature()) {
		ctx = f.use("context", "context") + ".Background()"
	}
	put := emitter{f: f}
	args := f.argFields(m)
	for _, a := range args {
		put.put(a.name, a, false)
	}
	get := emitter{f: f}
	get.loop(f.resultFields(m))
	zeros, zeroVars := f.zeros(m)
	b := &f.body
	fmt.Fprintf(b, "func (stub *%s) %s(%s) (%s) {\n", stubIdent(c), m.fn.Name(), sig.params, sig.results)
	fmt.Fprintf(b, "c := stub.caller.Begin(%s, &%s[%d])\ndefer stub.caller.End(c)\nd := &c.Dec\n", ctx, methodsIdent(c), index)
	rets := strings.TrimSuffix(sig.vars, "err")
	if len(args) > 0 {
		b.WriteString("b := c.Req\n")
		if f.sized(args) {
			b.WriteString("s := d.Scope()\n")
		}
		fmt.Fprintf(b, "%sc.Req = b\n", put.b.String())
		if f.sized(args) {
			fmt.Fprintf(b, "if cause := s.End(len(b)); cause != nil {\nreturn %swire.Unsent(c.Method, cause)\n}\n", rets)
		}
	}
	fmt.Fprintf(b, "if err := stub.caller.Do(c); err != nil {\nreturn %serr\n}\n", rets)
	b.WriteString(get.b.String())
	fmt.Fprintf(b, "if cause := d.Err(); cause != nil {\n%sreturn %swire.Unread(c.Method, cause)\n}\nreturn %s\n}\n\n", zeros, zeroVars, sig.vars)
}

// zeros declares a zero value for each result but the error, and lists them.
func (f *file) zeros(m *method) (decls, list string) {
	for i := range m.results[:len(m.results)-1] {
		decls += fmt.Sprintf("var z%d %s\n", i, f.typ(m.results[i].typ))
		list += fmt.Sprintf("z%d, ", i)
	}
	return decls, list
}

func (f *file) handler(c *component, m *method) {
	sig := f.signature(m)
	ctx := "ctx"
	if !hasContext(m.fn.Signature()) {
		ctx = "_"
	}
	get := emitter{f: f}
	get.loop(f.argFields(m))
	put := emitter{f: f}
	for _, r := range f.resultFields(m) {
		put.put(r.name, r, false)
	}
	b := &f.body
	fmt.Fprintf(b, "func %s(impl %s) wire.Handler {\n", handlerIdent(c, m), apiIdent(c))
	fmt.Fprintf(b, "return func(%s context.Context, d *wire.Decoder, b []byte) ([]byte, error) {\n", ctx)
	for i, a := range m.args {
		fmt.Fprintf(b, "var %s %s\n", f.param(m, i+skipContext(m.fn.Signature())), f.typ(a.typ))
	}
	b.WriteString(get.b.String())
	b.WriteString("if err := d.Err(); err != nil {\nreturn b, &wire.ArgsError{Cause: err}\n}\n")
	fmt.Fprintf(b, "%s := impl.%s(%s)\n", sig.vars, m.fn.Name(), sig.args)
	fmt.Fprintf(b, "from, s := len(b), d.Scope()\n%s", put.b.String())
	b.WriteString("if cause := s.End(len(b) - from); cause != nil {\nreturn b[:from], &wire.ResultError{Cause: cause}\n}\nreturn b, nil\n}\n}\n\n")
}

func (f *file) late(c *component, api, late, methods string) {
	atomic := f.use("sync/atomic", "atomic")
	b := &f.body
	fmt.Fprintf(b, "// %s forwards to %q once that is bound.\ntype %s struct{ to %s.Pointer[%s] }\n\n", late, c.name, late, atomic, api)
	for i, m := range c.methods {
		sig := f.signature(m)
		fmt.Fprintf(b, "func (late *%s) %s(%s) (%s) {\n", late, m.fn.Name(), sig.params, sig.results)
		fmt.Fprintf(b, "to := late.to.Load()\nif to == nil {\nreturn %swire.Unbound(&%s[%d])\n}\n", strings.TrimSuffix(sig.vars, "err"), methods, i)
		fmt.Fprintf(b, "return (*to).%s(%s)\n}\n\n", m.fn.Name(), sig.args)
	}
}
