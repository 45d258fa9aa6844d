// Package text is pure.
package text

import "strings"

// Clean trims.
func Clean(s string) string { return strings.TrimSpace(s) }
