package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/hemilith/hemilith/tool/gen"
	"github.com/hemilith/hemilith/tool/layoutfile"
	"github.com/hemilith/hemilith/tool/source"
)

// patient is what the doctor looks at: each thing is fetched once.
type patient struct {
	dir    string
	module string
	// goEnv are variables of the go command, or goErr says why there are none.
	goEnv map[string]string
	goErr error
	// packages are what the go command lists of the module's own.
	packages []listed
	listErr  error
	prog     *source.Program
	progErr  error
	// made is what gen would write, or madeErr why it would refuse.
	made    *generated
	madeErr error
}

// listed is a package as go list sees it.
type listed struct {
	ImportPath string
	CgoFiles   []string
	Error      *struct{ Pos, Err string }
}

func newPatient(ctx context.Context, dir string, progress func(string)) *patient {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	p := &patient{dir: dir}
	out, err := p.goCommand(ctx, "env", "-json", "GOVERSION", "GOMOD", "GOPROXY", "GOWORK")
	if err == nil {
		err = json.Unmarshal(out, &p.goEnv)
	}
	if p.goErr = err; err != nil || !p.inModule() {
		p.listErr, p.progErr, p.madeErr = errSkipped, errSkipped, errSkipped
		return p
	}
	p.packages, p.listErr = p.list(ctx)
	p.prog, p.progErr = source.Load(ctx, source.Config{Dir: dir, Skip: gen.Skip, Progress: progress})
	if p.progErr == nil {
		p.dir, p.module = p.prog.Dir, p.prog.Module
		p.progErr = p.prog.Fail()
	}
	if p.progErr != nil {
		p.madeErr = errSkipped
		return p
	}
	p.made, p.madeErr = generateFrom(p.prog)
	return p
}

func (p *patient) inModule() bool {
	mod := p.goEnv["GOMOD"]
	return mod != "" && mod != os.DevNull
}

// list asks for the packages of the module with cgo on, so that files that use it
// are seen, and for embedded files, so that missing ones are.
func (p *patient) list(ctx context.Context) ([]listed, error) {
	out, err := p.goCommand(ctx, "list", "-e", "-json=ImportPath,CgoFiles,EmbedFiles,Error", "./...")
	if err != nil {
		return nil, err
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var one listed
		if err := d.Decode(&one); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
}

func (p *patient) goCommand(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}

// layout returns what hemilith.yaml says by itself; it needs a module.
func (p *patient) layout() (*layoutfile.File, error) {
	if p.prog == nil {
		return nil, errSkipped
	}
	return layoutfile.Load(p.prog.Dir)
}
