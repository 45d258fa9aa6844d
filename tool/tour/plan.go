package tour

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// plan is examples/cut/tour.json: what the tour must know of the program.
type plan struct {
	dir string // of the plan's own file

	// Program is the folder of the plain program, and Patch and Requests are
	// files, all relative to the plan's.
	Program, Patch, Requests string
	// Env is the program's environment; AddressEnv and DatabaseEnv are the
	// variables that take its host:port and its database file.
	Env                     map[string]string
	AddressEnv, DatabaseEnv string
	// Ready is the path that answers 200 once the program serves.
	Ready string
	// Probe is cheap and idempotent and makes one boundary call. Its session is
	// made by Prepare.
	Probe request
	// Load are the requests of one write under load; {{key}} is its key, and
	// {{worker}} the number of who sends it. Prepare comes first, once a worker.
	Prepare, Load []request
	// Keys is a query whose rows are the keys of all stored writes.
	Keys string
}

func readPlan(root string) (*plan, error) {
	path := filepath.Join(root, "examples", "cut", "tour.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := &plan{dir: filepath.Dir(path)}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}
