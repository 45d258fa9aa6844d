package gen

import (
	"cmp"
	"go/token"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/source"
)

// Refusal is one thing that can't be generated.
type Refusal struct {
	// Pos is "file:line", relative to the module.
	Pos string
	// Text says what is refused, where, and why.
	Text string
	// Fix says what to do.
	Fix string
}

// Refusals is the error of a program that can't be generated: all that is wrong
// with it, sorted by position.
type Refusals []Refusal

// Error returns two lines for each refusal.
func (r Refusals) Error() string {
	var b strings.Builder
	for i, one := range r {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(one.Pos + ": " + one.Text + "\n    fix: " + one.Fix)
	}
	return b.String()
}

// refusals collects.
type refusals struct{ list Refusals }

func (r *refusals) add(prog *source.Program, pos token.Pos, text, fix string) {
	one := Refusal{prog.Position(pos), text, fix}
	if !slices.Contains(r.list, one) {
		r.list = append(r.list, one)
	}
}

func (r *refusals) err() error {
	if len(r.list) == 0 {
		return nil
	}
	slices.SortFunc(r.list, func(a, b Refusal) int {
		af, al, _ := strings.Cut(a.Pos, ":")
		bf, bl, _ := strings.Cut(b.Pos, ":")
		return cmp.Or(cmp.Compare(af, bf), cmp.Compare(len(al), len(bl)), cmp.Compare(al, bl), cmp.Compare(a.Text, b.Text))
	})
	return r.list
}
