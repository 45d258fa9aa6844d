package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
)

// targetTable is the table of modules in a program whose -target option chooses
// what to run: a module starts all that it needs, then itself.
type targetTable struct {
	init  map[string]string // the method that starts each module, "" if it only groups others
	shown []string          // modules that a user may name, in the order of registration
	needs map[string][]string
}

// readTable reads the table in the source of a checkout, and makes a service of
// each module that a user may name, that starts something, and that no other
// module starts for its own needs.
func readTable(dir string, d *definition) ([]root, error) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, d.Table), nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	t := targetTable{init: map[string]string{}, needs: map[string][]string{}}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			t.register(n)
		case *ast.AssignStmt:
			if name, ok := n.Lhs[0].(*ast.Ident); ok && name.Name == "deps" && n.Tok == token.DEFINE {
				t.depend(n.Rhs[0])
			}
		}
		return true
	})
	for module, needs := range d.Extra {
		t.needs[module] = append(t.needs[module], needs...)
	}
	if len(t.shown) == 0 || len(t.needs) == 0 {
		return nil, fmt.Errorf("%s: no table of modules in %s", d.Name, d.Table)
	}
	return t.services(d), nil
}

// register notes mm.RegisterModule(Name, t.initName, modules.UserInvisibleModule).
func (t *targetTable) register(call *ast.CallExpr) {
	fn, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || fn.Sel.Name != "RegisterModule" || len(call.Args) < 2 {
		return
	}
	name, ok := call.Args[0].(*ast.Ident)
	if !ok {
		return
	}
	t.init[name.Name] = ""
	if method, ok := call.Args[1].(*ast.SelectorExpr); ok {
		t.init[name.Name] = method.Sel.Name
	}
	if len(call.Args) == 2 {
		t.shown = append(t.shown, name.Name)
	}
}

// depend notes map[string][]string{Name: {Need, Need}}.
func (t *targetTable) depend(e ast.Expr) {
	table, ok := e.(*ast.CompositeLit)
	if !ok {
		return
	}
	for _, row := range table.Elts {
		pair, ok := row.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		name, ok := pair.Key.(*ast.Ident)
		list, ok2 := pair.Value.(*ast.CompositeLit)
		if !ok || !ok2 {
			continue
		}
		for _, e := range list.Elts {
			if need, ok := e.(*ast.Ident); ok {
				t.needs[name.Name] = append(t.needs[name.Name], need.Name)
			}
		}
	}
}

func (t *targetTable) services(d *definition) []root {
	needed := map[string]bool{}
	for name, needs := range t.needs {
		if slices.Contains(t.shown, name) && t.init[name] == "" {
			continue // a group of services
		}
		for _, need := range needs {
			needed[need] = true
		}
	}
	var list []root
	for _, name := range t.shown {
		if t.init[name] == "" || needed[name] || slices.Contains(d.Same, name) {
			continue
		}
		r := root{name: name}
		for _, module := range t.closure(name) {
			if method := t.init[module]; method != "" {
				r.decls = append(r.decls, d.Init+"."+method)
			}
		}
		list = append(list, r)
	}
	return list
}

// closure is a module and all that it needs.
func (t *targetTable) closure(name string) []string {
	found := []string{name}
	for i := 0; i < len(found); i++ { // each module enters once
		for _, need := range t.needs[found[i]] {
			if !slices.Contains(found, need) {
				found = append(found, need)
			}
		}
	}
	return found
}
