//go:build !never

package tool

import (
	_ "github.com/bluekeyes/go-gitdiff/gitdiff"
	_ "github.com/goccy/go-graphviz"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/tools/go/packages"
	_ "google.golang.org/protobuf/encoding/protowire"
	_ "pgregory.net/rapid"
)
