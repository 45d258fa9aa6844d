package model

import "github.com/hemilith/hemilith/tool/seam/search"

// Files tells, by file relative to the module, how many lines of declarations
// are in half A alone and in half B alone under a cut. Generated files are left
// out.
func (m *Model) Files(cut search.Cut) map[string][2]float64 {
	l := m.assign(cut)
	files := map[string][2]float64{}
	for n := range int32(len(m.nodes)) {
		nd := &m.nodes[n]
		if nd.lit || m.generated(n) {
			continue
		}
		lines := files[m.file(n)]
		switch l.in[n] {
		case inA:
			lines[search.A] += float64(nd.decl.Lines)
		case inB:
			lines[search.B] += float64(nd.decl.Lines)
		}
		files[m.file(n)] = lines
	}
	return files
}
