package local

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/internal/ident"
	"github.com/hemilith/hemilith/layout"
)

// The environment of a service; package hemilith documents it.
const (
	envService = "HEMILITH_SERVICE"
	envListen  = "HEMILITH_LISTEN"
	envPeers   = "HEMILITH_PEERS"
	envCert    = "HEMILITH_CERT"
	envKey     = "HEMILITH_KEY"
	envCA      = "HEMILITH_CA"
	envMode    = "HEMILITH_MODE"
)

// Monolith is the name under which a program without a layout runs.
const Monolith = "monolith"

// Process is one process as it would be started.
type Process struct {
	// Service is the service's name, or [Monolith].
	Service string `json:"service"`
	// Components and Roles are what it hosts.
	Components []string `json:"components,omitempty"`
	Roles      []string `json:"roles,omitempty"`
	// Addr is the host:port where it serves components, "" if it has none.
	Addr string `json:"addr,omitempty"`
	// Env is what is added to the environment.
	Env []string `json:"env"`
}

// Plan says what a layout runs as on this machine: the processes and what tells
// each of them who it is. Seed chooses where the search for free ports begins;
// certs is the directory of certificates; names keeps those services only.
func Plan(l layout.Layout, seed, certs string, names ...string) ([]Process, error) {
	return plan(l, seed, certs, free, names)
}

// plan is Plan, told which addresses are free.
func plan(l layout.Layout, seed, certs string, free func(addr string) bool, names []string) ([]Process, error) {
	if len(l.Services) == 0 {
		return only([]Process{{Service: Monolith}}, names)
	}
	addrs, err := addresses(l, seed, free, names)
	if err != nil {
		return nil, err
	}
	processes := make([]Process, 0, len(l.Services))
	for _, s := range l.Services {
		p := Process{Service: s.Name, Components: s.Components, Roles: s.Roles, Addr: addrs[s.Name]}
		var peers []string
		for _, other := range l.Services {
			if addr := addrs[other.Name]; addr != "" && other.Name != s.Name {
				peers = append(peers, other.Name+"="+addr)
			}
		}
		files := filesOf(certs, s.Name)
		p.Env = []string{
			envService + "=" + s.Name, envPeers + "=" + strings.Join(peers, ","),
			envCert + "=" + files.Cert, envKey + "=" + files.Key, envCA + "=" + files.CA,
		}
		if p.Addr != "" {
			p.Env = append(p.Env, envListen+"="+p.Addr)
		}
		processes = append(processes, p)
	}
	return only(processes, names)
}

// addresses gives each service that hosts components an address. It need not be
// free for those that are not among names.
func addresses(l layout.Layout, seed string, free func(addr string) bool, names []string) (map[string]string, error) {
	var serving []string
	var ours []bool
	for _, s := range l.Services {
		if len(s.Components) > 0 {
			serving = append(serving, s.Name)
			ours = append(ours, len(names) == 0 || slices.Contains(names, s.Name))
		}
	}
	found, err := freeAddrs(seed, free, ours)
	if err != nil {
		return nil, err
	}
	addrs := make(map[string]string, len(serving))
	for i, name := range serving {
		addrs[name] = found[i]
	}
	return addrs, nil
}

// only keeps the named processes; none means all.
func only(all []Process, names []string) ([]Process, error) {
	if len(names) == 0 {
		return all, nil
	}
	var kept []Process
	for _, name := range names {
		i := slices.IndexFunc(all, func(p Process) bool { return p.Service == name })
		if i < 0 {
			var known []string
			for _, p := range all {
				known = append(known, p.Service)
			}
			return nil, fmt.Errorf("no service %q in the layout: there are %s", name, strings.Join(known, ", "))
		}
		kept = append(kept, all[i])
	}
	return kept, nil
}

// environ is the environment of p: base without what would make it another
// service, and what p adds. A collector that runs less often pays on machines
// of developers, who have memory to spare.
func environ(base []string, p Process) []string {
	ours := []string{envService, envListen, envPeers, envCert, envKey, envCA, envMode}
	env := slices.DeleteFunc(slices.Clone(base), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(ours, name)
	})
	if !slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "GOGC=") }) {
		env = append(env, "GOGC=400")
	}
	return append(env, p.Env...)
}

// filesOf says where [ident.CA.Write] puts the files of a service.
func filesOf(dir, service string) ident.Files {
	return ident.Files{
		Cert: filepath.Join(dir, service+".pem"),
		Key:  filepath.Join(dir, service+".key"),
		CA:   filepath.Join(dir, "ca.pem"),
	}
}
