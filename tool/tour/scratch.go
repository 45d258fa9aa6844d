package tour

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// generatedName is what hemilith gen calls its Go files.
const generatedName = "zz_hemilith_gen.go"

// findRoot returns the checkout that holds dir, by its workspace and the
// bundled monolith.
func findRoot(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for d := abs; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "examples", "cut", "tour.json")); err == nil {
			return d, nil
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("%s: no checkout of hemilith at or above: the tour runs the monolith that the repository bundles:\n"+
				"    git clone https://github.com/hemilith/hemilith && cd hemilith && go run ./tool/cmd/hemilith tour", abs)
		}
	}
}

// Cut makes dir, a copy of the plain program, into its cut form: the patch, the
// requirement of the runtime, a workspace that finds the runtime in root, and
// the generated code. It returns how many lines people write and remove.
func (p *plan) cut(ctx context.Context, root, dir string, generate func(context.Context, string) error) (added, removed int, err error) {
	change, err := readPatch(filepath.Join(p.dir, p.Patch))
	if err != nil {
		return 0, 0, err
	}
	if err := change.apply(dir); err != nil {
		return 0, 0, err
	}
	work := fmt.Sprintf("go 1.26.0\n\nuse (\n\t.\n\t%q\n)\n\nreplace github.com/hemilith/hemilith v0.0.0 => %q\n", root, root)
	if err := os.WriteFile(filepath.Join(dir, "go.work"), []byte(work), 0o644); err != nil {
		return 0, 0, err
	}
	if err := command(ctx, dir, "go", "mod", "edit", "-require=github.com/hemilith/hemilith@v0.0.0"); err != nil {
		return 0, 0, err
	}
	return change.added, change.deleted, generate(ctx, dir)
}

// join takes the cut back: it reverses the patch and removes what was
// generated.
func (p *plan) join(ctx context.Context, dir string) error {
	change, err := readPatch(filepath.Join(p.dir, p.Patch))
	if err != nil {
		return err
	}
	if err := change.reversed().apply(dir); err != nil {
		return err
	}
	if err := command(ctx, dir, "go", "mod", "edit", "-droprequire=github.com/hemilith/hemilith"); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == generatedName, d.Name() == "hemilith.lock", d.Name() == "go.work", d.Name() == "go.work.sum":
			return os.Remove(path)
		}
		return nil
	})
}

// generated counts the generated Go files below dir and their lines.
func generated(dir string) (files, lines int, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != generatedName {
			return err
		}
		data, err := os.ReadFile(path)
		files++
		lines += bytes.Count(data, []byte("\n"))
		return err
	})
	return files, lines, err
}

// sameTree returns an error that names the first file in which two folders
// differ.
func sameTree(want, got string) error {
	files := make(map[string][]byte)
	read := func(root string, visit func(rel string, data []byte) error) error {
		return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			data, err := os.ReadFile(path)
			return errors.Join(err, visit(rel, data))
		})
	}
	err := read(want, func(rel string, data []byte) error { files[rel] = data; return nil })
	if err != nil {
		return err
	}
	err = read(got, func(rel string, data []byte) error {
		before, ok := files[rel]
		delete(files, rel)
		switch {
		case !ok:
			return fmt.Errorf("%s is left over", rel)
		case !bytes.Equal(before, data):
			return fmt.Errorf("%s differs at byte %d", rel, firstDifference(before, data))
		}
		return nil
	})
	for rel := range files {
		err = errors.Join(err, fmt.Errorf("%s is gone", rel))
	}
	return err
}

// build compiles the program in dir to the file out.
func build(ctx context.Context, dir, out string) error {
	return command(ctx, dir, "go", "build", "-o", out, ".")
}

// command runs a program and puts what it printed into its error.
func command(ctx context.Context, dir, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, out)
	}
	return nil
}
