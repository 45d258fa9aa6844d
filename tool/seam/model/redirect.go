package model

import (
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// stub is what is generated for one RPC service: the interfaces of its clients
// and of its servers, and the variable that describes it.
type stub struct {
	client, server, desc facts.Symbol
}

// findStubs finds XClient, XServer and X_ServiceDesc in the module's generated
// code, by the names that protoc-gen-go-grpc and its relatives give.
func findStubs(p *facts.Program) []stub {
	var found []stub
	for _, pkg := range p.Packages {
		servers := map[string]bool{}
		for i := range pkg.Decls {
			d := &pkg.Decls[i]
			if x, ok := strings.CutSuffix(d.Name, "Server"); ok && d.Interface && generated(pkg, d) {
				servers[x] = true
			}
		}
		for i := range pkg.Decls {
			d := &pkg.Decls[i]
			if x, ok := strings.CutSuffix(d.Name, "Client"); ok && d.Interface && servers[x] {
				found = append(found, stub{facts.Symbol{Path: pkg.Path, Name: d.Name}, facts.Symbol{Path: pkg.Path, Name: x + "Server"}, facts.Symbol{Path: pkg.Path, Name: x + "_ServiceDesc"}})
			}
		}
	}
	return found
}

func generated(p *facts.Package, d *facts.Decl) bool {
	return d.File < len(p.Files) && p.Files[d.File].Generated
}

// stub hashes the names of a stub.
func (b *blinder) stub(s stub) stub {
	return stub{b.symbol(s.client), b.symbol(s.server), b.symbol(s.desc)}
}

// servers are the implementers of a generated server interface, outside of its
// package.
func (g *graph) servers(s stub) []int32 {
	server, ok := g.byName[s.server]
	if !ok || g.ifaces[server] == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(g.ifaces[server].impls), func(t int32) bool { return g.nodes[t].pkg == g.nodes[server].pkg })
}

// described are the servers that a declaration registers by the variable that
// describes their service, through code of the module's own: which value is
// registered is not seen, so all implementers are meant.
func (g *graph) described(stubs []stub, d *dispatch) []entry {
	var found []entry
	for _, s := range stubs {
		desc, ok := g.byName[s.desc]
		server, ok2 := g.byName[s.server]
		if !ok || !ok2 || g.ifaces[server] == nil {
			continue
		}
		for _, i := range g.in[desc] {
			e := &g.edges[i]
			if g.nodes[e.from].pkg == g.nodes[desc].pkg {
				continue
			}
			for _, t := range g.servers(s) {
				for _, m := range g.ifaces[server].methods {
					for _, fn := range d.answers([]int32{t}, m.Name) {
						if g.nodes[fn].pkg == g.nodes[t].pkg && g.nodes[fn].decl.Exported {
							found = append(found, entry{node: fn, kind: facts.EntryRPC, at: e.from, line: e.line, typ: t})
						}
					}
				}
			}
		}
	}
	return found
}

// redirect finds who serves each client: the implementers of the server's
// interface outside of its generated code, and for clients that other modules
// generate, the types that are registered as their servers.
func (d *dispatch) redirect(g *graph, stubs []stub) {
	d.servers, d.foreign = map[int32][]int32{}, map[string][]int32{}
	for _, s := range stubs {
		if client, ok := g.byName[s.client]; ok {
			g.remote[client] = true
			g.pkgs[g.nodes[client].pkg].stubs = true
			if f := g.ifaces[client]; f != nil {
				for _, t := range f.impls {
					g.remote[t] = true
				}
			}
			if d.redirects {
				d.servers[client] = g.servers(s)
			}
		}
	}
	if !d.redirects {
		return
	}
	for n := range g.nodes {
		for _, e := range g.nodes[n].decl.Entries {
			path, name, ok := cutLast(e.Foreign)
			x, ok2 := strings.CutPrefix(name, "Register")
			x, ok3 := strings.CutSuffix(x, "Server")
			if !ok || !ok2 || !ok3 || e.Kind != facts.EntryRPC {
				continue
			}
			for _, t := range g.concrete(e.Type) {
				key := path + "." + x + "Client"
				if !slices.Contains(d.foreign[key], t) {
					d.foreign[key] = append(d.foreign[key], t)
				}
			}
		}
	}
}

// served are the methods that answer a call of a generated client, if calls are
// redirected and the module has its server.
func (d *dispatch) served(client int32, method string) []int32 {
	if types := d.servers[client]; len(types) > 0 {
		return d.answers(types, method)
	}
	return nil
}

// linkStubs makes edges of calls of clients that other modules generate.
func (g *graph) linkStubs(from int32, d *dispatch, seen map[edgeKey]int) {
	if len(d.foreign) == 0 {
		return
	}
	for _, f := range g.nodes[from].decl.Foreign {
		client, method, ok := cutLast(f.Name)
		if !ok || !f.Iface {
			continue
		}
		for _, to := range d.answers(d.foreign[f.Path+"."+client], d.method(method)) {
			g.add(seen, edge{from: from, to: to, via: -1, line: int32(f.Line), count: 1, fan: 1, kind: facts.Call, tx: f.Tx, spawn: f.Go})
		}
	}
}
