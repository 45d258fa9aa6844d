package carry

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/layout"
)

// checkService reports whether the service that e names is in l.
func checkService(e Env, l layout.Layout) error {
	if e.Service == "" {
		return nil
	}
	if len(l.Services) == 0 {
		return fmt.Errorf("hemilith: %s=%s, but no layout is compiled in: write hemilith.yaml, run hemilith gen and build again",
			EnvService, e.Service)
	}
	if l.Version != layout.Version {
		return fmt.Errorf("hemilith: the compiled layout has version %d, and this runtime knows %d: run hemilith gen and build again",
			l.Version, layout.Version)
	}
	if _, ok := serviceOf(l, e.Service); !ok {
		names := make([]string, len(l.Services))
		for i, s := range l.Services {
			names[i] = s.Name
		}
		return fmt.Errorf("hemilith: %s=%.80q is not in the layout: its services are %s", EnvService, e.Service, strings.Join(names, ", "))
	}
	return nil
}

func serviceOf(l layout.Layout, name string) (layout.Service, bool) {
	i := slices.IndexFunc(l.Services, func(s layout.Service) bool { return s.Name == name })
	if i < 0 {
		return layout.Service{}, false
	}
	return l.Services[i], true
}

// hosts reports whether component name is built in this process.
func (p *Process) hosts(name string) bool {
	if p.env.Service == "" {
		return true
	}
	s, _ := serviceOf(p.layout, p.env.Service)
	return slices.Contains(s.Components, name)
}

// runs reports whether role name is run in this process.
func (p *Process) runs(name string) bool {
	if p.env.Service == "" {
		return true
	}
	s, _ := serviceOf(p.layout, p.env.Service)
	return slices.Contains(s.Roles, name)
}

// hostOf returns the service that hosts component name.
func (p *Process) hostOf(name string) (string, error) {
	for _, s := range p.layout.Services {
		if slices.Contains(s.Components, name) {
			return s.Name, nil
		}
	}
	return "", fmt.Errorf("hemilith: component %q is in no service of the compiled layout: add it to hemilith.yaml, run hemilith gen and build again", name)
}
