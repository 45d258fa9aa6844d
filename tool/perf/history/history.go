// Package history keeps the results of runs where a team shares them, and tells
// what many runs say together that none says alone.
package history
