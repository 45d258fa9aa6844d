package layoutfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
)

// empty reports whether n is null, {} or [].
func empty(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.ScalarNode:
		return n.ShortTag() == "!!null"
	case yaml.AliasNode:
		return false
	}
	return len(n.Content) == 0
}

// describe names a node for people; scalars are quoted up to a bound.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	}
	switch {
	case n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null":
		return "nothing"
	case n.ShortTag() == "!!str":
		return fmt.Sprintf("%.80q", n.Value)
	}
	return fmt.Sprintf("%.80s", n.Value)
}

// example is what the user may have meant by a scalar in place of a list.
func example(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" && len(n.Value) <= 40 && n.Value != "" {
		return n.Value
	}
	return "orders"
}

// suggest says what could have been meant by name: the nearest of known, or all
// of them.
func suggest(name string, known []string) string {
	const maxListed = 20
	best, least := "", 3
	for _, k := range known {
		if d := levenshtein.ComputeDistance(name, k); d < least && d < len(k) {
			best, least = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	if len(known) == 0 {
		return "there are none"
	}
	sorted := slices.Sorted(slices.Values(known))
	more := ""
	if len(sorted) > maxListed {
		more = fmt.Sprintf(" and %d more", len(sorted)-maxListed)
		sorted = sorted[:maxListed]
	}
	return "there are " + strings.Join(sorted, ", ") + more
}
