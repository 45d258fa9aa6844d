package serve

import (
	"fmt"
	"strings"
)

// Kind is why a side has no measurement.
type Kind string

// The kinds of failure.
const (
	Ends      Kind = "ended before it was told to"
	Silent    Kind = "does not answer"
	Refuses   Kind = "answers with another status"
	Late      Kind = "does not answer in time"
	Large     Kind = "answers more than is read"
	Elsewhere Kind = "takes no processor time: does the command start the server elsewhere, as docker and ssh do?"
	Differs   Kind = "answers something else than base"
)

// Failure is a stream that a side cannot be measured with.
type Failure struct {
	Side string
	// Stream is the name of the stream, "" before there is one.
	Stream string
	Kind   Kind
	// Detail says what happened, or is "".
	Detail string
	// Output is the end of what the commands wrote.
	Output string
}

// Error names side and kind, and gives the detail and the output below.
func (f *Failure) Error() string {
	s := f.Side + " " + string(f.Kind)
	if f.Detail != "" {
		s += ": " + f.Detail
	}
	return s + lastLines(f.Output)
}

// maxErrorLines is how much of a program's words is shown.
const maxErrorLines = 12

// lastLines returns the end of a text, each line below what it explains.
func lastLines(text string) string {
	text = strings.Trim(text, "\n")
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	if more := len(lines) - maxErrorLines; more > 0 {
		lines = append([]string{fmt.Sprintf("(%d lines before)", more)}, lines[more:]...)
	}
	for i, l := range lines {
		lines[i] = "\n\t" + strings.TrimRight(l, " \t\r")
	}
	return strings.Join(lines, "")
}
