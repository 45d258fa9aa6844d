package build

import (
	"os"
	"strings"
	"sync"
)

// maxArchive bounds the compiled package that is read.
const maxArchive = 1 << 30

// program is all that a test binary is linked from.
type program struct {
	members []member
	byPath  map[string]int32 // the member that is the compiler's, by package path
	named   map[string]spot
	size    uint32 // definitions in all
}

// member is an object file in a program.
type member struct {
	*object
	first    uint32  // number of its first definition
	packages []int32 // members that its references to packages mean, -1 for none
	differs  bool    // from the other side's
	std      bool    // of the standard library
	native   string  // hash of its package, if that has code of another compiler
}

// spot is a definition in a program.
type spot struct {
	m int32
	i uint32
}

// parsed is an archive that was read.
type parsed struct {
	objects []*object
	native  bool
	err     error
}

// archives reads each file once: most packages are in all test binaries, and
// the same on both sides. It is safe for concurrent use.
type archives struct {
	mu   sync.Mutex
	read map[string]parsed // bounded by what the two sides are linked from
}

func (a *archives) get(path, file string) parsed {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := path + "\x00" + file
	p, ok := a.read[key]
	if !ok {
		p = parseArchive(path, file)
		if a.read == nil {
			a.read = make(map[string]parsed)
		}
		a.read[key] = p
	}
	return p
}

func parseArchive(path, file string) parsed {
	info, err := os.Stat(file)
	if err != nil {
		return parsed{err: err}
	}
	if info.Size() > maxArchive {
		return parsed{err: errObject}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return parsed{err: err}
	}
	objects, native, err := archiveObjects(path, data)
	return parsed{objects, native, err}
}

// packagePath is the path in symbols of a package that go list names so.
func packagePath(name string) string {
	name, _, test := strings.Cut(name, " [")
	if !test && strings.HasSuffix(name, ".test") {
		return "main"
	}
	return name
}

// program puts together what a unit is linked from.
func (a *archives) program(u, other *unit) (*program, error) {
	p := &program{byPath: make(map[string]int32), named: make(map[string]spot)}
	for _, name := range sortedKeys(u.archives) {
		path := packagePath(name)
		archive := u.archives[name]
		r := a.get(path, archive.file)
		if r.err != nil {
			return nil, r.err
		}
		for _, o := range r.objects {
			m := member{object: o, first: p.size, std: archive.std, differs: archive.id != other.archives[name].id}
			if r.native {
				m.native = archive.id
			}
			if _, known := p.byPath[path]; !known && o.counts[0] > 0 {
				p.byPath[path] = int32(len(p.members))
			}
			p.size += o.symbols()
			p.members = append(p.members, m)
		}
	}
	for i := range p.members {
		p.join(int32(i))
	}
	return p, nil
}

// join makes a member's names and packages known.
func (p *program) join(i int32) {
	m := &p.members[i]
	for _, path := range m.object.packages {
		to, ok := p.byPath[path]
		if !ok {
			to = -1
		}
		m.packages = append(m.packages, to)
	}
	for n, name := range m.namedDefs() {
		if _, known := p.named[name]; !known {
			p.named[name] = spot{i, m.symbols() - m.counts[3] + uint32(n)}
		}
	}
}

// symbol finds a symbol by name: one that can be named from everywhere, or of
// the package.
func (p *program) symbol(path, name string) (spot, bool) {
	if s, ok := p.named[name]; ok {
		return s, true
	}
	m, ok := p.byPath[path]
	if !ok {
		return spot{}, false
	}
	o := p.members[m].object
	for i := range o.counts[0] {
		if o.name(i) == name {
			return spot{m, i}, true
		}
	}
	return spot{}, false
}

// target finds the definition that a reference in a member means.
func (p *program) target(from int32, r ref) (spot, bool) {
	if r == (ref{}) || r.pkg == refBuiltin {
		return spot{}, false // the runtime's, which refers to nothing of ours
	}
	m := &p.members[from]
	if int64(r.pkg) < int64(len(m.packages)) {
		to := m.packages[r.pkg]
		if to < 0 || r.sym >= p.members[to].counts[0] {
			return spot{}, false
		}
		return spot{to, r.sym}, true
	}
	i, ok := m.find(r)
	if !ok {
		return spot{}, false
	}
	if r.pkg == refNone {
		if s, ok := p.named[m.name(i)]; ok {
			return s, true
		}
	}
	return spot{from, i}, i < m.symbols()
}

// identity is what a symbol is called on either side. Those that the compiler
// only numbers have none.
func (p *program) identity(s spot) string {
	o := p.members[s.m].object
	if s.i >= o.counts[0] && s.i < o.counts[0]+o.counts[1]+o.counts[2] {
		return ""
	}
	name := o.name(s.i)
	if strings.Contains(name, "..stmp_") {
		return ""
	}
	return name
}
