package history

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Ref is where the notes are: git log --notes=hemilith-perf shows them.
const Ref = "refs/notes/" + name

const name = "hemilith-perf"

// Bounds of a store.
const (
	maxTotal    = 128 << 20 // bytes that Read takes in
	maxProblems = 100       // that Read returns
	maxTries    = 100       // of an update; each that fails is one of somebody else's that succeeded
	maxCommits  = 10_000    // that Commits returns

	// maxAhead is how far the clock of another machine may be ahead: what comes later
	// would be the last run for as long.
	maxAhead = 24 * time.Hour
)

// Store is the notes of a git repository. It is safe for concurrent use, by several
// processes too: results are added or not at all, and none is lost.
type Store struct {
	git git
	now func() time.Time
}

// Open finds the repository that dir is in.
func Open(ctx context.Context, dir string) (*Store, error) {
	s := &Store{git{dir: dir}, time.Now}
	if _, err := s.git.run(ctx, "", "rev-parse", "--git-dir"); err != nil {
		return nil, fmt.Errorf("open the history of perf: %w", err)
	}
	return s, nil
}

// Append adds a run to the note of its head, in this clone: Sync shares it. A run
// that is there already stays there once.
func (s *Store) Append(ctx context.Context, r Run) error {
	text, err := line(r)
	if err != nil {
		return fmt.Errorf("add a run to the history of perf: %w", err)
	}
	var a addition
	a.add(r.Head, text)
	err = s.update(ctx, func(tip string) (string, error) {
		if known, err := s.has(ctx, tip, r.Head, text); known || err != nil {
			return tip, err
		}
		return s.write(ctx, a, "perf: "+r.Head, parent(tip)...)
	})
	if err != nil {
		return fmt.Errorf("add a run to the history of perf: %w", err)
	}
	return nil
}

func parent(tip string) []string {
	if tip == "" {
		return nil
	}
	return []string{tip}
}

// has tells whether a line is in the note of a commit.
func (s *Store) has(ctx context.Context, tip, commit, text string) (bool, error) {
	notes, err := s.notes(ctx, tip)
	if err != nil {
		return false, err
	}
	found := false
	for _, n := range notes {
		if n.commit != commit || n.size > maxNote {
			continue
		}
		err = errors.Join(err, s.texts(ctx, []note{n}, func(_ note, all string) {
			found = found || strings.Contains("\n"+all+"\n", "\n"+text+"\n")
		}))
	}
	return found, err
}

// tip returns the commit that the ref is at, or "".
func (s *Store) tip(ctx context.Context) (string, error) {
	return s.git.run(ctx, "", "for-each-ref", "--format=%(objectname)", Ref)
}

// update moves the ref from where it is to what next says, and starts anew if
// somebody else has moved it in between.
func (s *Store) update(ctx context.Context, next func(tip string) (string, error)) error {
	old, err := s.tip(ctx)
	if err != nil {
		return err
	}
	for range maxTries {
		to, err := next(old)
		if err != nil || to == old {
			return err
		}
		was := old
		if was == "" {
			was = strings.Repeat("0", len(to))
		}
		_, failed := s.git.run(ctx, "", "update-ref", "-m", "perf", Ref, to, was)
		if failed == nil {
			return nil
		}
		now, err := s.tip(ctx)
		if err != nil {
			return err
		}
		if now == old {
			return failed
		}
		old = now
	}
	return fmt.Errorf("%s was moved by others %d times: try again", Ref, maxTries)
}

// Read returns all runs, by commit and then as they were added. Problems name
// what could not be read, a line or a note each, and was skipped.
func (s *Store) Read(ctx context.Context) (runs []Run, problems []error, err error) {
	notes, err := s.readable(ctx, &problems)
	seen := make(map[string]bool) // a line may be in several notes, as a rebase may copy them
	if err == nil {
		err = s.texts(ctx, notes, func(n note, text string) {
			number := 0
			for l := range strings.SplitSeq(text, "\n") {
				number++
				if strings.TrimSpace(l) == "" || seen[l] {
					continue
				}
				seen[l] = true
				r, err := parse(l)
				if err == nil && r.Time.After(s.now().Add(maxAhead)) {
					err = fmt.Errorf("its time is %s, which is still to come: the clock of that machine was wrong", r.Time.Format(time.DateTime))
				}
				if err != nil {
					report(&problems, fmt.Errorf("%s, note of commit %.12s, line %d: %w", Ref, n.commit, number, err))
					continue
				}
				runs = append(runs, r)
			}
		})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the history of perf: %w", err)
	}
	return runs, problems, nil
}

// readable returns the notes that are within the bounds.
func (s *Store) readable(ctx context.Context, problems *[]error) ([]note, error) {
	tip, err := s.tip(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.notes(ctx, tip)
	var kept []note
	total, left := 0, 0
	for _, n := range all {
		if err := fit([]note{n}); err != nil {
			report(problems, err)
			continue
		}
		if total += n.size; total > maxTotal {
			left++
			continue
		}
		kept = append(kept, n)
	}
	if left > 0 {
		report(problems, fmt.Errorf("%s has %d MiB, more than %d: notes left out: %d; remove those of old commits with git notes --ref=%s remove COMMIT",
			Ref, total>>20, maxTotal>>20, left, name))
	}
	return kept, err
}

func report(problems *[]error, err error) {
	if len(*problems) < maxProblems {
		*problems = append(*problems, err)
	}
}

// Commit is one commit of the history that is told.
type Commit struct {
	Hash    string // full
	Subject string // the first line of its message
}

// Commits returns the commits from the root, or from where a shallow clone starts,
// to head, oldest first: of merges, the side that was merged into. Of more than
// 10,000 it returns the last.
func (s *Store) Commits(ctx context.Context, head string) ([]Commit, error) {
	out, err := s.git.run(ctx, "", "log", "--reverse", "--first-parent", "--no-show-signature", "--no-color", "--format=%H %s",
		fmt.Sprintf("--max-count=%d", maxCommits), "--end-of-options", head, "--")
	if err != nil {
		return nil, fmt.Errorf("list the commits of the history of perf: %w", err)
	}
	var list []Commit
	for l := range strings.Lines(out) {
		hash, subject, _ := strings.Cut(strings.TrimSuffix(l, "\n"), " ")
		list = append(list, Commit{hash, subject})
	}
	return list, nil
}

// Resolve returns the full hash of the commit that a revision names.
func (s *Store) Resolve(ctx context.Context, rev string) (string, error) {
	hash, err := s.git.run(ctx, "", "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil && ctx.Err() == nil {
		return "", fmt.Errorf("revision %q is not in this repository: git fetch, or name another", rev)
	}
	return hash, err
}
