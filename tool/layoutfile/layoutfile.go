// Package layoutfile reads hemilith.yaml, strictly, into a [layout.Layout], and
// checks it against what the code defines. Every error has its file and line,
// and all of them are reported at once.
//
//	version: 1
//	services:
//	  back:
//	    components: [orders]
//	    roles: [mail]
//	  web:
//	    roles: [web]
//	boundaries:        # optional
//	  orders:
//	    timeout: 2s    # of a call whose context has no deadline
//	seam:              # optional: what hemilith seam should know
//	  keep:
//	  - [orders, stock]
package layoutfile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/layout"
)

// Name is the name of the file, at the root of the user's module.
const Name = "hemilith.yaml"

// maxFile bounds the file, in bytes; a layout of a hundred services has a tenth
// of that.
const maxFile = 256 << 10

// File is a layout with the lines that it came from. The zero value is the
// monolith: no file. It is not changed after reading.
type File struct {
	// Name is the file as messages show it, "" if there is none.
	Name string
	// Layout is sorted; its Module is empty.
	Layout layout.Layout
	// Seam is what the search for a seam should know.
	Seam Seam

	hosted map[kind]map[string]place
	bounds map[string]int
}

// place is where a component or a role is hosted.
type place struct {
	service string
	line    int
}

// kind is what a service hosts.
type kind string

const (
	component kind = "component"
	role      kind = "role"
)

// Error is one thing that is wrong.
type Error struct {
	// File and Line are where it is to be mended: the layout, or Go source.
	File string
	Line int
	// Text says what is wrong and what to do.
	Text string
}

// Error returns "file:line: text".
func (e Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text) }

// Errors are all that is wrong with a layout, in the order of files and lines.
type Errors []Error

// Error returns a line for each error, up to a bound.
func (es Errors) Error() string {
	const maxShown = 50
	var b strings.Builder
	for i, e := range es {
		if i == maxShown {
			fmt.Fprintf(&b, "\nand %d more", len(es)-maxShown)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.Error())
	}
	return b.String()
}

// orNil returns es sorted, as an error that is nil if there is nothing in it.
func (es Errors) orNil() error {
	if len(es) == 0 {
		return nil
	}
	slices.SortStableFunc(es, func(a, b Error) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return slices.Compact(es)
}

// Load reads hemilith.yaml in dir. Without that file it returns the zero File:
// the monolith. An error about the contents is [Errors].
func Load(dir string) (*File, error) {
	f, err := os.Open(filepath.Join(dir, Name))
	if errors.Is(err, fs.ErrNotExist) {
		return &File{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the layout: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the layout: %w", err)
	}
	return Read(Name, data)
}
