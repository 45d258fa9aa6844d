package facts

import (
	"go/ast"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// query looks for what a call does to tables through a library.
func (w *walker) query(call *ast.CallExpr) {
	fn := w.callee(call)
	if fn == nil || fn.Pkg() == nil {
		return
	}
	w.formatted(call, fn)
	w.copies(call, fn)
	w.specifies(call, fn)
	w.builds(call, fn)
	w.models(call, fn)
}

// naming is how a library names the table of a type.
type naming uint8

const (
	byBinding naming = iota // only where it is told
	bySnake                 // order_item
	byPlural                // order_items
)

// ormPaths begin the import paths of libraries that map types to tables.
var ormPaths = []struct {
	prefix string
	naming naming
}{
	{"gorm.io/gorm", byPlural}, {"github.com/jinzhu/gorm", byPlural}, {"github.com/uptrace/bun", byPlural},
	{"github.com/go-pg/pg", byPlural}, {"github.com/gobuffalo/pop", byPlural}, {"xorm.io/xorm", bySnake},
	{"github.com/go-xorm/xorm", bySnake}, {"github.com/beego/beego", bySnake}, {"github.com/astaxie/beego/orm", bySnake},
	{"github.com/letsencrypt/borp", byBinding}, {"github.com/go-gorp/gorp", byBinding}, {"gopkg.in/gorp", byBinding},
	{"go.mongodb.org/mongo-driver", byBinding}, {"gopkg.in/mgo", byBinding}, {"github.com/upper/db", byBinding},
}

func ormOf(path string) (naming, bool) {
	for _, o := range ormPaths {
		if strings.HasPrefix(path, o.prefix) {
			return o.naming, true
		}
	}
	return byBinding, false
}

// modelVerbs are the names that such libraries give methods which reach a table.
var modelVerbs = map[string]Verb{
	"Create": Writes, "CreateInBatches": Writes, "Save": Writes, "Update": Writes, "Updates": Writes, "UpdateColumn": Writes,
	"UpdateColumns": Writes, "Delete": Writes, "FirstOrCreate": Writes, "Insert": Writes, "InsertOne": Writes, "InsertMulti": Writes,
	"InsertMany": Writes, "Upsert": Writes, "UpsertId": Writes, "Replace": Writes, "ReplaceOne": Writes, "UpdateOne": Writes,
	"UpdateMany": Writes, "UpdateByID": Writes, "UpdateId": Writes, "UpdateAll": Writes, "DeleteOne": Writes, "DeleteMany": Writes,
	"FindOneAndUpdate": Writes, "FindOneAndReplace": Writes, "FindOneAndDelete": Writes, "BulkWrite": Writes, "Remove": Writes,
	"RemoveAll": Writes, "RemoveId": Writes, "Destroy": Writes, "Truncate": Writes, "Unscoped": Reads,
	"First": Reads, "Find": Reads, "FindId": Reads, "FindOne": Reads, "FindAndCount": Reads, "FindInBatches": Reads, "Take": Reads,
	"Last": Reads, "Scan": Reads, "ScanAndCount": Reads, "Pluck": Reads, "Count": Reads, "CountDocuments": Reads, "Get": Reads,
	"Exist": Reads, "Exists": Reads, "Has": Reads, "Iterate": Reads, "Rows": Reads, "Row": Reads, "Sum": Reads, "SumInt": Reads,
	"Sums": Reads, "SumsInt": Reads, "Select": Reads, "SelectOne": Reads, "SelectOrInsert": Writes, "All": Reads, "One": Reads,
	"Aggregate": Reads, "Distinct": Reads, "EstimatedDocumentCount": Reads, "Query": Reads, "QueryString": Reads, "Exec": Writes,
	"Watch": Reads, "QueryTable": Reads, "Read": Reads, "Load": Reads,
	"AutoMigrate": Defines, "Sync": Defines, "Sync2": Defines, "CreateTable": Defines, "CreateTables": Defines, "DropTable": Defines,
	"DropTables": Defines, "HasTable": Defines, "CreateIndexes": Defines, "CreateUniques": Defines, "Drop": Defines,
}

// chainVerbs are what bun's NewInsert and the like make of the whole chain.
var chainVerbs = map[string]Verb{
	"NewInsert": Writes, "NewUpdate": Writes, "NewDelete": Writes, "NewMerge": Writes, "NewTruncateTable": Writes, "NewSelect": Reads,
	"NewValues": Reads, "NewCreateTable": Defines, "NewDropTable": Defines, "NewCreateIndex": Defines, "NewAddColumn": Defines,
}

// models notes what a call does to the tables that types of the module stand
// for, or that its chain names.
func (w *walker) models(call *ast.CallExpr, fn *types.Func) {
	names, ok := w.x.db.orm(fn)
	if !ok {
		return
	}
	if fn.Name() == "AddTableWithName" || fn.Name() == "AddTableWithNameAndSchema" {
		w.bind(call)
		return
	}
	if fn.Name() == "Collection" || fn.Name() == "C" && strings.Contains(fn.Pkg().Path(), "mgo") {
		w.collection(call)
		return
	}
	verb, ok := modelVerbs[fn.Name()]
	if !ok {
		return
	}
	c := &ormChain{w: w, names: names}
	c.follow(call, 0)
	if c.has {
		verb = c.verb
	}
	if len(c.found) == 0 && !c.raw && !fills(fn.Name(), names) {
		for _, arg := range call.Args {
			c.model(arg)
		}
	}
	for _, a := range c.found {
		a.Verb = verb
		a.Given = c.given
		w.touch(a, call.Pos())
	}
	for _, a := range c.joined {
		a.Given = c.given
		w.touch(a, call.Pos())
	}
}

// ormChain is what is known of a call from the calls before it: db.Model(&X{}).
// Where(...).Find(&list), also where parts are in local variables.
type ormChain struct {
	w      *walker
	names  naming
	found  []Access
	joined []Access // read, whatever is done to those found
	verb   Verb
	has    bool // whether the chain says the verb
	given  bool
	raw    bool // the chain has SQL of its own
}

// fills reports whether a method's argument is only where rows go.
func fills(name string, names naming) bool {
	return name == "Scan" || names == byBinding && strings.HasPrefix(name, "Select")
}

// follow looks at the calls that e is made of.
func (c *ormChain) follow(e ast.Expr, depth int) {
	const maxDepth = 40
	if depth > maxDepth {
		return
	}
	switch t := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		if depth > 0 {
			c.w.inner[t] = true
			c.part(t)
		}
		if sel, ok := ast.Unparen(t.Fun).(*ast.SelectorExpr); ok {
			c.follow(sel.X, depth+1)
		}
	case *ast.Ident:
		obj := c.w.info.Uses[t]
		if c.w.given[obj] {
			c.given = true
			return
		}
		for _, v := range c.w.locals[obj] {
			if v = ast.Unparen(v); c.w.info.TypeOf(v) != nil && !c.uses(v, obj) {
				c.follow(v, max(depth+1, maxDepth/2))
			}
		}
	default:
		c.given = c.given || c.w.isGiven(e)
	}
}

// uses reports whether a chain begins with the variable: q = q.Where(...).
func (c *ormChain) uses(e ast.Expr, obj types.Object) bool {
	for {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			break
		}
		c.part(call)
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return false
		}
		e = sel.X
	}
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && c.w.info.Uses[id] == obj
}

// part notes what one call of a chain says.
func (c *ormChain) part(call *ast.CallExpr) {
	fn := c.w.callee(call)
	if fn == nil {
		return
	}
	if v, ok := chainVerbs[fn.Name()]; ok {
		c.verb, c.has = v, true
	}
	switch fn.Name() {
	case "Raw", "SQL", "NewRaw":
		c.raw = true
	case "Table", "TableExpr", "ModelTableExpr", "Collection", "C", "Model", "QueryTable":
		for _, arg := range call.Args {
			c.target(arg)
		}
	case "Join":
		if len(call.Args) > 1 {
			c.join(call.Args[1])
		}
	case "Joins", "InnerJoins":
		if len(call.Args) > 0 {
			c.joins(call.Args[0])
		}
	}
}

// target notes a table or model.
func (c *ormChain) target(arg ast.Expr) {
	if s, ok := c.w.constString(arg); ok {
		if name, _, _ := strings.Cut(s, " "); isTableName(name) {
			c.add(Access{Table: cleanTable(name)})
		}
		return
	}
	c.model(arg)
}

func (c *ormChain) add(a Access) {
	if !slices.Contains(c.found, a) {
		c.found = append(c.found, a)
	}
}

func (c *ormChain) join(arg ast.Expr) {
	if s, ok := c.w.constString(arg); ok {
		if name, _, _ := strings.Cut(s, " "); isTableName(name) {
			c.joined = append(c.joined, Access{Table: cleanTable(name)})
		}
		return
	}
	if a, ok := c.w.x.db.modelOf(c.w.info.TypeOf(arg), c.names); ok {
		c.joined = append(c.joined, a)
	}
}

// joins notes the tables in "LEFT JOIN x ON ...".
func (c *ormChain) joins(arg ast.Expr) {
	s, ok := c.w.constString(arg)
	if !ok {
		return
	}
	for _, u := range parseSQL("SELECT * FROM ? " + strings.ReplaceAll(s, " join ", " JOIN ")) {
		c.joined = append(c.joined, Access{Table: u.table})
	}
}

// model notes the table of the type of e.
func (c *ormChain) model(e ast.Expr) {
	if a, ok := c.w.x.db.modelOf(c.w.info.TypeOf(e), c.names); ok {
		c.add(a)
	}
}

// collection notes a collection of documents that is kept: whoever has it may
// do anything.
func (w *walker) collection(call *ast.CallExpr) {
	if w.inner[call] || w.kept[call] || len(call.Args) == 0 {
		return
	}
	if s, ok := w.constString(call.Args[0]); ok && isTableName(s) {
		w.touch(Access{Table: cleanTable(s), Verb: Writes, Given: w.isGiven(call.Fun)}, call.Pos())
	}
}

// bind notes that a library is told the table of a type.
func (w *walker) bind(call *ast.CallExpr) {
	if len(call.Args) < 2 {
		return
	}
	name, ok := w.constString(call.Args[len(call.Args)-1])
	named := namedOf(w.info.TypeOf(call.Args[0]))
	if !ok || named == nil || w.ownSymbol(named.Obj()).Name == "" {
		return
	}
	w.d.Access = append(w.d.Access, Access{
		Table: cleanTable(name), Model: w.ownSymbol(named.Obj()), Verb: binds, Line: w.x.line(call.Pos()),
	})
}

// named notes a method TableName() that returns a constant.
func (w *walker) named(d *ast.FuncDecl) {
	if d.Name.Name != "TableName" || d.Recv == nil || d.Body == nil || len(d.Body.List) != 1 {
		return
	}
	ret, ok := d.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return
	}
	if s, ok := w.constString(ret.Results[0]); ok && s != "" {
		model := Symbol{w.x.out.Path, w.d.Recv}
		w.d.Access = append(w.d.Access, Access{Table: cleanTable(s), Model: model, Verb: binds, Line: w.d.Line})
	}
}

// orm reports whether fn is a method of a library that maps types to tables, or
// one of the module's that looks the same as such a method: an interface or a
// wrapper around it.
func (d *databases) orm(fn *types.Func) (naming, bool) {
	if n, ok := ormOf(fn.Pkg().Path()); ok {
		return n, true
	}
	recv := fn.Signature().Recv()
	if recv == nil || !d.own(fn.Pkg().Path()) {
		return byBinding, false
	}
	if _, verb := modelVerbs[fn.Name()]; !verb {
		return byBinding, false
	}
	if m, ok := d.mirrors[fn]; ok {
		return m.naming, m.ok
	}
	m := d.mirrored(fn)
	d.mirrors[fn] = m
	return m.naming, m.ok
}

// mirror is whether a method of the module looks like a library's.
type mirror struct {
	naming naming
	ok     bool
}

func (d *databases) mirrored(fn *types.Func) mirror {
	for _, dep := range fn.Pkg().Imports() {
		names, ok := ormOf(dep.Path())
		if !ok {
			continue
		}
		scope := dep.Scope()
		for _, name := range scope.Names() {
			tn, ok := scope.Lookup(name).(*types.TypeName)
			if !ok || !tn.Exported() {
				continue
			}
			obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(tn.Type()), true, nil, fn.Name())
			if m, ok := obj.(*types.Func); ok && sameParams(m.Signature(), fn.Signature()) {
				return mirror{names, true}
			}
		}
	}
	return mirror{}
}

func sameParams(a, b *types.Signature) bool {
	return a.Variadic() == b.Variadic() && types.Identical(a.Params(), b.Params()) && a.Params().Len() > 0
}

// modelOf is the table of a struct type of the module, without the verb.
func (d *databases) modelOf(t types.Type, names naming) (Access, bool) {
	if t == nil {
		return Access{}, false
	}
	named := innerNamed(t)
	if named == nil || named.Obj().Pkg() == nil || !d.own(named.Obj().Pkg().Path()) || !topLevel(named.Obj()) {
		return Access{}, false
	}
	st, ok := named.Underlying().(*types.Struct)
	if !ok || d.isHandle(named) || d.isHandle(types.NewPointer(named)) || hasContext(named) || hasContext(types.NewPointer(named)) {
		return Access{}, false
	}
	a := Access{Model: symbolOf(named.Obj())}
	a.Table = modelPrefix + a.Model.Path + "." + a.Model.Name
	if s := taggedTable(st); s != "" {
		a.Table = cleanTable(s)
		return a, true
	}
	if method(types.NewPointer(named), "TableName") != nil {
		return a, true
	}
	switch names {
	case bySnake:
		a.Table = snake(a.Model.Name)
	case byPlural:
		a.Table = plural(snake(a.Model.Name))
	}
	return a, true
}

// binds is the verb of an Access that only says which table a model has, until
// nameTables has seen it.
const binds = Defines + 1

// modelPrefix begins tables that are known only by their model.
const modelPrefix = "model:"

// taggedTable is the table that a struct tag names: bun's `bun:"table:users"` and
// go-pg's tableName struct{} `pg:"users"`.
func taggedTable(st *types.Struct) string {
	for i := range st.NumFields() {
		tag := reflect.StructTag(st.Tag(i))
		if s, ok := tag.Lookup("bun"); ok {
			for part := range strings.SplitSeq(s, ",") {
				if name, ok := strings.CutPrefix(part, "table:"); ok {
					return name
				}
			}
		}
		if name := st.Field(i).Name(); name == "tableName" || name == "TableName" {
			for _, key := range []string{"pg", "sql"} {
				if s, ok := tag.Lookup(key); ok {
					name, _, _ := strings.Cut(s, ",")
					return name
				}
			}
		}
	}
	return ""
}

// snake writes OrderItemID as order_item_id.
func snake(s string) string {
	var b strings.Builder
	r := []rune(s)
	for i, c := range r {
		if unicode.IsUpper(c) && i > 0 && (unicode.IsLower(r[i-1]) || unicode.IsDigit(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// plural is the usual English plural of the last word.
func plural(s string) string {
	end := func(suffixes ...string) bool {
		return slices.ContainsFunc(suffixes, func(x string) bool { return strings.HasSuffix(s, x) })
	}
	switch {
	case end("person"):
		return strings.TrimSuffix(s, "person") + "people"
	case end("child"):
		return s + "ren"
	case end("information", "equipment", "money", "species", "series", "news", "data", "metadata"):
		return s
	case end("s", "x", "z", "ch", "sh"):
		return s + "es"
	case end("y") && len(s) > 1 && !strings.ContainsRune("aeiou", rune(s[len(s)-2])):
		return s[:len(s)-1] + "ies"
	}
	return s + "s"
}

// copies notes pgx's CopyFrom(ctx, pgx.Identifier{"table"}, ...).
func (w *walker) copies(call *ast.CallExpr, fn *types.Func) {
	if fn.Name() != "CopyFrom" || len(call.Args) < 2 {
		return
	}
	lit, ok := ast.Unparen(call.Args[1]).(*ast.CompositeLit)
	if !ok || len(lit.Elts) == 0 {
		return
	}
	if s, ok := w.constString(lit.Elts[len(lit.Elts)-1]); ok && isTableName(s) {
		w.touch(Access{Table: cleanTable(s), Verb: Writes, Given: w.isGiven(call.Fun)}, call.Pos())
	}
}

// specifies notes the specifications that ent's generated code makes.
func (w *walker) specifies(call *ast.CallExpr, fn *types.Func) {
	if fn.Pkg().Path() != "entgo.io/ent/dialect/sql/sqlgraph" || len(call.Args) == 0 {
		return
	}
	verb := Writes
	switch fn.Name() {
	case "NewQuerySpec":
		verb = Reads
	case "NewCreateSpec", "NewUpdateSpec", "NewDeleteSpec":
	default:
		return
	}
	if s, ok := w.constString(call.Args[0]); ok {
		w.touch(Access{Table: cleanTable(s), Verb: verb}, call.Pos())
	}
}

// builderVerbs are the names that SQL builders give what takes a table's name.
var builderVerbs = map[string]Verb{
	"From": Reads, "Join": Reads, "LeftJoin": Reads, "RightJoin": Reads, "InnerJoin": Reads, "FullJoin": Reads, "CrossJoin": Reads,
	"Insert": Writes, "InsertInto": Writes, "Into": Writes, "Update": Writes, "Delete": Writes, "DeleteFrom": Writes, "Replace": Writes,
	"ReplaceInto": Writes,
}

// builds notes the tables that are named to an SQL builder: a library whose
// values have a method that makes SQL of them.
func (w *walker) builds(call *ast.CallExpr, fn *types.Func) {
	verb, ok := builderVerbs[fn.Name()]
	if !ok || w.x.own(fn.Pkg().Path()) || len(call.Args) == 0 || !buildsSQL(w.info.TypeOf(call)) {
		return
	}
	at := 0
	if fn.Name() == "Join" && len(call.Args) > 1 {
		if s, ok := w.constString(call.Args[0]); ok && strings.ToUpper(s) == s {
			at = 1 // Join("INNER", "table", ...)
		}
	}
	s, ok := w.constString(call.Args[at])
	if !ok {
		return
	}
	name, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	if !isTableName(name) {
		return
	}
	if fn.Name() == "From" && w.chained(call, "Delete") {
		verb = Writes
	}
	w.touch(Access{Table: cleanTable(name), Verb: verb}, call.Pos())
}

// chained reports whether a chain has a call of that name before call.
func (w *walker) chained(call *ast.CallExpr, name string) bool {
	const maxChain = 20
	for range maxChain {
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return false
		}
		if call, ok = ast.Unparen(sel.X).(*ast.CallExpr); !ok {
			return false
		}
		if fn := w.callee(call); fn != nil && fn.Name() == name {
			return true
		}
	}
	return false
}

// buildsSQL reports whether t has a method that returns SQL.
func buildsSQL(t types.Type) bool {
	if t == nil || namedOf(t) == nil {
		return false
	}
	fn := firstMethod(t, "ToSql", "ToSQL", "Build", "BuildSQL")
	return fn != nil && (fn.Signature().Results().Len() > 0 && isString(fn.Signature().Results().At(0).Type()) ||
		fn.Name() == "Build" && fn.Signature().Params().Len() == 2)
}

// nameTables gives models the tables that a TableName method or a binding in any
// package gives them, and drops the bindings, which do nothing to a table. A
// model that libraries name differently has the shorter name everywhere.
func (p *Program) nameTables() {
	bound, names := map[Symbol]string{}, map[Symbol]string{}
	p.eachAccess(func(list []Access) []Access {
		for _, a := range list {
			switch old := names[a.Model]; {
			case a.Model.Name == "":
			case a.Verb == binds && bound[a.Model] == "":
				bound[a.Model] = a.Table
			case a.Verb != binds && (old == "" || len(a.Table) < len(old)):
				names[a.Model] = a.Table
			}
		}
		return list
	})
	for model, table := range bound {
		names[model] = table
	}
	p.eachAccess(func(list []Access) []Access {
		for i, a := range list {
			if a.Model.Name != "" {
				list[i].Table = names[a.Model]
			}
		}
		return slices.DeleteFunc(list, func(a Access) bool { return a.Verb == binds })
	})
}

func (p *Program) eachAccess(do func([]Access) []Access) {
	for _, pkg := range p.Packages {
		for i := range pkg.Decls {
			if d := &pkg.Decls[i]; len(d.Access) > 0 {
				d.Access = do(d.Access)
			}
		}
	}
}
