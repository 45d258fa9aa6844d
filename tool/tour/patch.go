package tour

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// patch is a change of a few text files, as git writes it.
type patch struct {
	files []*gitdiff.File
	// added and deleted count the lines that a person wrote and removed.
	added, deleted int
}

func readPatch(path string) (*patch, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	files, _, err := gitdiff.Parse(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	p := &patch{files: files}
	for _, file := range files {
		if file.IsBinary || file.IsRename || file.IsCopy {
			return nil, fmt.Errorf("%s: %s: only changes of text are carried out", path, name(file))
		}
		for _, t := range file.TextFragments {
			p.added += int(t.LinesAdded)
			p.deleted += int(t.LinesDeleted)
		}
	}
	return p, nil
}

// name is the path of a file that is changed, made or removed.
func name(f *gitdiff.File) string {
	if f.NewName != "" {
		return f.NewName
	}
	return f.OldName
}

// apply changes the files below dir. It computes all of them before it writes
// the first.
func (p *patch) apply(dir string) error {
	after := make(map[string][]byte)
	for _, f := range p.files {
		before, err := os.ReadFile(filepath.Join(dir, name(f)))
		if err != nil && !(f.IsNew && errors.Is(err, fs.ErrNotExist)) {
			return err
		}
		var out bytes.Buffer
		if err := gitdiff.Apply(&out, bytes.NewReader(before), f); err != nil {
			return fmt.Errorf("%s does not apply: %w", name(f), err)
		}
		after[name(f)] = out.Bytes()
	}
	for _, f := range p.files {
		path := filepath.Join(dir, name(f))
		if f.IsDelete {
			if err := os.Remove(path); err != nil {
				return err
			}
			continue
		}
		if err := os.WriteFile(path, after[name(f)], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// reversed is the patch that takes p back.
func (p *patch) reversed() *patch {
	r := &patch{added: p.deleted, deleted: p.added}
	for _, f := range p.files {
		g := *f
		g.OldName, g.NewName = f.NewName, f.OldName
		g.IsNew, g.IsDelete = f.IsDelete, f.IsNew
		g.TextFragments = make([]*gitdiff.TextFragment, len(f.TextFragments))
		for i, t := range f.TextFragments {
			g.TextFragments[i] = reversedFragment(t)
		}
		r.files = append(r.files, &g)
	}
	return r
}

func reversedFragment(t *gitdiff.TextFragment) *gitdiff.TextFragment {
	r := *t
	r.OldPosition, r.NewPosition = t.NewPosition, t.OldPosition
	r.OldLines, r.NewLines = t.NewLines, t.OldLines
	r.LinesAdded, r.LinesDeleted = t.LinesDeleted, t.LinesAdded
	r.Lines = make([]gitdiff.Line, len(t.Lines))
	for i, l := range t.Lines {
		switch l.Op {
		case gitdiff.OpAdd:
			l.Op = gitdiff.OpDelete
		case gitdiff.OpDelete:
			l.Op = gitdiff.OpAdd
		}
		r.Lines[i] = l
	}
	return &r
}
