package build

import "context"

// Trees makes the source trees alone, of a repository in any language: Packages is
// empty, and Toolchain is "". Patterns and Flags are not used. Close must be called
// on what it returns.
func Trees(ctx context.Context, o Options) (*Build, error) {
	g, err := o.ground(ctx)
	if err != nil {
		return nil, err
	}
	return g.trees(ctx, o)
}

// Differ reports whether any file of the two sides does.
func (b *Build) Differ() bool { return b.Base.tree != b.Head.tree }

// Dirs are the directories of the two trees in which the user stands.
func (b *Build) Dirs() (base, head string) { return b.sides[0].dir, b.sides[1].dir }

// Env is what commands in the trees are to have in their environment, base first:
// no go.work of a directory above, and no git repository around the trees, which
// are none.
func (b *Build) Env() (base, head []string) {
	env := func(s *side) []string {
		return append(s.env[:len(s.env):len(s.env)], "GIT_CEILING_DIRECTORIES="+b.room.dir)
	}
	return env(b.sides[0]), env(b.sides[1])
}
