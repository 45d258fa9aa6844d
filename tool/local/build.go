package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// runtimePath is what a program imports that has boundaries.
const runtimePath = "github.com/hemilith/hemilith"

// FindMain returns the import path of the one program that pattern matches, as
// the go command in dir understands it; "" means ./... below dir. Of several it
// is the only one that uses Hemilith. If there is no such one, the error lists
// what there is.
func FindMain(ctx context.Context, dir, pattern string) (string, error) {
	if pattern == "" {
		pattern = "./..."
	}
	const form = `{{if eq .Name "main"}}{{.ImportPath}}{{range .Deps}}{{if eq . "` + runtimePath + `"}} *{{end}}{{end}}{{end}}`
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "-f", form, "--", pattern)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go list in %s: %w: %s", dir, err, bytes.TrimSpace(stderr.Bytes()))
	}
	var mains, bound []string
	for line := range strings.Lines(string(out)) {
		path, uses := strings.CutSuffix(strings.TrimSpace(line), " *")
		if path == "" {
			continue
		}
		mains = append(mains, path)
		if uses {
			bound = append(bound, path)
		}
	}
	if len(bound) == 1 {
		return bound[0], nil
	}
	if len(bound) > 1 {
		mains = bound
	}
	slices.Sort(mains)
	switch len(mains) {
	case 0:
		return "", fmt.Errorf("no main package to run: %s in %s matches none", pattern, dir)
	case 1:
		return mains[0], nil
	}
	return "", fmt.Errorf("several programs to run: name one of %s", strings.Join(mains, ", "))
}

// ErrBuild says that the program does not compile; the compiler has said why.
var ErrBuild = errors.New("the program does not compile")

// Build compiles the package into the file out. What the compiler prints goes
// to stderr as it is; the error is then [ErrBuild].
func Build(ctx context.Context, dir, pkg, out string, stderr io.Writer) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", out, pkg)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = stderr, stderr
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); exited && ctx.Err() == nil {
		return ErrBuild
	}
	return errors.Join(err, ctx.Err())
}
