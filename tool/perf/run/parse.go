package run

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxFields bounds the metrics of a result line; users add their own.
const maxFields = 1000

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
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return bad(strconv.Quote(fields[i]) + " is no number")
		}
		if _, twice := values[fields[i+1]]; twice {
			return bad("two values in " + fields[i+1])
		}
		values[fields[i+1]] = v
	}
	for _, unit := range [...]string{"ns/op", "cpu-ns/op", "B/op", "allocs/op"} {
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
