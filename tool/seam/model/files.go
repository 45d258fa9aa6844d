package model

import "github.com/hemilith/hemilith/tool/seam/search"

// Files tells, by file relative to the module, which shares of its declarations'
// lines are in half A alone and in half B alone under a cut, each from 0 to 1.
// Generated files are left out.
func (m *Model) Files(cut search.Cut) map[string][2]float64 {
	l := m.assign(cut)
	files, all := map[string][2]float64{}, map[string]float64{}
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
		all[m.file(n)] += float64(nd.decl.Lines)
	}
	for file, lines := range files {
		whole := max(1, all[file])
		files[file] = [2]float64{lines[search.A] / whole, lines[search.B] / whole}
	}
	return files
}
