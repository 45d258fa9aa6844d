// Package lib is a library.
package lib

import "os"

// Read reads a file.
func Read(name string) ([]byte, error) { return os.ReadFile(name) }
