package accept

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/perf/gitenv"
)

// maxLog bounds the messages of the commits that have an acceptance, in bytes.
const maxLog = 64 << 20

// Read returns the acceptances in the messages of the commits that are in head
// and not in base, oldest first, in the git repository that dir is in. Trailers
// are what git takes for trailers (git interpret-trailers): in the last paragraph,
// which says nothing else, folded or not.
//
// Refused are those that accept nothing because of how they are written: each
// says in which commit, what is wrong and what to write. They are no failure, as
// the commit may be somebody else's and long there; err is one to read the log.
func Read(ctx context.Context, dir, base, head string) (found []Acceptance, refused []error, err error) {
	out, err := log(ctx, dir, base, head)
	if err != nil {
		return nil, nil, fmt.Errorf("read which regressions commits accept: %w", err)
	}
	fields := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	for c := range slices.Chunk(fields, 3) {
		if len(c) < 3 {
			break
		}
		f, r := message(c[0], c[1], c[2])
		found, refused = append(found, f...), append(refused, r...)
	}
	if len(found) > 0 {
		cut, err := cutOff(ctx, dir, base, head)
		if cut || err != nil {
			return nil, append(refused, errCutOff), err
		}
	}
	return found, refused, nil
}

var errCutOff = errors.New("no Perf-Accept counts: this clone is shallow, so that base may have these commits, too: git fetch --deepen=100 (or --unshallow), then try again")

// cutOff tells whether git can't know which commits base has: in a shallow clone those at
// its end have no parents, and one of them that head has and base seems not to have may
// be before base, too.
func cutOff(ctx context.Context, dir, base, head string) (bool, error) {
	run := func(args ...string) (string, error) {
		out, err := gitenv.Command(ctx, dir, args...).Output()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return strings.TrimSpace(string(out)), err
	}
	shallow, err := run("rev-parse", "--is-shallow-repository")
	if err != nil || shallow != "true" {
		return false, err
	}
	first, err := run("rev-list", "--max-parents=0", "--max-count=1", "--end-of-options", base+".."+head, "--")
	return first != "", err
}

// log returns, for each commit that may have an acceptance, its hash, its message,
// and the values of its trailers with \x1e between them, each ended by \x00.
func log(ctx context.Context, dir, base, head string) (string, error) {
	cmd := gitenv.Command(ctx, dir, "-c", "log.showSignature=false", "log", "-z", "--reverse", "--no-color",
		"--encoding=UTF-8", "--regexp-ignore-case", "--basic-regexp", "--grep=^"+key,
		"--format=%H%x00%B%x00%(trailers:key="+key+",valueonly,unfold,separator=%x1e)",
		"--end-of-options", base+".."+head, "--")
	var talk bytes.Buffer
	cmd.Stderr = &talk
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	out, err := io.ReadAll(io.LimitReader(pipe, maxLog+1))
	if len(out) > maxLog {
		_ = cmd.Process.Kill() // Wait says how it ended
		_ = cmd.Wait()
		return "", fmt.Errorf("the messages from %s to %s have more than %d MiB: choose a later base", base, head, maxLog>>20)
	}
	if end := cmd.Wait(); end != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("git log %s..%s: %w: %s", base, head, end, strings.TrimSpace(talk.String()))
	}
	return string(out), err
}

// message returns what one commit says. An empty trailer is seen in the body only.
func message(commit, body, trailers string) (found []Acceptance, refused []error) {
	refuse := func(line string, err error) {
		refused = append(refused, fmt.Errorf("commit %.12s: %.200q: %w", commit, strings.TrimSpace(line), err))
	}
	values := strings.FieldsFunc(trailers, func(r rune) bool { return r == '\x1e' })
	for _, v := range values {
		a, err := parse(v)
		if err != nil {
			refuse(key+": "+v, err)
			continue
		}
		a.Commit = commit
		found = append(found, a)
	}
	for line := range strings.Lines(body) {
		v, ok := meant(line)
		if !ok {
			continue
		}
		i := slices.IndexFunc(values, func(t string) bool { return strings.HasPrefix(t, v) })
		switch {
		case v == "":
			_, err := parse(v)
			refuse(line, err)
		case i >= 0:
			values = slices.Delete(values, i, i+1)
		default:
			refuse(line, errNoTrailer)
		}
	}
	return found, refused
}

var errNoTrailer = errors.New("it is no trailer: put it into the message's last paragraph, and nothing but trailers with it")

// meant returns the value on a line that looks like the start of our trailer.
func meant(line string) (value string, ok bool) {
	name, value, ok := strings.Cut(line, ":")
	return strings.TrimSpace(value), ok && strings.EqualFold(strings.TrimRight(name, " \t"), key)
}
