package facts

import (
	"go/ast"
)

// query looks for what a call does to tables through a library.
func (w *walker) query(call *ast.CallExpr) {
	fn := w.callee(call)
	if fn == nil {
		return
	}
	w.formatted(call, fn)
}

// nameTables gives ORM models their tables, where another package names them.
func (p *Program) nameTables() {}
