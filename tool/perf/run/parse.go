package run

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxFields bounds the metrics of a result line; users add their own.
const maxFields = 1000

// always are the units that each result has, and sometimes those that it may have.
var (
	always    = []string{"ns/op", "cpu-ns/op", "B/op", "allocs/op"}
	sometimes = []string{"idle-share", "started-goroutines", "left-goroutines", "left-files"}
)

// parse reads the part of a result line after the name: the number of
// operations, and pairs of a value and its unit. See
// https://go.dev/design/14313-benchmark-format. Units that it does not know are
// the user's own and skipped; of those that it must find, none may be absent.
func parse(result string) (Measurement, error) {
	bad := func(why string) (Measurement, error) {
		return Measurement{}, fmt.Errorf("result %.200q is not as expected: %s", result, why)
	}
	fields := strings.Fields(result)
	if len(fields) > maxFields {
		return bad("too many metrics")
	}
	if len(fields)%2 != 1 {
		return bad("want a number of operations, then values with units")
	}
	n, err := strconv.Atoi(fields[0])
	if err != nil || n < 1 {
		return bad("no number of operations")
	}
	values := make(map[string]float64)
	for i := 1; i < len(fields); i += 2 {
		unit := fields[i+1]
		if !slices.Contains(always, unit) && !slices.Contains(sometimes, unit) {
			continue
		}
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return bad(strconv.Quote(fields[i]) + " is no number")
		}
		if _, twice := values[unit]; twice {
			return bad("two values in " + unit)
		}
		values[unit] = v
	}
	for _, unit := range always {
		if v, ok := values[unit]; !ok || v < 0 {
			return bad("no " + unit)
		}
	}
	return Measurement{
		N: n, CPU: values["cpu-ns/op"], Wall: values["ns/op"],
		Allocs: int64(values["allocs/op"]), Bytes: int64(values["B/op"]),
		Idle:    values["idle-share"],
		Started: int(values["started-goroutines"]), LeftGoroutines: int(values["left-goroutines"]), LeftFiles: int(values["left-files"]),
	}, nil
}
