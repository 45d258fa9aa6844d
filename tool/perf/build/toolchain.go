package build

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// toolchain is the Go installation that builds both sides, and what of the
// environment goes into a build.
type toolchain struct {
	version, root, os string
	modules           string // GOMODCACHE
	flags             string // GOFLAGS
	settings          string // everything that a binary depends on and no source says
}

// settings are the variables of `go env` that binaries depend on.
var settings = [...]string{
	"GOVERSION", "GOOS", "GOARCH", "GOEXPERIMENT", "GOFLAGS", "CGO_ENABLED",
	"GO386", "GOAMD64", "GOARM", "GOARM64", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64",
	"CC", "CXX", "AR", "PKG_CONFIG", "GOFIPS140",
	"CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_FFLAGS", "CGO_LDFLAGS",
}

// goTool runs the go command in one source tree.
type goTool struct {
	command string   // "" is go
	dir     string   // where the user would stand in that tree
	env     []string // beyond our own
}

// killDelay is how long a command's children may hold its output open after it
// was killed.
const killDelay = 2 * time.Second

// run returns the output and what was said on stderr.
func (g goTool) run(ctx context.Context, args ...string) (out []byte, talk string, err error) {
	cmd := exec.CommandContext(ctx, cmp.Or(g.command, "go"), args...)
	cmd.Dir = g.dir
	cmd.Env = append(append(os.Environ(), "PWD="+g.dir), g.env...)
	cmd.WaitDelay = killDelay
	ownGroup(cmd)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err = cmd.Output()
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return out, said.String(), err
}

// goError says what the go command says, and what can be done where that is clear.
func goError(what string, err error, talk string) error {
	var next string
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("the go command is needed to build both sides: %w", err)
	case strings.Contains(talk, "go.mod requires go >="), strings.Contains(talk, "toolchain not available"):
		next = " (install that version of Go; GOTOOLCHAIN=auto downloads it)"
	case strings.Contains(talk, "listed in go.work file"):
		next = " (no commit has modules outside of the repository: set GOWORK=off, or move them into it)"
	}
	return fmt.Errorf("%s: %w%s%s", what, err, next, indented(fullDisk(talk)))
}

// findToolchain asks the go command which toolchain it takes in the tree, and
// what the environment sets.
func findToolchain(ctx context.Context, g goTool) (toolchain, error) {
	out, talk, err := g.run(ctx, append([]string{"env", "-json", "GOROOT", "GOMODCACHE"}, settings[:]...)...)
	if err != nil {
		return toolchain{}, goError("go env", err, talk)
	}
	var env map[string]string
	if err := json.Unmarshal(out, &env); err != nil {
		return toolchain{}, fmt.Errorf("go env: %w", err)
	}
	var all []string
	for _, name := range settings {
		all = append(all, name+"="+env[name])
	}
	return toolchain{
		version: env["GOVERSION"], root: env["GOROOT"], os: env["GOOS"], flags: env["GOFLAGS"],
		modules: env["GOMODCACHE"], settings: strings.Join(all, "\n"),
	}, nil
}

// sameToolchain makes both sides use one toolchain: the newer of those that
// their go.mod files ask for.
func sameToolchain(ctx context.Context, base, head *goTool) (toolchain, error) {
	b, err := findToolchain(ctx, *base)
	if err != nil {
		return b, fmt.Errorf("base: %w", err)
	}
	h, err := findToolchain(ctx, *head)
	if err != nil {
		return h, fmt.Errorf("head: %w", err)
	}
	if b == h {
		return h, nil
	}
	newer, other := h, base
	if version.Compare(b.version, h.version) > 0 {
		newer, other = b, head
	}
	other.env = append(slices.Clone(other.env), "GOTOOLCHAIN="+newer.version)
	again, err := findToolchain(ctx, *other)
	if err == nil && again != newer {
		err = fmt.Errorf("base and head get different toolchains, %s and %s: set GOTOOLCHAIN", b.version, h.version)
	}
	return newer, err
}

// nameElsewhere gives a toolchain that the go command downloaded another name:
// since go1.25 no overlay may replace what lies below GOMODCACHE, as those do.
func (t *toolchain) nameElsewhere(cache string, sides [2]*side) error {
	if rel, err := filepath.Rel(t.modules, t.root); err != nil || !filepath.IsLocal(rel) {
		return nil // the user's own installation
	}
	link := filepath.Join(cache, "goroot-"+hashOf(t.root))
	if err := os.Symlink(t.root, link); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("cannot use toolchain %s: %w", t.version, err)
	}
	t.root = link
	for _, s := range sides {
		s.command = filepath.Join(link, "bin", "go")
		s.env = append(slices.Clone(s.env), "GOROOT="+link, "GOTOOLCHAIN=local")
	}
	return nil
}

// workspace returns the GOWORK of a tree: the go.work file nearest to dir in it,
// or off. It is never looked for above the tree.
func workspace(tree, dir string) string { return cmp.Or(above(tree, dir, "go.work"), "off") }

// above returns the path of the file of that name in dir, or else in the nearest
// directory above it in the tree, or "".
func above(tree, dir, name string) string {
	for {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
		if dir == tree {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}

// checkWorkspace refuses a go.work that the user builds with and that the trees
// cannot have.
func checkWorkspace(ctx context.Context, r *repo, dir string, head goTool) error {
	out, talk, err := goTool{dir: dir}.run(ctx, "env", "GOWORK")
	if err != nil {
		return goError("go env", err, talk)
	}
	work := strings.TrimSpace(string(out))
	if work == "" || work == "off" {
		return nil
	}
	rel, err := filepath.Rel(r.root, work)
	if err != nil || !filepath.IsLocal(rel) {
		return fmt.Errorf("%s lies outside the repository, so base and head cannot be built with it: set GOWORK=off, or move it into the repository", work)
	}
	if !slices.Contains(head.env, "GOWORK=off") {
		return nil
	}
	return fmt.Errorf("%s is not part of head, so base and head cannot be built with it: set GOWORK=off, or commit it", rel)
}

// checkReplaced refuses modules outside of the repository, which are not the
// same for base and head as they were then.
func checkReplaced(ctx context.Context, g goTool, tree string) error {
	if above(tree, g.dir, "vendor/modules.txt") != "" {
		return nil // all that is needed is in the tree
	}
	out, talk, err := g.run(ctx, "list", "-m", "-e", "-f",
		"{{if .Replace}}{{if not .Replace.Version}}{{.Path}} {{.Replace.Path}}{{end}}{{end}}", "all")
	if err != nil {
		return goError("go list -m", err, talk)
	}
	for _, line := range strings.Split(string(out), "\n") {
		module, path, ok := strings.Cut(line, " ")
		if !ok {
			continue
		}
		where := path
		if !filepath.IsAbs(where) {
			where = filepath.Join(g.dir, where)
		}
		if rel, err := filepath.Rel(tree, where); err != nil || !filepath.IsLocal(rel) {
			return fmt.Errorf("module %s is replaced by %s, outside the repository: perf cannot tell which state of it belongs to which commit", module, path)
		}
	}
	return nil
}
