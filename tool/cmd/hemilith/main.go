// Command hemilith finds where a Go program splits best, generates what the cut
// needs, and runs the halves.
package main

import (
	"os"

	"github.com/hemilith/hemilith/tool/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
