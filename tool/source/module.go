package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// module is where the go command runs, and how.
type module struct {
	dir, path string
	cwd       string
	env       []string
	vars      goVars
	workspace bool // the module is part of the workspace that vars.GOWORK names
}

// goVars are what the go command says of its environment.
type goVars struct {
	GOMOD, GOWORK, GOFLAGS, GOVERSION, GOROOT, GOMODCACHE, GOOS, GOARCH, GOEXPERIMENT string
}

// findModule finds the module around cfg.Dir and the environment to list it in:
// without cgo, which made one module's listing hang; without a workspace that
// the module is not part of; and never changing go.mod.
func findModule(ctx context.Context, cfg Config) (module, error) {
	cwd, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return module{}, err
	}
	if cwd, err = filepath.EvalSymlinks(cwd); err != nil {
		return module{}, err
	}
	m := module{cwd: cwd}
	m.env = append(os.Environ(), "CGO_ENABLED=0", "GOPACKAGESDRIVER=off", "PWD="+cwd)
	m.env = append(m.env, cfg.Env...)
	if err := m.goJSON(ctx, &m.vars, "env", "-json", "GOMOD", "GOWORK", "GOFLAGS", "GOVERSION", "GOROOT",
		"GOMODCACHE", "GOOS", "GOARCH", "GOEXPERIMENT"); err != nil {
		return module{}, err
	}
	vars := m.vars
	if vars.GOMOD == "" || vars.GOMOD == os.DevNull {
		return module{}, fmt.Errorf("%s is in no module: run this where go.mod is", cwd)
	}
	m.dir = filepath.Dir(vars.GOMOD)
	if vars.GOWORK != "" && vars.GOWORK != "off" {
		m.workspace, err = m.inWorkspace(ctx, vars.GOWORK)
		if err != nil {
			return module{}, err
		}
		if !m.workspace {
			m.env = append(m.env, "GOWORK=off")
		}
	}
	m.env = append(m.env, "GOFLAGS="+loadFlags(vars.GOFLAGS))
	var file struct{ Module struct{ Path string } }
	if err := m.goJSON(ctx, &file, "mod", "edit", "-json", vars.GOMOD); err != nil {
		return module{}, err
	}
	m.path = file.Module.Path
	return m, nil
}

// inWorkspace reports whether the workspace file uses the module.
func (m module) inWorkspace(ctx context.Context, file string) (bool, error) {
	var work struct{ Use []struct{ DiskPath string } }
	if err := m.goJSON(ctx, &work, "work", "edit", "-json", file); err != nil {
		return false, err
	}
	for _, u := range work.Use {
		dir := u.DiskPath
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(filepath.Dir(file), dir)
		}
		if real, err := filepath.EvalSymlinks(dir); err == nil && real == m.dir {
			return true, nil
		}
	}
	return false, nil
}

// goJSON runs the go command and reads what it prints into v.
func (m module) goJSON(ctx context.Context, v any, args ...string) error {
	out, err := m.goOutput(ctx, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, v); err != nil {
		return fmt.Errorf("go %s in %s: %w", strings.Join(args, " "), m.cwd, err)
	}
	return nil
}

// goOutput runs the go command.
func (m module) goOutput(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = m.cwd, m.env
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
		}
		return nil, fmt.Errorf("go %s in %s: %w", strings.Join(args, " "), m.cwd, err)
	}
	return out, nil
}

func relative(dir, file string) string {
	rel, err := filepath.Rel(dir, file)
	if err != nil || strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(rel)
}

// loadFlags are GOFLAGS as loading wants them: it changes no go.mod, and the
// sanitizers need the cgo that it does without.
func loadFlags(goflags string) string {
	flags := strings.Fields(goflags)
	for i, f := range flags {
		switch strings.TrimPrefix(f, "-") {
		case "-race", "race", "-msan", "msan", "-asan", "asan":
			flags[i] = ""
		case "-mod=mod", "mod=mod":
			flags[i] = "-mod=readonly"
		}
	}
	return strings.Join(flags, " ")
}
