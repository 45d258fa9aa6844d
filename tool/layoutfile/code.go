package layoutfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Def is a component or a role as the code defines it.
type Def struct {
	// Name is the constant given to Bind or Role.
	Name string
	// Pos is the call, "dir/file.go:12", relative to the module.
	Pos string
}

// Code is what a program defines.
type Code struct {
	// Components are the calls of Bind, Roles those of Role.
	Components, Roles []Def
}

// Check compares the layout with the code: each component and each role is in
// a service, and nothing is hosted or configured that the code does not define.
// The error is [Errors]. Without services
// there is nothing to compare.
func (f *File) Check(code Code) error {
	if len(f.Layout.Services) == 0 {
		return nil
	}
	var errs Errors
	errs = append(errs, f.compare(component, "hemilith.Bind", code.Components)...)
	errs = append(errs, f.compare(role, "hemilith.Role", code.Roles)...)
	known := names(code.Components)
	for name, line := range f.bounds {
		if !slices.Contains(known, name) {
			errs = append(errs, Error{f.Name, line, fmt.Sprintf(
				"boundary %q is of no component: hemilith.Bind defines it nowhere: %s", name, suggest(name, known))})
		}
	}
	return errs.orNil()
}

func (f *File) compare(k kind, call string, defs []Def) Errors {
	var errs Errors
	known := names(defs)
	for name, p := range f.hosted[k] {
		if !slices.Contains(known, name) {
			errs = append(errs, Error{f.Name, p.line, fmt.Sprintf(
				"%s %q is in service %q, and %s defines it nowhere: %s", k, name, p.service, call, suggest(name, known))})
		}
	}
	for _, d := range defs {
		if _, ok := f.hosted[k][d.Name]; !ok {
			file, line := split(d.Pos)
			errs = append(errs, Error{file, line, fmt.Sprintf(
				"%s %q is in no service: add it to the %ss of one in %s", k, d.Name, k, f.Name)})
		}
	}
	return errs
}

func names(defs []Def) []string {
	all := make([]string, len(defs))
	for i, d := range defs {
		all[i] = d.Name
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// split cuts "file:line".
func split(pos string) (string, int) {
	i := strings.LastIndexByte(pos, ':')
	line, err := strconv.Atoi(pos[i+1:])
	if i < 0 || err != nil {
		return pos, 1
	}
	return pos[:i], line
}
