package history

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// format makes git log write a byte 1, hash, time written, time landed, name and
// address, each ended by a zero byte, before the changed files. .mailmap is
// applied to name and address.
const format = "%x01%H%x00%at%x00%ct%x00%aN%x00%aE"

// Bounds of one record of the log.
const (
	maxToken = 16 << 10 // a path, a name
	maxEdits = 10_000   // files of one commit that are kept
)

// entry is one commit as git's log has it.
type entry struct {
	hash, name, mail string
	time, landed     time.Time
	edits            []edit
	count            int // of edits, also of those beyond maxEdits
}

// edit is a changed file. old is "" unless it was renamed.
type edit struct {
	kind      byte // A, M, D, R, T
	old, path string
}

// errFormat is wrapped by errors of parse.
var errFormat = errors.New("not the log that was asked for")

// parse reads git's log (-z --name-status, in the given format) and calls use
// for each commit that is whole, until use returns false; done is false then.
func parse(from io.Reader, use func(entry) bool) (done bool, err error) {
	p := &parser{in: bufio.NewReaderSize(from, 64<<10)}
	token, err := p.token()
	for err == nil {
		var e entry
		e, token, err = p.entry(token)
		if err != nil && !errors.Is(err, io.EOF) {
			break
		}
		// A record is whole if another one or the end of the output follows.
		if !use(e) {
			return false, nil
		}
	}
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	return true, err
}

type parser struct {
	in  *bufio.Reader
	off int64
}

// token reads up to a zero byte. The end of the input is io.EOF, and within a
// token io.ErrUnexpectedEOF.
func (p *parser) token() (string, error) {
	var text []byte
	for {
		part, err := p.in.ReadSlice(0)
		p.off += int64(len(part))
		text = append(text, part...)
		switch {
		case len(text) > maxToken:
			return "", fmt.Errorf("git log, byte %d: %w: more than %d bytes without an end", p.off, errFormat, maxToken)
		case err == nil:
			return string(text[:len(text)-1]), nil
		case errors.Is(err, io.EOF) && len(text) > 0:
			return "", io.ErrUnexpectedEOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", err
		}
	}
}

// entry reads one commit, of which first is the first token, and the first token
// of the next one. With the last commit, the error is io.EOF.
func (p *parser) entry(first string) (e entry, next string, err error) {
	hash, ok := strings.CutPrefix(first, "\x01")
	if !ok || len(hash) < 4 {
		return e, "", fmt.Errorf("git log, byte %d: %w: no commit in %.40q", p.off, errFormat, first)
	}
	e.hash = hash
	head := [4]string{}
	for i := range head {
		if head[i], err = p.token(); err != nil {
			return e, "", short(err)
		}
	}
	e.name, e.mail = head[2], head[3]
	if e.time, err = seconds(head[0]); err == nil {
		e.landed, err = seconds(head[1])
	}
	if err != nil {
		return e, "", fmt.Errorf("git log, byte %d: %w: %w", p.off, errFormat, err)
	}
	for {
		token, err := p.token()
		if err != nil || strings.HasPrefix(token, "\x01") {
			return e, token, err
		}
		if token = strings.TrimPrefix(token, "\n"); token == "" {
			continue // some versions of git end a record with one more zero
		}
		if err := p.edit(&e, token); err != nil {
			return e, "", err
		}
	}
}

func (p *parser) edit(e *entry, status string) error {
	d := edit{kind: status[0]}
	if strings.IndexByte("ACDMRTUX", d.kind) < 0 || len(status) > 4 {
		return fmt.Errorf("git log, byte %d: %w: %.40q is no status of a file", p.off, errFormat, status)
	}
	var err error
	if d.kind == 'R' || d.kind == 'C' {
		if d.old, err = p.token(); err != nil {
			return short(err)
		}
	}
	if d.path, err = p.token(); err != nil {
		return short(err)
	}
	if e.count++; e.count <= maxEdits {
		e.edits = append(e.edits, d)
	}
	return nil
}

// short says that the end of the input came too early.
func short(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func seconds(text string) (time.Time, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	const year9999 = 253402300799
	if err != nil || n < 0 || n > year9999 {
		return time.Time{}, fmt.Errorf("%.40q is no time", text)
	}
	return time.Unix(n, 0).UTC(), nil
}

// Ways to follow renames. Exact ones need no contents of files.
const (
	similar = "--find-renames"
	exact   = "--find-renames=100%"
)

// maxGaps is how often git may fail to read the contents of a file, and gap how
// many commits are then read without contents.
const (
	maxGaps = 20
	gap     = 16
)

// log reads commits into memory, without what is dropped, and notes who wrote
// them and what was renamed.
func (h *History) log(ctx context.Context, c Config, repo *repository) ([]Commit, *identities) {
	b := newBuilder(c, h.paths)
	err := b.all(ctx, repo)
	h.Dropped = b.dropped
	read := len(h.paths.landed)
	switch {
	case ctx.Err() != nil:
		h.note(fmt.Sprintf("history was read for %v and no longer: %s", c.MaxTime, known(read)))
	case err != nil:
		h.note("history ends early: " + err.Error())
	case b.bytes >= b.most:
		h.note(fmt.Sprintf("history is long: %s", known(read)))
	case read >= c.MaxCommits:
		h.note(fmt.Sprintf("history was read for the newest %s commits that touch the module", number(read)))
	}
	if b.gaps > 0 {
		h.note("contents of some older files are not in this clone, so renames that also edit are not all followed")
	}
	return b.commits, b.ids
}

// all reads the log. A clone may lack contents of files, on which git gives up:
// then some commits are read without, or all if that happens often.
func (b *builder) all(ctx context.Context, repo *repository) error {
	if repo.partial {
		b.gaps = maxGaps
	}
	for {
		start := len(b.paths.landed)
		if b.gaps < maxGaps {
			err := repo.log(ctx, b.c, similar, start, b.c.MaxCommits-start, b.read)
			if err == nil || ctx.Err() != nil {
				return err
			}
			start, b.gaps = len(b.paths.landed), b.gaps+1
		}
		n := b.c.MaxCommits - start
		if b.gaps < maxGaps {
			n = min(n, gap)
		}
		err := repo.log(ctx, b.c, exact, start, n, b.read)
		if err != nil || b.gaps >= maxGaps || len(b.paths.landed) < start+n || n == 0 {
			return err
		}
	}
}

// builder turns the log into commits.
type builder struct {
	c       Config
	paths   *paths
	ids     *identities
	commits []Commit
	dropped Dropped
	names   map[string]string // one copy of each path
	bytes   int64             // of the log
	most    int64             // bytes that are read
	gaps    int               // how often contents were missing
}

func newBuilder(c Config, p *paths) *builder {
	return &builder{c: c, paths: p, ids: newIdentities(), names: make(map[string]string), most: maxBytes}
}

// read takes in git's log up to the bounds.
func (b *builder) read(from io.Reader) (done bool, err error) {
	limited := &io.LimitedReader{R: from, N: b.most - b.bytes}
	done, err = parse(limited, b.add)
	b.bytes = b.most - limited.N
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // the bound, or git was ended and says why itself
	}
	return done && limited.N > 0, err
}

func (b *builder) add(e entry) bool {
	const every = 1000
	seq := b.paths.commit(e.landed)
	if read := len(b.paths.landed); b.c.Progress != nil && read%every == 0 {
		b.c.Progress(read)
	}
	var was []string
	for _, d := range e.edits {
		if d.kind == 'R' {
			b.paths.rename(b.one(d.old), b.one(d.path), seq)
		}
		if d.kind != 'D' && e.count <= b.c.MassEdit {
			was = append(was, b.one(d.path))
		}
	}
	switch {
	case b.bot(e):
		b.dropped.Bots++
	case e.count > b.c.MassEdit:
		b.dropped.Mass++
	case len(was) == 0:
		b.dropped.Deletions++
	default:
		author := b.ids.see(e.name, e.mail)
		b.commits = append(b.commits, Commit{Hash: e.hash, Author: author, Time: e.time, Landed: e.landed, seq: seq, was: was})
	}
	return len(b.paths.landed) < b.c.MaxCommits
}

func (b *builder) bot(e entry) bool {
	return bot(e.name, e.mail) || slices.Contains(b.c.Bots, e.name) || slices.Contains(b.c.Bots, e.mail)
}

// one returns the one copy of a path that is kept.
func (b *builder) one(path string) string {
	if p, ok := b.names[path]; ok {
		return p
	}
	path = strings.Clone(path)
	b.names[path] = path
	return path
}

// known says how many commits are.
func known(commits int) string {
	switch commits {
	case 0:
		return "no commit is known"
	case 1:
		return "the newest commit is known"
	}
	return number(commits) + " newest commits are known"
}

// but says what else was found, where nothing is left.
func (d Dropped) but() string {
	var found []string
	for _, x := range []struct {
		n         int
		one, more string
	}{{d.Bots, "commit of a bot", "commits of bots"}, {d.Mass, "mass edit", "mass edits"}, {d.Deletions, "deletion", "deletions"}} {
		switch x.n {
		case 0:
		case 1:
			found = append(found, "1 "+x.one)
		default:
			found = append(found, number(x.n)+" "+x.more)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return " but " + strings.Join(found, ", ")
}

// number writes thousands apart.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
