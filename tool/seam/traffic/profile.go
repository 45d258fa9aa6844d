package traffic

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/google/pprof/profile"
)

// allSamples is the one route of a profile.
const allSamples = "all samples"

// readProfile reads a CPU profile, not packed.
func readProfile(from io.Reader) (*Traffic, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxProfile+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxProfile:
		return nil, fmt.Errorf("a profile of more than %d MiB", maxProfile>>20)
	}
	p, err := profile.ParseUncompressed(data)
	if err == nil {
		err = p.CheckValid()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnknown, err)
	}
	value := slices.IndexFunc(p.SampleType, func(v *profile.ValueType) bool { return v.Type == "samples" || v.Type == "cpu" })
	if value < 0 {
		return nil, fmt.Errorf("not a CPU profile, but one of %s", types(p))
	}
	return fromSamples(p, value)
}

func types(p *profile.Profile) string {
	if len(p.SampleType) == 0 {
		return "nothing"
	}
	return p.SampleType[0].Type
}

func fromSamples(p *profile.Profile, value int) (*Traffic, error) {
	f, names := newForest(), new(table)
	count := []float64{}
	deep := 0
	for _, s := range p.Sample {
		stack := frames(s)
		if len(stack) > maxDepth {
			stack = stack[:maxDepth]
			deep++
		}
		at := int32(^0)
		for _, name := range stack {
			below := f.at(at, names.of(name))
			if below == at {
				break // the forest is full
			}
			for int(below) >= len(count) {
				count = append(count, 0)
			}
			count[below] += float64(s.Value[value])
			at = below
		}
	}
	if len(f.nodes) == 0 {
		return nil, errors.New("a profile without samples of Go functions")
	}
	t := &Traffic{Source: Profile, Routes: []Route{{Name: allSamples, Calls: f.calls(count, names.names, 1)[0]}}}
	t.Notes = append(t.Notes, "a CPU profile has samples and no numbers of calls or requests: it says how much time is spent behind the line, and no milliseconds")
	if deep > 0 || f.full {
		t.Notes = append(t.Notes, fmt.Sprintf("stacks are cut at %d calls, and %d different ones are kept", maxDepth, maxNodes))
	}
	return t, nil
}

// frames are a stack's functions, the outermost first. Lines of one location are
// calls that the compiler inlined, the innermost first. A closure and the
// function that it is in are one.
func frames(s *profile.Sample) []string {
	var stack []string
	for _, l := range slices.Backward(s.Location) {
		for _, line := range slices.Backward(l.Line) {
			if line.Function == nil {
				continue
			}
			name := Function(line.Function.Name)
			if name != "" && (len(stack) == 0 || stack[len(stack)-1] != name) {
				stack = append(stack, name)
			}
		}
	}
	return stack
}
