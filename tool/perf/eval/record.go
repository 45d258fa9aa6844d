package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hemilith/hemilith/tool/perf/report"
)

// record is one run of the gate: a line of the file of results.
type record struct {
	// Task names what was run, as "plus3/p04"; Expect is what is right to say:
	// slower, faster or none.
	Task   string `json:"task"`
	Expect string `json:"expect"`
	// Effect is what head does to the time, as a share, where that is known.
	Effect float64   `json:"effect"`
	Began  time.Time `json:"began"`
	// Seconds are of the whole run, Busy how many busy processes ran beside it, and
	// Load the load averages before and after.
	Seconds float64        `json:"seconds"`
	Busy    int            `json:"busy"`
	Load    [2]float64     `json:"load"`
	InTurn  bool           `json:"in_turn,omitempty"` // the sides of pairs ran one after the other
	Report  *report.Report `json:"report"`
	Runs    []report.Run   `json:"runs"`
	Bisect  *bisected      `json:"bisect,omitempty"`
	Failed  string         `json:"failed,omitempty"`
}

// bisected is what a bisection found, as numbers of commits from 1 on.
type bisected struct {
	Planted int    `json:"planted"`
	Found   int    `json:"found"` // 0: none
	Said    string `json:"said"`
}

// kind is the task without its number.
func (r *record) kind() string {
	kind, _, _ := strings.Cut(r.Task, "/")
	return kind
}

// maxRecord bounds one line of results: a run of 160 benchmarks has about 2 MB.
const maxRecord = 256 << 20

// readRecords reads files of results.
func readRecords(names []string) ([]*record, error) {
	var all []*record
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, maxRecord)
		var bad error
		for n := 1; lines.Scan() && bad == nil; n++ {
			r := &record{}
			if bad = json.Unmarshal(lines.Bytes(), r); bad != nil {
				bad = fmt.Errorf("%s: line %d: %w", name, n, bad)
			}
			all = append(all, r)
		}
		if err := errors.Join(bad, lines.Err(), f.Close()); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// addRecord appends one to a file of results.
func addRecord(name string, r *record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// mend cuts off a last line that was not finished, as by a kill. The file need not
// exist.
func mend(name string) error {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	if err != nil || whole == len(text) {
		return err
	}
	return os.Truncate(name, int64(whole))
}

// doneTasks are those in a file of results, which need not exist.
func doneTasks(name string) (map[string]bool, error) {
	done := map[string]bool{}
	all, err := readRecords([]string{name})
	if errors.Is(err, fs.ErrNotExist) {
		return done, nil
	}
	for _, r := range all {
		done[r.Task] = true
	}
	return done, err
}

// measured is what one run of one side gave, per operation.
type measured struct{ cpu, wall, allocs float64 }

// pair is one run of each side.
type pair struct{ base, head measured }

// pairsOf returns the pairs of each benchmark, by package and name, in the order
// in which they were run. Lines have their processors behind the name.
func pairsOf(runs []report.Run) (map[string][]pair, error) {
	by := map[string][]pair{}
	for i := 0; i+1 < len(runs); i += 2 {
		base, head := runs[i], runs[i+1]
		if base.Head {
			base, head = head, base
		}
		name, b, err := parseLine(base.Line)
		if err != nil {
			return nil, err
		}
		other, h, err := parseLine(head.Line)
		if err != nil {
			return nil, err
		}
		if other != name || base.Head == head.Head {
			return nil, fmt.Errorf("runs %d and %d are no pair: %s and %s", i, i+1, name, other)
		}
		key := base.Package + " " + name
		by[key] = append(by[key], pair{b, h})
	}
	return by, nil
}

// parseLine reads a result in the standard Go benchmark format.
func parseLine(line string) (name string, m measured, err error) {
	fields := strings.Fields(line)
	if len(fields) < 4 {
		return "", m, fmt.Errorf("%.60q is no result of a benchmark", line)
	}
	to := map[string]*float64{"cpu-ns/op": &m.cpu, "ns/op": &m.wall, "allocs/op": &m.allocs}
	for i := 2; i+1 < len(fields); i += 2 {
		if at := to[fields[i+1]]; at != nil {
			if *at, err = strconv.ParseFloat(fields[i], 64); err != nil {
				return "", m, fmt.Errorf("%.60q is no result of a benchmark: %w", line, err)
			}
		}
	}
	return fields[0], m, nil
}
