package history

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of what git may say beside the log.
const (
	maxAnswer = 64 << 20 // the list of files of today
	maxTalk   = 4 << 10  // what it says of errors
)

// repository is where git found the module.
type repository struct {
	dir     string // the module's, where git runs
	top     string // the work tree's root, "" if there is none
	prefix  string // from top to dir, with a final slash, or ""
	shallow bool
	partial bool // contents of files are left on the server
}

// open finds the repository around dir, or says in plain words why there is
// none to read.
func open(ctx context.Context, dir string) (repo *repository, why string) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, "git is not installed"
	}
	r := &repository{dir: dir}
	out, err := r.ask(ctx, "rev-parse", "--is-bare-repository", "--is-shallow-repository", "--show-prefix")
	if err != nil {
		return nil, unreadable(err)
	}
	facts := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(facts) != 3 {
		return nil, fmt.Sprintf("git answered %q to rev-parse", out)
	}
	r.shallow, r.prefix = facts[1] == "true", facts[2]
	if facts[0] == "false" {
		if top, err := r.ask(ctx, "rev-parse", "--show-toplevel"); err == nil {
			r.top = strings.TrimSuffix(string(top), "\n")
		}
	}
	if _, err := r.ask(ctx, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err != nil {
		return nil, "the repository has no commits"
	}
	promised, err := r.ask(ctx, "config", "--get-regexp", `^remote\..*\.promisor$`)
	r.partial = err == nil && len(promised) > 0
	return r, ""
}

func unreadable(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "not a git repository"):
		return "not a git repository"
	case strings.Contains(text, "dubious ownership"):
		return "the repository belongs to another user, and git refuses to read it until it is named in safe.directory"
	case errors.Is(err, os.ErrNotExist):
		return "there is no such directory"
	}
	return "git can't read the repository (" + text + ")"
}

// command prepares git such that nothing of the user's configuration runs a
// program, asks a question, fetches or changes the output.
func (r *repository) command(ctx context.Context, args ...string) (*exec.Cmd, *tail) {
	cmd := exec.CommandContext(ctx, "git", append([]string{
		"--no-pager", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false",
		"-c", "log.showSignature=false", "-c", "color.ui=false",
	}, args...)...)
	cmd.Dir = r.dir
	// A hook of git sets GIT_DIR and more, of another repository perhaps.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "GIT_") && !strings.HasPrefix(v, "GIT_CONFIG")
	})
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1")
	cmd.WaitDelay = time.Second
	talk := new(tail)
	cmd.Stderr = talk
	return cmd, talk
}

// stream runs git and gives its output to read. It returns the error of read,
// or else that of git; when read returns early with a nil error, git is ended.
func (r *repository) stream(ctx context.Context, read func(io.Reader) (done bool, err error), args ...string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd, talk := r.command(ctx, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git %s: %w", args[0], err)
	}
	done, failed := read(out)
	if !done || failed != nil {
		cancel()
	}
	err = cmd.Wait()
	switch {
	case failed != nil:
		return failed
	case err != nil && done:
		return fmt.Errorf("git %s: %w", args[0], talk.or(err))
	}
	return nil
}

// ask runs git and returns what it says, if that is little.
func (r *repository) ask(ctx context.Context, args ...string) ([]byte, error) {
	var out bytes.Buffer
	err := r.stream(ctx, func(from io.Reader) (bool, error) {
		n, err := io.Copy(&out, io.LimitReader(from, maxAnswer+1))
		if n > maxAnswer {
			return false, fmt.Errorf("git %s: more than %d bytes", args[0], maxAnswer)
		}
		return true, err
	}, args...)
	return out.Bytes(), err
}

// files returns the Go files of today that [ours] names, relative to the module,
// and the directories of modules within it, each with a final slash.
func (r *repository) files(ctx context.Context) (files map[string]bool, nested []string, err error) {
	out, err := r.ask(ctx, "ls-tree", "-r", "-z", "--name-only", "HEAD")
	if err != nil {
		return nil, nil, err
	}
	files = make(map[string]bool)
	for name := range strings.SplitSeq(string(out), "\x00") {
		if dir, ok := strings.CutSuffix(name, "/go.mod"); ok {
			nested = append(nested, dir+"/")
		}
		if strings.HasSuffix(name, ".go") && !strings.Contains("/"+name, "/vendor/") {
			files[name] = true
		}
	}
	for name := range files {
		if within(name, nested) {
			delete(files, name)
		}
	}
	return files, nested, nil
}

// within is true for a file below one of the directories.
func within(file string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return strings.HasPrefix(file, dir) })
}

// ours limits git to Go files of the module.
func ours() []string {
	return []string{"--", ":(glob)**/*.go", ":(exclude,glob)**/vendor/**"}
}

// log asks for up to n commits that touch the module after the newest skip ones,
// in the form that [parse] reads.
func (r *repository) log(ctx context.Context, c Config, renames string, skip, n int, read func(io.Reader) (bool, error)) error {
	args := []string{
		"log", "-z", "--no-merges", "--no-ext-diff", "--no-textconv", "--name-status", "--relative",
		renames, "-l500", "--use-mailmap", "--format=" + format,
		"--skip=" + strconv.Itoa(skip), "--max-count=" + strconv.Itoa(n),
	}
	if !c.Since.IsZero() {
		args = append(args, "--since="+c.Since.UTC().Format(time.RFC3339))
	}
	return r.stream(ctx, read, append(args, ours()...)...)
}

// merges looks at the newest merges. git's combined diff (--cc) shows only
// places that differ from all parents.
func (r *repository) merges(ctx context.Context) Merges {
	var m Merges
	if r.partial {
		return m // git would fetch what it compares
	}
	// Whatever ends it early, what was counted until then holds.
	_ = r.stream(ctx, func(from io.Reader) (bool, error) {
		limited := &io.LimitedReader{R: from, N: maxBytes}
		m = countMerges(limited)
		return limited.N > 0, nil
	}, "log", "--merges", "--cc", "-U0", "--no-ext-diff", "--no-textconv", "--format=%x01", "-n", strconv.Itoa(maxMerges))
	return m
}

// countMerges reads git log --cc with a line of one byte 1 before each merge.
func countMerges(from io.Reader) Merges {
	var m Merges
	mended := false
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadSlice('\n')
		switch {
		case bytes.HasPrefix(line, []byte{1}):
			m.Looked++
			mended = false
		case bytes.HasPrefix(line, []byte("diff --cc ")) && !mended:
			m.Mended++
			mended = true
		}
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = lines.ReadSlice('\n') // the rest of a long line
		}
		if err != nil {
			return m
		}
	}
}

// blob returns a file of the module's repository: of the work tree, or of HEAD if
// there is none.
func (r *repository) blob(ctx context.Context, name string) ([]byte, error) {
	if r.top == "" {
		return r.ask(ctx, "cat-file", "blob", "HEAD:"+name)
	}
	f, err := os.Open(filepath.Join(r.top, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxAnswer))
}

// tail keeps the beginning of what git says of errors.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p[:min(len(p), maxTalk-len(t.text))]...)
	return len(p), nil
}

func (t *tail) or(err error) error {
	text, _, _ := strings.Cut(strings.TrimSpace(string(t.text)), "\n")
	if text == "" {
		return err
	}
	return errors.New(strings.TrimPrefix(text, "fatal: "))
}
