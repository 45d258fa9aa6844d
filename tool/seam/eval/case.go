package main

import (
	"fmt"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// definition says how the services of a known program are found in a checkout
// of it. Without Roots and Table nothing is known of it.
type definition struct {
	// Name is what the case is called, Module the path of its module, Version what
	// was measured.
	Name, Module, Version string
	// Main is the package of the program that holds all services, relative to the
	// module; empty is the whole module.
	Main string
	// Roots are the services by hand: name and declarations, relative to the module.
	Roots []root
	// Table, if set, is the file with the table of modules that the program's
	// -target chooses from, and Init the type whose methods start them.
	Table, Init string
	// Extra are needs that the table adds under a condition.
	Extra map[string][]string
	// Same are modules that are another mode of a service, not one of its own.
	Same []string
	// Through are types with the parts of every service.
	Through []string
	// Fold joins relatives: cases of one fold share a style, and count as one.
	Fold string
}

type root struct {
	name  string
	decls []string
}

// definitions are the programs that are measured; of the last ones the parts are
// not known.
var definitions = []definition{
	{
		Name: "temporal", Module: "go.temporal.io/server", Version: "v1.29.0", Main: "cmd/server", Fold: "temporal",
		Roots: []root{
			{"frontend", []string{"temporal.genericFrontendServiceProvider"}},
			{"history", []string{"temporal.HistoryServiceProvider"}},
			{"matching", []string{"temporal.MatchingServiceProvider"}},
			{"worker", []string{"temporal.WorkerServiceProvider"}},
		},
		Through: []string{"common/config.Config"},
	},
	{
		Name: "loki", Module: "github.com/grafana/loki/v3", Version: "v3.5.0", Main: "cmd/loki", Fold: "grafana",
		Table: "pkg/loki/loki.go", Init: "pkg/loki.Loki",
		Extra: map[string][]string{
			"Querier": {"QueryLimiter"}, "QueryFrontendTripperware": {"QueryLimiter"}, "QueryLimiter": {"Overrides"},
			"Ingester": {"IngesterGRPCInterceptors"},
		},
		Through: []string{"pkg/loki.Loki", "pkg/loki.Config"},
	},
	{
		Name: "tempo", Module: "github.com/grafana/tempo", Version: "v2.8.0", Main: "cmd/tempo", Fold: "grafana",
		Table: "cmd/tempo/app/modules.go", Init: "cmd/tempo/app.App", Same: []string{"MetricsGeneratorNoLocalBlocks"},
		Through: []string{"cmd/tempo/app.App", "cmd/tempo/app.Config"},
	},
	{
		Name: "boulder", Module: "github.com/letsencrypt/boulder", Version: "2d00c8e2", Main: "cmd/boulder", Fold: "boulder",
		Roots: mains("cmd/",
			"boulder-ca", "boulder-publisher", "boulder-ra", "boulder-sa", "boulder-va", "remoteva", "boulder-wfe2", "sfe",
			"nonce-service", "crl-storer", "crl-updater", "email-exporter", "bad-key-revoker", "boulder-observer", "log-validator"),
	},
	{Name: "gitea", Module: "code.gitea.io/gitea", Version: "v1.25.0", Fold: "gogs"},
	{Name: "gogs", Module: "gogs.io/gogs", Version: "v0.13.3", Fold: "gogs"},
	{Name: "miniflux", Module: "miniflux.app/v2", Version: "v2.2.15", Fold: "miniflux"},
	{Name: "cilium", Module: "github.com/cilium/cilium", Version: "v1.18.0", Fold: "cilium"},
}

// mains are services that are each a main function.
func mains(below string, names ...string) []root {
	var list []root
	for _, name := range names {
		list = append(list, root{strings.TrimPrefix(name, "boulder-"), []string{below + name + ".main"}})
	}
	return list
}

// defined is the definition with a name, or nil.
func defined(name string) *definition {
	for i := range definitions {
		if definitions[i].Name == name {
			return &definitions[i]
		}
	}
	return nil
}

// labelled reports whether the program's services are known.
func (d *definition) labelled() bool { return len(d.Roots) > 0 || d.Table != "" }

// patterns are those that load the program.
func (d *definition) patterns() []string {
	if d.Main == "" {
		return nil
	}
	return []string{"./" + d.Main}
}

// truth finds the services in a program.
func (d *definition) truth(g *program) (*truth, error) {
	list, err := d.list(g)
	if err != nil {
		return nil, err
	}
	if len(list) < 2 || len(list) > maxServices {
		return nil, fmt.Errorf("%s: %d services; need 2 to %d", d.Name, len(list), maxServices)
	}
	var through []int
	for _, name := range d.Through {
		n, err := g.named(name)
		if err != nil {
			return nil, err
		}
		through = append(through, n)
	}
	return findTruth(g, list, through), nil
}

func (d *definition) list(g *program) ([]service, error) {
	roots := d.Roots
	if d.Table != "" {
		var err error
		if roots, err = readTable(g.Dir, d); err != nil {
			return nil, err
		}
	}
	var list []service
	for _, r := range roots {
		s := service{name: r.name}
		for _, name := range r.decls {
			n, err := g.named(name)
			if err != nil {
				return nil, fmt.Errorf("%s: service %s: %w", d.Name, r.name, err)
			}
			s.roots = append(s.roots, n)
		}
		list = append(list, s)
	}
	return list, nil
}

// named finds "relative/path.Name" or "relative/path.Type.Method".
func (g *program) named(name string) (int, error) {
	slash := strings.LastIndexByte(name, '/') + 1
	path, decl, ok := strings.Cut(name[slash:], ".")
	if !ok {
		return 0, fmt.Errorf("%q is no declaration", name)
	}
	n, ok := g.index[facts.Symbol{Path: g.Module + "/" + name[:slash] + path, Name: decl}]
	if !ok {
		return 0, fmt.Errorf("no %s in this checkout; is it the version that the case is for?", name)
	}
	return n, nil
}
