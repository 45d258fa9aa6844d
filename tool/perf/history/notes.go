package history

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// maxNote bounds the note of one commit, in bytes.
const maxNote = 16 << 20

// note is a blob of the notes tree. A commit has more than one if clients with
// different ideas of directories have written at once.
type note struct {
	commit, path, blob string
	size               int
}

// notes lists the notes of a commit of the ref, in the order of their paths; of
// "", none. What is no note is left alone.
func (s *Store) notes(ctx context.Context, tip string) ([]note, error) {
	if tip == "" {
		return nil, nil
	}
	out, err := s.git.run(ctx, "", "ls-tree", "-r", "-l", "-z", "--full-tree", tip)
	if err != nil {
		return nil, err
	}
	var all []note
	for entry := range strings.SplitSeq(out, "\x00") {
		about, path, _ := strings.Cut(entry, "\t")
		f := strings.Fields(about) // mode, type, hash, size
		commit := strings.ReplaceAll(path, "/", "")
		if len(f) != 4 || f[1] != "blob" || !hash.MatchString(commit) {
			continue
		}
		size, err := strconv.Atoi(f[3])
		if err != nil {
			return nil, fmt.Errorf("git ls-tree: size %q", f[3])
		}
		all = append(all, note{commit, path, f[2], size})
	}
	return all, nil
}

// texts hands out the text of each note, in order.
func (s *Store) texts(ctx context.Context, notes []note, each func(note, string)) error {
	if len(notes) == 0 {
		return nil
	}
	var ask strings.Builder
	for _, n := range notes {
		ask.WriteString(n.blob + "\n")
	}
	return s.git.stream(ctx, ask.String(), func(r io.Reader) error {
		in := bufio.NewReader(r)
		for _, n := range notes {
			if _, err := in.ReadString('\n'); err != nil { // hash, type, size
				return err
			}
			text := make([]byte, n.size+1)
			if _, err := io.ReadFull(in, text); err != nil {
				return fmt.Errorf("blob %s of %d bytes: %w", n.blob, n.size, err)
			}
			each(n, string(text[:n.size]))
		}
		return nil
	}, "cat-file", "--batch")
}

// addition is lines for the notes of commits, in order.
type addition struct {
	commits []string
	lines   map[string][]string
}

func (a *addition) add(commit, line string) {
	if a.lines == nil {
		a.lines = make(map[string][]string)
	}
	if a.lines[commit] == nil {
		a.commits = append(a.commits, commit)
	}
	a.lines[commit] = append(a.lines[commit], line)
}

// missing returns the lines in the notes of ours that theirs has not and base has
// not either: what base has and theirs has not was removed there. Base may be "".
func (s *Store) missing(ctx context.Context, ours, theirs, base string) (addition, error) {
	var a addition
	mine, err := s.notes(ctx, ours)
	if err != nil {
		return a, err
	}
	others, err := s.notes(ctx, theirs)
	if err != nil {
		return a, err
	}
	before, err := s.notes(ctx, base)
	if err != nil {
		return a, err
	}
	others = append(others, before...)
	type in struct{ commit, text string }
	have := make(map[in]bool)
	for _, n := range others {
		have[in{n.commit, n.blob}] = true
	}
	differs := make(map[string]bool)
	mine = slices.DeleteFunc(mine, func(n note) bool { return have[in{n.commit, n.blob}] })
	for _, n := range mine {
		differs[n.commit] = true
	}
	others = slices.DeleteFunc(others, func(n note) bool { return !differs[n.commit] })
	if err := fit(slices.Concat(mine, others)); err != nil {
		return a, err
	}
	err = s.texts(ctx, others, func(n note, text string) {
		for line := range strings.SplitSeq(text, "\n") {
			have[in{n.commit, line}] = true
		}
	})
	if err != nil {
		return a, err
	}
	err = s.texts(ctx, mine, func(n note, text string) {
		for line := range strings.SplitSeq(text, "\n") {
			if line != "" && !have[in{n.commit, line}] {
				have[in{n.commit, line}] = true
				a.add(n.commit, line)
			}
		}
	})
	return a, err
}

// write makes a commit with the notes of the first parent and a, and returns it;
// it sets no ref. Without parents it is the first.
func (s *Store) write(ctx context.Context, a addition, message string, parents ...string) (string, error) {
	dir, err := os.MkdirTemp("", "hemilith-perf-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	index := git{s.git.dir, append(slices.Clone(s.git.env), "GIT_INDEX_FILE="+filepath.Join(dir, "index"))}
	var old []note
	if len(parents) > 0 {
		if old, err = s.notes(ctx, parents[0]); err != nil {
			return "", err
		}
		if _, err = index.run(ctx, "", "read-tree", parents[0]); err != nil {
			return "", err
		}
	}
	changes, err := s.changes(ctx, old, a)
	if err != nil {
		return "", err
	}
	if _, err = index.run(ctx, changes, "update-index", "-z", "--index-info"); err != nil {
		return "", err
	}
	tree, err := index.run(ctx, "", "write-tree")
	if err != nil {
		return "", err
	}
	args := []string{"commit-tree", "-m", message}
	for _, p := range parents {
		args = append(args, "-p", p)
	}
	return s.git.run(ctx, "", append(args, tree)...)
}

// changes makes the blobs of notes with more lines, and returns what to do to the
// index for them.
func (s *Store) changes(ctx context.Context, old []note, a addition) (string, error) {
	texts := make(map[string]string) // of the notes that change, by commit
	paths := make(map[string]string)
	old = slices.DeleteFunc(old, func(n note) bool {
		twice := paths[n.commit] != "" // the others stay as they are
		paths[n.commit] = n.path
		return twice || a.lines[n.commit] == nil
	})
	if err := fit(old); err != nil {
		return "", err
	}
	if err := s.texts(ctx, old, func(n note, text string) { texts[n.commit], paths[n.commit] = text, n.path }); err != nil {
		return "", err
	}
	var changes strings.Builder
	for _, commit := range a.commits {
		text := texts[commit]
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		text += strings.Join(a.lines[commit], "\n") + "\n"
		if err := fit([]note{{commit: commit, size: len(text)}}); err != nil {
			return "", err
		}
		blob, err := s.git.run(ctx, text, "hash-object", "-w", "--stdin")
		if err != nil {
			return "", err
		}
		path := cmp.Or(paths[commit], commit[:2]+"/"+commit[2:]) // as git does when there are many
		fmt.Fprintf(&changes, "100644 %s\t%s\x00", blob, path)
	}
	return changes.String(), nil
}

func fit(notes []note) error {
	for _, n := range notes {
		if n.size > maxNote {
			return fmt.Errorf("the note of commit %.12s is full, %d bytes of at most %d: git notes --ref=%s remove %s, or judge another commit",
				n.commit, n.size, maxNote, name, n.commit)
		}
	}
	return nil
}
