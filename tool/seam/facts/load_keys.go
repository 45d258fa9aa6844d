package facts

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/source"
)

// sources are this package's own: facts that other code extracted are of no use,
// and nobody has to remember to raise a number.
//
//go:embed *.go
var sources embed.FS

// version tells apart facts by the code that makes them.
func version() sum {
	parts := []string{runtime.Version(), source.Version(), shape(reflect.TypeFor[extracted]())}
	entries, _ := sources.ReadDir(".") // an embedded directory can be read
	for _, e := range entries {
		data, _ := sources.ReadFile(e.Name())
		parts = append(parts, string(data))
	}
	return hash(parts...)
}

// list gets the listing and the sums of the live files: the listing that is kept
// if the go command would say the same again, else a new one.
func (l *loader) list(ctx context.Context) error {
	cfg := source.Config{Dir: l.cfg.Dir, Patterns: l.cfg.Patterns, Env: l.cfg.Env, Tags: l.cfg.Tags}
	var err error
	if l.ground, err = source.Survey(ctx, cfg); err != nil {
		return err
	}
	l.cutter = source.Version()
	l.version = version()
	key := hash("list", l.cutter, l.ground.Settings)
	old := &listed{}
	if data, ok := l.cache.get("list", key); ok && decode(data, old) == nil && old.present(l.ground) {
		l.listing = &old.Listing
		known := &tree{files: old.Files}
		if l.tree, err = readTree(ctx, l.ground, l.listing, known); err != nil {
			return err
		}
		if l.tree.same(known) {
			l.number()
			return nil
		}
	}
	l.cfg.Progress("listing " + l.ground.Module)
	before, err := readTree(ctx, l.ground, &source.Listing{}, &tree{files: old.Files})
	if err != nil {
		return err
	}
	if l.listing, err = l.ground.List(ctx, cfg); err != nil {
		return err
	}
	if l.tree, err = readTree(ctx, l.ground, l.listing, before); err != nil {
		return err
	}
	if l.tree.unlistedCgo(l.listing) {
		if err = l.ground.ListCgo(ctx, cfg, l.listing); err != nil {
			return err
		}
		if l.tree, err = readTree(ctx, l.ground, l.listing, l.tree); err != nil {
			return err
		}
	}
	if l.lasting() && l.tree.within(l.ground.Dir).same(before.within(l.ground.Dir)) { // nobody edited meanwhile
		if data, err := encode(&listed{Listing: *l.listing, Files: l.tree.files}); err == nil {
			l.cache.put("list", key, data)
		}
	}
	l.number()
	return nil
}

// listed is a listing as it is kept, with the files that it was made from.
type listed struct {
	Listing source.Listing
	Files   []fileSum
}

// present reports whether what can't change is still there: the cache of
// downloaded modules may have been emptied.
func (o *listed) present(g *source.Ground) bool {
	seen := map[string]bool{}
	for _, p := range o.Listing.Packages {
		if len(p.Files) == 0 || !g.Fixed(p.Files[0]) {
			continue
		}
		dir := filepath.Dir(p.Files[0])
		if p.Dir != "" {
			dir = p.Dir
		}
		if !seen[dir] {
			seen[dir] = true
			if _, err := os.Stat(dir); err != nil {
				return false
			}
		}
	}
	return true
}

// lasting reports whether a listing may be kept: not if a package of another
// module is missing, as no file of this one changes when it is downloaded.
func (l *loader) lasting() bool {
	return !slices.ContainsFunc(l.listing.Packages, func(p source.Listed) bool {
		return len(p.Files) == 0 && len(p.Errors) > 0 && p.Path != l.ground.Module && !strings.HasPrefix(p.Path, l.ground.Module+"/")
	})
}

func (l *loader) number() {
	index := make(map[string]int, len(l.listing.Packages))
	l.units = make([]*unit, len(l.listing.Packages))
	for i := range l.listing.Packages {
		p := &l.listing.Packages[i]
		index[p.Path] = i
		l.units[i] = &unit{Listed: p, fixed: len(p.Files) > 0 && l.ground.Fixed(p.Files[0])}
	}
	l.index = index
	for _, u := range l.units {
		for _, imp := range u.Imports {
			if i, ok := index[imp.Path]; ok {
				u.imports = append(u.imports, i)
			}
		}
	}
	_, place := source.Order(len(l.units), func(i int) []int { return l.units[i].imports })
	for i, u := range l.units {
		u.imports = slices.DeleteFunc(u.imports, func(j int) bool { return place[j] >= place[i] }) // a cycle is an error, but must not stop us
	}
}

func (l *loader) unit(path string) *unit {
	if i, ok := l.index[path]; ok {
		return l.units[i]
	}
	return nil
}

// sumFaces sums what importers can know of each package. Of one that can change
// that is its interface and the faces of what the interface imports: a Merkle
// tree, in which a function's body has no part. Of one that can't change it is
// where it lies, and the version of Go, which may be replaced in its place.
func (l *loader) sumFaces(ctx context.Context) error {
	return source.InOrder(ctx, len(l.units), func(i int) []int { return l.units[i].imports }, func(i int) {
		u := l.units[i]
		parts := []string{u.Path, u.Name, u.Module, u.GoVersion, fmt.Sprint(u.Own)}
		deps := u.imports
		switch {
		case u.fixed:
			u.content = hash(append([]string{"fixed", l.ground.Platform}, u.Files...)...)
			parts = append(parts, string(u.content))
		case len(u.Files) == 0:
			for _, e := range u.Errors {
				parts = append(parts, e.Error())
			}
		default:
			u.content = l.contentOf(u)
			l.see(u)
			deps = u.needs
			for _, f := range u.visible.Files {
				parts = append(parts, f.Text)
			}
		}
		for _, j := range deps {
			parts = append(parts, l.units[j].Path, string(l.units[j].face))
		}
		u.face = hash(parts...)
	})
}

// contentOf sums the files of a package that can change.
func (l *loader) contentOf(u *unit) sum {
	parts := []string{"live"}
	embeds := false
	for _, name := range u.Files {
		f, _ := l.tree.find(name)
		embeds = embeds || f.Embeds
		parts = append(parts, filepath.Base(name), string(f.Sum))
	}
	if embeds {
		dir := filepath.Dir(u.Files[0]) + string(filepath.Separator)
		for _, f := range l.tree.files {
			if strings.HasSuffix(f.Name, ".sql") && strings.HasPrefix(f.Name, dir) {
				parts = append(parts, f.Name[len(dir):], string(f.Sum))
			}
		}
	}
	return hash(parts...)
}

// see finds the interface of a unit, in the cache or in its files.
func (l *loader) see(u *unit) {
	if u.visible != nil || len(u.Files) == 0 || u.Path == "unsafe" {
		return
	}
	names := map[string]string{}
	parts := []string{"face", l.cutter, string(u.content)}
	for _, j := range u.imports {
		dep := l.units[j]
		parts = append(parts, dep.Path, dep.Name)
	}
	for _, imp := range u.Imports {
		if dep := l.unit(imp.Path); dep != nil {
			names[imp.As] = dep.Name
		}
	}
	key := hash(parts...)
	u.visible = &source.Interface{}
	data, ok := l.cache.get("face", key)
	if !ok || decode(data, u.visible) != nil {
		l.cut(u, key, names)
	}
	for _, imp := range u.Imports {
		if i := l.index[imp.Path]; slices.Contains(u.imports, i) && slices.Contains(u.visible.Imports, imp.As) {
			u.needs = append(u.needs, i)
		}
	}
}

func (l *loader) cut(u *unit, key sum, names map[string]string) {
	changed := false
	in := source.Cut(u.Files, func(name string) ([]byte, error) {
		if u.fixed {
			return os.ReadFile(name)
		}
		src, same, err := l.tree.read(name)
		changed = changed || !same
		return src, err
	}, func(as string) string {
		if name := names[as]; name != "" {
			return name
		}
		return path.Base(as)
	})
	for i, f := range in.Files {
		in.Files[i].Name = filepath.Base(f.Name)
	}
	*u.visible = in
	if data, err := encode(&in); err == nil && !changed {
		l.cache.put("face", key, data)
	}
}

// read returns a file and whether it is as it was when it was summed.
func (t *tree) read(name string) ([]byte, bool, error) {
	src, err := os.ReadFile(name)
	f, _ := t.find(name)
	return src, err == nil && hashOf(src) == f.Sum, err
}

// factsKey sums all that the facts of a package depend on.
func (l *loader) factsKey(u *unit) sum {
	parts := []string{"facts", string(l.version), l.ground.Platform, u.Path, u.Name, u.Module, u.GoVersion,
		relative(l.ground.Dir, u.Files[0]), string(u.content)}
	for _, e := range u.Errors {
		parts = append(parts, e.Error())
	}
	for _, imp := range u.Imports {
		parts = append(parts, imp.As, imp.Path)
		if dep := l.unit(imp.Path); dep != nil {
			parts = append(parts, string(dep.face))
		}
	}
	return hash(parts...)
}

func relative(dir, file string) string {
	rel, err := filepath.Rel(dir, file)
	if err != nil {
		return file
	}
	return filepath.ToSlash(rel)
}
