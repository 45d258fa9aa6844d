// Package model links the facts of a program's packages to one graph, grades
// it, and states the search problem: which declarations have to be placed, what
// it costs to part or to copy them. It reads labels back into what a report
// says of a cut.
package model
