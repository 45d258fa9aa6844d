package main

import "strings"

// markdown writes all findings as the tables of docs/seam-evaluation.md.
func (f *findings) markdown() string {
	var b strings.Builder
	return b.String()
}
