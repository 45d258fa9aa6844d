//go:build !never

package tool

import (
	_ "github.com/bluekeyes/go-gitdiff/gitdiff"
	_ "github.com/goccy/go-graphviz"
	_ "golang.org/x/sync/errgroup"
)
