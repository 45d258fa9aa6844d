package model

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// large is a program of packages, each of 100 functions of 10 lines.
func large(packages int) *facts.Program {
	const perPackage, refs = 100, 10
	rng := rand.New(rand.NewPCG(1, 2))
	p := module()
	main := fn("main")
	for i := range packages {
		path := fmt.Sprintf("p%d", i)
		decls := []facts.Decl{typ("I", isInterface, methods("Do")), typ("T", methods("Do")), fn("T.Do", foreign("os", "ReadFile"), trait(facts.Guards)), val("v")}
		for j := range perPackage {
			f := fn(fmt.Sprintf("F%d", j))
			for range refs {
				to := i
				if rng.IntN(4) == 0 {
					to = rng.IntN(packages)
				}
				call(fmt.Sprintf("p%d.F%d", to, rng.IntN(perPackage)))(&f)
			}
			switch rng.IntN(10) {
			case 0:
				ref(facts.IfaceCall, path+".I.Do", func(r *facts.Ref) { r.On = facts.Place("m/" + path + ".F#0") })(&f)
			case 1:
				ref(facts.Write, path+".v")(&f)
			case 2:
				access(facts.Writes, fmt.Sprintf("t%d", rng.IntN(100)), false)(&f)
			}
			f.Flows = append(f.Flows, facts.Flow{To: facts.Place("m/" + path + ".F#0"), Type: sym(path + ".T")})
			decls = append(decls, f)
		}
		p.Packages = append(p.Packages, pkg(path, decls...))
		main.Entries = append(main.Entries, handler("/x", path+".F0"))
	}
	p.Packages = append(p.Packages, pkg("main", main))
	return own(p)
}

// BenchmarkLink links about a million lines.
func BenchmarkLink(b *testing.B) {
	p := large(1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Link(p, Config{}); err != nil {
			b.Fatal(err)
		}
	}
}
