package gen

import "go/types"

// specials are types that are refused for a reason of their own.
var specials = map[string][2]string{
	"context.Context":         {"a context that is not the first parameter", "ctx as the first parameter"},
	"database/sql.DB":         {"a database handle stays in its process", "open it in build, where the component is hosted"},
	"database/sql.Tx":         {"a transaction can't span processes", "begin and end it on one side, or move the seam"},
	"database/sql.Conn":       {"a database handle stays in its process", "open it in build, where the component is hosted"},
	"database/sql.Rows":       {"a cursor stays in its process", "return the rows as a slice"},
	"database/sql.Row":        {"a cursor stays in its process", "return the row as a struct"},
	"database/sql.Stmt":       {"a database handle stays in its process", "prepare it where the component is hosted"},
	"net/http.Handler":        {"a handler is a function", "keep the method in-process"},
	"net/http.HandlerFunc":    {"a handler is a function", "keep the method in-process"},
	"net/http.Request":        {"a request holds its connection", "the fields that are needed"},
	"net/http.Response":       {"a response holds its connection", "the fields that are needed"},
	"net/http.ResponseWriter": {"a response holds its connection", "return what is to be written"},
	"net/http.Client":         {"a client holds its connections", "make it in build, where the component is hosted"},
	"os.File":                 {"a file stays in its process", "its content, as []byte"},
	"io.Reader":               {"a stream, which does not cross yet", "[]byte, or keep the method in-process"},
	"io.Writer":               {"a stream, which does not cross yet", "return []byte, or keep the method in-process"},
	"io.ReadCloser":           {"a stream, which does not cross yet", "[]byte, or keep the method in-process"},
	"io.WriteCloser":          {"a stream, which does not cross yet", "return []byte, or keep the method in-process"},
	"io.ReadWriter":           {"a stream, which does not cross yet", "[]byte, or keep the method in-process"},
	"io.ReadSeeker":           {"a stream, which does not cross yet", "[]byte, or keep the method in-process"},
	"time.Location":           {"a time zone's table stays in its process", "the name of the zone, as a string"},
	"time.Timer":              {"a timer stays in its process", "a time.Time or a time.Duration"},
	"time.Ticker":             {"a timer stays in its process", "a time.Duration"},
	"reflect.Type":            {"types stay in their process", fixLocal},
	"reflect.Value":           {"values of any type are an open set", fixLocal},
	"log/slog.Logger":         {"a logger stays in its process", "make it in build, where the component is hosted"},
	"log.Logger":              {"a logger stays in its process", "make it in build, where the component is hosted"},
}

// special returns why t can't cross, and the fix, for types that are refused
// whatever they are made of.
func (w *walker) special(s site, t types.Type) (why, fix string) {
	if n, ok := t.(*types.Named); ok && n.Obj().Pkg() != nil {
		path := n.Obj().Pkg().Path()
		if sp, ok := specials[path+"."+n.Obj().Name()]; ok {
			return sp[0], sp[1]
		}
		switch path {
		case "sync", "sync/atomic":
			return "a lock or an atomic value is shared memory", "leave it out of what crosses: a struct of plain values"
		case "unsafe":
			return "an address", fixLocal
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		if _, ok := t.(*types.TypeParam); ok {
			return "a type parameter", "an interface without type parameters"
		}
		return "open set of types", fixLocal
	case *types.Signature:
		return "a function", "a value that says what to do, or keep the method in-process"
	case *types.Chan:
		return "a channel", "a slice, or keep the method in-process"
	case *types.Basic:
		switch u.Kind() {
		case types.UnsafePointer, types.Uintptr:
			return "an address, or of a size that differs by platform", "uint64 if it is a number"
		}
	}
	return "", ""
}
