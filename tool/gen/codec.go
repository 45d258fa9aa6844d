package gen

import (
	"bytes"
	"fmt"
	"go/types"
	"strings"
)

// emitter writes the statements that encode and decode, in functions where b is
// the message, s the scope and d the decoder.
type emitter struct {
	f   *file
	b   bytes.Buffer
	pre bytes.Buffer // declarations before the loop that is being written
	tmp int
}

func (e *emitter) printf(format string, args ...any) { fmt.Fprintf(&e.b, format+"\n", args...) }

// name returns a new name of a local variable.
func (e *emitter) name(base string) string {
	e.tmp++
	return fmt.Sprintf("%s%d", base, e.tmp)
}

// address returns the expression of x's address.
func address(x string) string {
	if strings.HasPrefix(x, "(*") && closing(x) == len(x)-1 {
		return x[2 : len(x)-1]
	}
	return "&" + x
}

// closing returns where the parenthesis that x begins with is closed.
func closing(x string) int {
	depth := 0
	for i, c := range x {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// put writes x as field f.num. Without always, a zero value is left out.
func (e *emitter) put(x string, f field, always bool) {
	c := e.f.g.classOf(f.typ)
	how := "Append"
	if always {
		how = "Put"
	}
	switch c {
	case bytesClass:
		e.printf("b = wire.AppendBytes(b, %d, %s)", f.num, x)
	case fixedClass:
		e.printf("b = wire.PutFixed(b, %d, %s[:])", f.num, x)
	case timeClass:
		if !isNamed(f.typ, "time", "Time") {
			x = e.f.use("time", "time") + ".Time(" + x + ")"
		}
		e.printf("b = wire.%sTime(b, %d, %s)", how, f.num, x)
	case errorClass:
		e.printf("b = wire.AppendError(b, %d, %s, s)", f.num, x)
	case messageClass:
		e.putMessage(x, f, always)
	case pointerClass, sliceClass, arrayClass, mapClass:
		e.putComposite(c, x, f)
	default:
		e.printf("b = wire.%s%s(b, %d, %s)", how, verb[c], f.num, x)
	}
}

func (e *emitter) putMessage(x string, f field, always bool) {
	m := e.f.g.message(f.typ, f.anon, e.f.pkg)
	from, at := e.name("from"), e.name("at")
	if !always {
		e.printf("%s := len(b)", from)
	}
	e.printf("b = wire.Open(b, %d)\n%s := len(b)", f.num, at)
	if m.home != e.f.pkg {
		e.printf("b = %s.Append(b, %s, s)", e.f.codec(m), x)
	} else {
		e.printf("b = hemilithAppend%s(b, %s, s)", m.ident, address(x))
	}
	if always {
		e.printf("b = wire.Close(b, %s)", at)
	} else {
		e.printf("b = wire.CloseOmit(b, %s, %s)", at, from)
	}
}

func (e *emitter) putComposite(c class, x string, f field) {
	switch u := f.typ.Underlying().(type) {
	case *types.Pointer:
		e.printf("if %s != nil {", x)
		e.putElem("(*"+x+")", field{num: f.num, typ: u.Elem(), anon: f.anon})
		e.printf("}")
	case *types.Slice:
		elem := field{num: f.num, typ: u.Elem(), anon: f.anon + elemStep}
		if ec := e.f.g.classOf(u.Elem()); ec.packed() {
			e.printf("b = wire.Append%ss(b, %d, %s)", verb[ec], f.num, x)
			return
		}
		e.printf("b = wire.MarkSlice(b, %d, %s)", f.num, x)
		e.putElems(x, elem)
	case *types.Array:
		elem := field{num: f.num, typ: u.Elem(), anon: f.anon + elemStep}
		if ec := e.f.g.classOf(u.Elem()); ec.packed() {
			if u.Len() > 0 {
				e.printf("b = wire.Append%ss(b, %d, %s[:])", verb[ec], f.num, x)
			}
			return
		}
		e.putElems(x, elem)
	case *types.Map:
		k, v, at := e.name("k"), e.name("v"), e.name("at")
		e.printf("b = wire.MarkMap(b, %d, %s)", f.num, x)
		e.printf("for %s, %s := range %s {\nb = wire.Open(b, %d)\n%s := len(b)", k, v, x, f.num, at)
		for _, part := range entry(u, k, v, f.anon) {
			e.put(part.name, part, false)
		}
		e.printf("b = wire.Close(b, %s)\n}", at)
	}
}

// entry returns the two fields of a map's entry; their names are expressions.
func entry(u *types.Map, k, v, anon string) []field {
	return []field{{k, 1, u.Key(), anon + keyStep}, {v, 2, u.Elem(), anon + elemStep}}
}

func (e *emitter) putElems(x string, elem field) {
	i := e.name("i")
	e.printf("for %s := range %s {", i, x)
	e.putElem(fmt.Sprintf("%s[%s]", x, i), elem)
	e.printf("}")
}

// putElem writes an element: as it is, or boxed.
func (e *emitter) putElem(x string, f field) {
	if e.f.g.classOf(f.typ).single() {
		e.put(x, f, true)
		return
	}
	at := e.name("at")
	e.printf("b = wire.Open(b, %d)\n%s := len(b)", f.num, at)
	e.put(x, field{num: 1, typ: f.typ, anon: f.anon}, false)
	e.printf("b = wire.Close(b, %s)", at)
}

// loop writes the loop that reads fields; each field's name is an expression.
func (e *emitter) loop(fields []field) {
	outer, outerPre := e.b, e.pre
	e.b, e.pre = bytes.Buffer{}, bytes.Buffer{}
	e.printf("for n := d.Next(); n != 0; n = d.Next() {\nswitch n {")
	marks := false
	for _, f := range byNumber(fields) {
		e.printf("case %d:", f.num)
		e.get(f.name, f)
		marks = marks || e.marked(f.typ)
	}
	if marks {
		e.printf("case wire.EmptyField:\nswitch d.Mark() {")
		for _, f := range byNumber(fields) {
			if e.marked(f.typ) {
				e.printf("case %d:\nwire.Empty%s(%s)", f.num, e.emptyVerb(f.typ), address(f.name))
			}
		}
		e.printf("}")
	}
	e.printf("default:\nd.Skip()\n}\n}")
	text, pre := e.b.String(), e.pre.String()
	e.b, e.pre = outer, outerPre
	e.b.WriteString(pre)
	e.b.WriteString(text)
}

func (e *emitter) marked(t types.Type) bool { return e.f.g.classOf(t).marked() }

func (e *emitter) emptyVerb(t types.Type) string {
	if e.f.g.classOf(t) == mapClass {
		return "Map"
	}
	return "Slice"
}

// get reads the current field into x.
func (e *emitter) get(x string, f field) {
	c := e.f.g.classOf(f.typ)
	switch c {
	case bytesClass:
		e.printf("wire.ReadBytes(d, %s)", address(x))
	case fixedClass:
		e.printf("wire.ReadFixed(d, %s[:])", x)
	case timeClass:
		x = address(x)
		if !isNamed(f.typ, "time", "Time") {
			x = "(*" + e.f.use("time", "time") + ".Time)(" + x + ")"
		}
		e.printf("wire.ReadTime(d, %s)", x)
	case errorClass:
		e.printf("wire.ReadError(d, %s)", address(x))
	case messageClass:
		e.getMessage(x, f)
	case pointerClass, sliceClass, arrayClass, mapClass:
		e.getComposite(c, x, f)
	default:
		e.printf("wire.Read%s(d, %s)", verb[c], address(x))
	}
}

func (e *emitter) getMessage(x string, f field) {
	m := e.f.g.message(f.typ, f.anon, e.f.pkg)
	end := e.name("end")
	e.printf("%s := d.Open()", end)
	if m.home != e.f.pkg {
		e.printf("%s = %s.Read(d)", x, e.f.codec(m))
	} else {
		e.printf("hemilithRead%s(d, %s)", m.ident, address(x))
	}
	e.printf("d.Close(%s)", end)
}

func (e *emitter) getComposite(c class, x string, f field) {
	switch u := f.typ.Underlying().(type) {
	case *types.Pointer:
		e.printf("wire.New(d, %s)", address(x))
		e.getElem("(*"+x+")", field{typ: u.Elem(), anon: f.anon})
	case *types.Slice:
		if ec := e.f.g.classOf(u.Elem()); ec.packed() {
			e.printf("wire.Read%ss(d, %s)", verb[ec], address(x))
			return
		}
		p := e.name("e")
		e.printf("if %s := wire.Grow(d, %s); %s != nil {", p, address(x), p)
		e.getElem("(*"+p+")", field{typ: u.Elem(), anon: f.anon + elemStep})
		e.printf("}")
	case *types.Array:
		e.getArray(x, u, f)
	case *types.Map:
		k, v, end := e.name("k"), e.name("v"), e.name("end")
		e.printf("var %s %s\nvar %s %s\n%s := d.Open()", k, e.f.typ(u.Key()), v, e.f.typ(u.Elem()), end)
		e.loop(entry(u, k, v, f.anon))
		e.printf("d.Close(%s)\nwire.SetMap(d, %s, %s, %s)", end, address(x), k, v)
	}
}

func (e *emitter) getArray(x string, u *types.Array, f field) {
	if u.Len() == 0 {
		e.printf("d.Skip()")
		return
	}
	if ec := e.f.g.classOf(u.Elem()); ec.packed() {
		e.printf("wire.Read%sArray(d, %s[:])", verb[ec], x)
		return
	}
	i := e.name("i")
	fmt.Fprintf(&e.pre, "%s := 0\n", i)
	e.printf("if wire.Index(d, &%s, %d) {", i, u.Len())
	e.getElem(fmt.Sprintf("%s[%s-1]", x, i), field{typ: u.Elem(), anon: f.anon + elemStep})
	e.printf("}")
}

func (e *emitter) getElem(x string, f field) {
	if e.f.g.classOf(f.typ).single() {
		e.get(x, f)
		return
	}
	end := e.name("end")
	e.printf("%s := d.Open()", end)
	e.loop([]field{{x, 1, f.typ, f.anon}})
	e.printf("d.Close(%s)", end)
}

// codec returns the variable that holds the codec of another package's message.
func (f *file) codec(m *message) string {
	name := f.codecs[m]
	if name == "" {
		name = f.ident("hemilithCodec" + title(m.home.Name) + m.ident)
		f.codecs[m] = name
		f.typ(m.typ) // imports it
	}
	return name
}

// message writes the functions of a message.
func (f *file) message(m *message) {
	typ := f.typ(m.typ)
	fields := make([]field, len(m.fields))
	for i, fd := range m.fields {
		fields[i] = fd
		fields[i].name = "v." + fd.name
	}
	if !m.isStruct() {
		fields = []field{{"(*v)", 1, m.typ.Underlying(), m.owner}}
	}
	put := emitter{f: f}
	for _, fd := range byNumber(fields) {
		put.put(fd.name, fd, false)
	}
	get := emitter{f: f}
	get.loop(fields)
	if st, ok := m.typ.Underlying().(*types.Struct); ok {
		if n, ok := m.typ.(*types.Named); ok {
			fmt.Fprintf(&f.checks, "_ = %s(%s{})\n", f.fieldList(st), f.typ(n))
		}
	}
	enter := ""
	if f.g.recursive(m.typ) {
		enter = "if !s.Enter(b) {\nreturn b\n}\ndefer s.Leave()\n"
	}
	fmt.Fprintf(&f.body, "func hemilithAppend%s(b []byte, v *%s, s *wire.Scope) []byte {\n%s%sreturn b\n}\n\n", m.ident, typ, enter, put.b.String())
	fmt.Fprintf(&f.body, "func hemilithRead%s(d *wire.Decoder, v *%s) {\n%s}\n\n", m.ident, typ, get.b.String())
	if m.shared {
		fmt.Fprintf(&f.inits, "wire.RegisterCodec(%s)\n", f.codecOf(m.typ, m))
	}
}

// fieldList writes a struct type without tags, which conversion ignores.
func (f *file) fieldList(st *types.Struct) string {
	var fields []*types.Var
	for v := range st.Fields() {
		fields = append(fields, v)
	}
	return f.typ(types.NewStruct(fields, nil))
}

// codecOf writes a wire.Codec of t: by its message, or as {1 value}.
func (f *file) codecOf(t types.Type, m *message) string {
	typ := f.typ(t)
	put, get := emitter{f: f}, emitter{f: f}
	if m != nil {
		put.printf("b = hemilithAppend%s(b, &v, s)", m.ident)
		get.printf("hemilithRead%s(d, &v)", m.ident)
	} else {
		put.put("v", field{num: 1, typ: t}, false)
		get.loop([]field{{"v", 1, t, ""}})
	}
	return fmt.Sprintf("wire.Codec[%s]{\nAppend: func(b []byte, v %s, s *wire.Scope) []byte {\n%sreturn b\n},\nRead: func(d *wire.Decoder) (v %s) {\n%sreturn v\n},\n}",
		typ, typ, put.b.String(), typ, get.b.String())
}

// fault registers an error.
func (f *file) fault(ft fault) {
	if v, ok := ft.obj.(*types.Var); ok {
		name := v.Name()
		if v.Pkg() != f.pkg.Types {
			name = f.use(v.Pkg().Path(), v.Pkg().Name()) + "." + name
			f.foreign = true
		}
		fmt.Fprintf(&f.inits, "wire.RegisterSentinel(%d, %q, %s)\n", ft.num, ft.name, name)
		return
	}
	t := ft.obj.Type()
	var m *message
	if f.g.classOf(t) == messageClass {
		m = f.g.message(t, "", f.pkg)
	}
	how := "RegisterErrorValue"
	if ft.pointer {
		how = "RegisterError"
	}
	fmt.Fprintf(&f.inits, "wire.%s(%d, %q, %s)\n", how, ft.num, ft.name, f.codecOf(t, m))
}
