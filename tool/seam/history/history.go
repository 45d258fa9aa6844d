// Package history reads what a git repository knows of the people behind a Go
// module: who changed which files, which files change together, who owns them,
// and what a cut would part. It gives plain data and decides nothing.
//
// History is never required. Outside git, in a shallow clone or in an empty
// repository the result has less in it, and a note that says so in plain words.
//
// What counts: commits that touch a Go file of the module, without vendored
// files and without modules within the module. Merges are left out, as what they bring was counted already. So are
// bots (see [Dropped]) and mass edits, which say nothing of what belongs
// together. Everything that is left out is counted.
package history

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Bounds of one reading. What is beyond them is left out, oldest first, with a
// note.
const (
	maxCommits = 20_000           // unless Config says otherwise
	massEdit   = 30               // files of one commit, unless Config says otherwise
	maxTime    = 30 * time.Second // unless Config says otherwise
	maxBytes   = 64 << 20         // of each of git's answers
	maxMerges  = 300              // that are looked at for conflicts
)

// Config says what to read. The zero value of each field but Dir is a default.
type Config struct {
	// Dir is the module's directory; it may be below the repository's root. The
	// directory of a bare repository is one too.
	Dir string
	// MaxCommits bounds the commits that are looked at, newest first; 20,000 if 0.
	MaxCommits int
	// Since leaves out older commits.
	Since time.Time
	// MassEdit is the highest number of Go files that a commit may touch; 30 if 0.
	// A commit with more is a mass edit (a reformat, a rename of everything).
	MassEdit int
	// MaxTime bounds the reading, 30 s if 0. What was read until then is used, so
	// a history that takes longer may read differently on another machine.
	MaxTime time.Duration
	// Bots are names and addresses, spelled as in the history, whose commits are
	// dropped beside those that are known for bots.
	Bots []string
	// Now is the end of "the last twelve months". If nil, it is the time of the
	// newest commit, so that a repository gives the same answer tomorrow.
	Now func() time.Time
	// Progress, if not nil, is told now and then how many commits were read. It is
	// called by the goroutine that called Read.
	Progress func(commits int)
}

func (c Config) orDefaults() Config {
	c.MaxCommits = cmp.Or(c.MaxCommits, maxCommits)
	c.MassEdit = cmp.Or(c.MassEdit, massEdit)
	c.MaxTime = cmp.Or(c.MaxTime, maxTime)
	return c
}

// History is what was read. It is not changed after Read, so any number of
// goroutines may use it.
type History struct {
	// Commits are newest first, without merges, bots and mass edits.
	Commits []Commit
	// Authors are sorted by commits, most first, then by name. A person's spellings
	// and addresses are joined.
	Authors []Author
	// Files are the paths that commits name, sorted: relative to the module, with
	// slashes, as they are called today. Files that were deleted are among them.
	Files []string
	// Now is the end of the time that is spoken of.
	Now time.Time
	// Dropped counts what is not in Commits.
	Dropped Dropped
	// Merges says how often merges had to be mended by hand.
	Merges Merges
	// Owners has the owners of each Go file by CODEOWNERS; files without are
	// missing. OwnersFile is where that was read, "" if there is none.
	Owners     map[string][]string
	OwnersFile string
	// Notes say what limits the history, in plain words.
	Notes []string

	paths *paths
}

// Commit is one change.
type Commit struct {
	Hash string
	// Author indexes History.Authors.
	Author int32
	// Time is when it was written, Landed when it came to be as it is.
	Time, Landed time.Time
	// Files index History.Files: added, changed or renamed; sorted.
	Files []int32

	seq int32    // position in git's log, 0 is the newest
	was []string // what the files were called then
	raw []string // and what they are called in this history
}

// Author is one person.
type Author struct {
	// Name is the spelling that is used most.
	Name string
	// Commits counts those in History.Commits, Files the different files in them.
	Commits, Files int
	First, Last    time.Time
}

// Dropped counts commits that touch the module's Go files and are not used.
type Dropped struct {
	// Bots are commits whose author's name or mailbox ends in "[bot]", has the word
	// "bot" or "robot" in it, or is that of a well-known one (see bots in
	// people.go).
	Bots int
	// Mass are commits with more Go files than Config.MassEdit.
	Mass int
	// Deletions are commits that only delete.
	Deletions int
}

// Merges estimates conflicts. Looked counts the most recent merge commits, up to
// 300, of any file; Mended those whose result has lines of neither parent: a
// conflict that a person resolved, or an edit slipped into the merge. Conflicts
// that were resolved by a rebase or before a squash leave no trace, so this is
// a lower bound.
type Merges struct {
	Looked, Mended int
}

// Known is true if there is anything to judge by.
func (h *History) Known() bool { return len(h.Commits) > 0 }

// Active returns how many different authors wrote a commit in the given time
// before Now.
func (h *History) Active(within time.Duration) int { return len(h.writers(within)) }

// Team returns how many authors wrote at least three commits in the given time
// before Now, and how many passed by with fewer. A program that is open to all has
// many of those, and they need no meetings.
func (h *History) Team(within time.Duration) (regulars, passing int) {
	for _, n := range h.writers(within) {
		if n >= regular {
			regulars++
		} else {
			passing++
		}
	}
	return regulars, passing
}

// writers counts commits by author.
func (h *History) writers(within time.Duration) map[int32]int {
	from, commits := h.Now.Add(-within), make(map[int32]int)
	for _, c := range h.Commits {
		if !c.Time.Before(from) {
			commits[c.Author]++
		}
	}
	return commits
}

// Read reads the history of the module in c.Dir. The error is that of ctx;
// whatever else goes wrong is in the Notes of a history that has less in it.
func Read(ctx context.Context, c Config) (*History, error) {
	c = c.orDefaults()
	h := &History{Owners: map[string][]string{}, paths: newPaths()}
	bounded, cancel := context.WithTimeout(ctx, c.MaxTime)
	defer cancel()
	repo, why := open(bounded, c.Dir)
	if why != "" {
		h.note("no history: " + why + "; people are left out")
	} else {
		h.read(bounded, c, repo)
	}
	h.readOwners(bounded, c.Dir, repo)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return h, nil
}

func (h *History) note(text string) { h.Notes = append(h.Notes, text) }

func (h *History) read(ctx context.Context, c Config, repo *repository) {
	today, nested, err := repo.files(ctx)
	if err != nil {
		h.note("no list of the files of today (" + err.Error() + "): files that were renamed on a branch may keep their old name")
	}
	h.paths.alive, h.paths.nested = today, nested
	commits, ids := h.log(ctx, c, repo)
	commits = h.paths.name(commits, h.paths.today)
	if len(commits) == 0 {
		h.note("no history: no commit touches a Go file of this module" + h.Dropped.but() + "; people are left out")
		return
	}
	h.Now = commits[0].Landed
	if c.Now != nil {
		h.Now = c.Now()
	}
	h.Authors = ids.join(commits)
	h.Commits = commits
	h.Files = index(h.Commits)
	h.count()
	if repo.shallow {
		h.note("a shallow clone: history ends early; git fetch --unshallow brings the rest")
	}
	h.Merges = repo.merges(ctx)
}

// count fills in what authors did.
func (h *History) count() {
	type touch struct{ author, file int32 }
	seen := make(map[touch]bool)
	for _, c := range h.Commits {
		a := &h.Authors[c.Author]
		a.Commits++
		if a.First.IsZero() || c.Time.Before(a.First) {
			a.First = c.Time
		}
		if c.Time.After(a.Last) {
			a.Last = c.Time
		}
		for _, f := range c.Files {
			if t := (touch{c.Author, f}); !seen[t] {
				seen[t] = true
				a.Files++
			}
		}
	}
}

// index gives each path of the commits its number, in the order of names.
func index(commits []Commit) []string {
	number := make(map[string]int32)
	for _, c := range commits {
		for _, p := range c.raw {
			number[p] = 0
		}
	}
	files := make([]string, 0, len(number))
	for p := range number {
		files = append(files, p)
	}
	slices.Sort(files)
	for i, p := range files {
		number[p] = int32(i)
	}
	for i := range commits {
		c := &commits[i]
		c.Files = make([]int32, 0, len(c.raw))
		for _, p := range c.raw {
			c.Files = append(c.Files, number[p])
		}
		slices.Sort(c.Files)
		c.Files = slices.Compact(c.Files)
	}
	return files
}

// Split parts the history at a time: before has the commits that had landed
// then, after the others. Files have the names of that time in both, so what
// was decided on the code of then can be held against what happened. Authors
// are those of h, with the same numbers; owners and merges are left out.
func (h *History) Split(at time.Time) (before, after *History) {
	cut := slices.IndexFunc(h.Commits, func(c Commit) bool { return !c.Landed.After(at) })
	if cut < 0 {
		cut = len(h.Commits)
	}
	seq := h.paths.newest(at)
	part := func(commits []Commit, now time.Time) *History {
		p := &History{Authors: h.Authors, Now: now, Owners: map[string][]string{}, paths: h.paths}
		p.Commits = h.paths.name(commits, func(path string, from int32) string { return h.paths.at(path, from, seq) })
		p.Files = index(p.Commits)
		return p
	}
	return part(h.Commits[cut:], at), part(h.Commits[:cut], h.Now)
}

// Between returns the commits that landed from a time on and before another, with
// the names and authors of h.
func (h *History) Between(from, to time.Time) *History {
	part := *h
	part.Now, part.Merges = to, Merges{}
	part.Commits = slices.DeleteFunc(slices.Clone(h.Commits), func(c Commit) bool {
		return c.Landed.Before(from) || !c.Landed.Before(to)
	})
	return &part
}
