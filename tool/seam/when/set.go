package when

import "time"

// Names lists the signs, as in reports and in the thresholds that users set.
func Names() []string {
	signs := Signs(Measures{}, Thresholds{})
	names := make([]string, 0, len(signs))
	for _, s := range signs {
		names = append(names, s.Name)
	}
	return names
}

// Set changes the limit of a sign, in the sign's unit, and reports whether there
// is a sign of that name.
func (t *Thresholds) Set(name string, limit float64) bool {
	switch name {
	case "people":
		t.Team = int(limit)
	case "people in the same files":
		t.CrowdedFiles = limit
	case "merge conflicts":
		t.Conflicts = limit
	case "lines":
		t.Lines = int(limit)
	case "packages":
		t.Packages = int(limit)
	case "test time":
		t.TestTime = time.Duration(limit * float64(time.Second))
	default:
		return false
	}
	return true
}
