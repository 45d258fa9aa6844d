package layoutfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/hemilith/hemilith/layout"
)

// maxTimeout bounds the timeout of a boundary: a call that takes longer is a
// task and not a call.
const maxTimeout = 24 * time.Hour

// The keys of each mapping, as the schema has them.
var (
	topKeys      = []string{"version", "services", "boundaries", "seam"}
	serviceKeys  = []string{"components", "roles"}
	boundaryKeys = []string{"timeout"}
)

// dnsLabel is RFC 1123 section 2.1: service names become host names and parts
// of certificate names.
var dnsLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Read reads a layout; name is what messages call the file. The error is
// [Errors].
func Read(name string, data []byte) (*File, error) {
	r := reader{file: &File{
		Name:   name,
		Layout: layout.Layout{Version: layout.Version},
		hosted: map[kind]map[string]place{component: {}, role: {}},
		bounds: map[string]int{},
	}}
	if len(data) > maxFile {
		r.fail(1, "the file is larger than %d KiB: that is no layout", maxFile>>10)
	} else if root := r.parse(data); root != nil {
		r.top(root)
	}
	if err := r.errs.orNil(); err != nil {
		return nil, err
	}
	return r.file, nil
}

// reader walks the nodes of a YAML document. Nodes, not values, since only they
// have lines; and aliases stay unexpanded, so that a small file stays small.
type reader struct {
	file *File
	errs Errors
}

func (r *reader) fail(line int, format string, args ...any) {
	r.errs = append(r.errs, Error{File: r.file.Name, Line: max(1, line), Text: fmt.Sprintf(format, args...)})
}

// parse returns the one document of data, or nil if there is none to read.
func (r *reader) parse(data []byte) *yaml.Node {
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	err := d.Decode(&doc)
	if errors.Is(err, io.EOF) {
		r.fail(1, "the file is empty: begin it with \"version: %d\", or delete it for a monolith", layout.Version)
		return nil
	}
	if err != nil {
		r.syntax(err)
		return nil
	}
	var second yaml.Node
	if err := d.Decode(&second); err == nil {
		r.fail(second.Line, "a second document begins here: a layout is one document")
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
	}
	return doc.Content[0]
}

// syntax reports an error of the YAML library, whose line is in its text.
func (r *reader) syntax(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if at, rest, ok := strings.Cut(strings.TrimPrefix(text, "line "), ": "); ok {
		if n, err := strconv.Atoi(at); err == nil {
			line, text = n, rest
		}
	}
	r.fail(line, "not YAML: %s", text)
}

func (r *reader) top(root *yaml.Node) {
	seen := r.mapping(root, "the layout", topKeys)
	if root.Kind != yaml.MappingNode {
		return
	}
	r.version(value(seen, "version"))
	services, boundaries, seam := value(seen, "services"), value(seen, "boundaries"), value(seen, "seam")
	// Before anything is adopted, the file may be there for the seam alone.
	if services != nil || boundaries != nil || seam == nil {
		r.services(root.Line, services)
	}
	if boundaries != nil {
		r.boundaries(boundaries)
	}
	if seam != nil {
		r.seam(seam)
	}
}

// plain reports whether n is neither an alias nor anchored, and says so if it
// is: a layout says each thing once.
func (r *reader) plain(n *yaml.Node, what string) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.fail(n.Line, "%s: anchors and aliases (& and *) have no meaning here: write it out", what)
		return false
	}
	return true
}

// entry is a key, its line and its value.
type entry struct {
	name  string
	line  int
	value *yaml.Node
}

// value returns the value of a key, or nil.
func value(entries []entry, name string) *yaml.Node {
	for _, e := range entries {
		if e.name == name {
			return e.value
		}
	}
	return nil
}

// mapping returns the entries of a mapping in their order. Keys are one of
// known, or any string if known is nil; wrong ones are reported and left out.
func (r *reader) mapping(n *yaml.Node, what string, known []string) []entry {
	if !r.plain(n, what) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.fail(n.Line, "%s: want keys and values, not %s", what, describe(n))
		return nil
	}
	var entries []entry
	lines := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		name, ok := r.text(key, "a key of "+what)
		switch {
		case !ok:
		case known != nil && !slices.Contains(known, name):
			r.fail(key.Line, "unknown key %q: %s", name, suggest(name, known))
		case lines[name] != 0:
			r.fail(key.Line, "%s: %q is given twice, first on line %d: merge the two", what, name, lines[name])
		default:
			lines[name] = key.Line
			entries = append(entries, entry{name, key.Line, n.Content[i+1]})
		}
	}
	return entries
}

// text returns a string scalar.
func (r *reader) text(n *yaml.Node, what string) (string, bool) {
	if !r.plain(n, what) {
		return "", false
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" || n.Value == "" {
		quote := ""
		if n.Kind == yaml.ScalarNode && n.ShortTag() != "!!str" && n.ShortTag() != "!!null" {
			quote = ": put it in quotes"
		}
		r.fail(n.Line, "%s: want a name, not %s%s", what, describe(n), quote)
		return "", false
	}
	return n.Value, true
}

func (r *reader) version(n *yaml.Node) {
	if n == nil {
		r.fail(1, "version is missing: begin the file with \"version: %d\"", layout.Version)
		return
	}
	if !r.plain(n, "version") {
		return
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || n.Value != strconv.Itoa(layout.Version) {
		r.fail(n.Line, "version is %s: this hemilith reads version %d", describe(n), layout.Version)
	}
}

func (r *reader) services(line int, n *yaml.Node) {
	if n == nil {
		r.fail(line, "services is missing: name at least one service, or delete the file for a monolith")
		return
	}
	if empty(n) {
		r.fail(n.Line, "services is empty: name at least one service, or delete the file for a monolith")
		return
	}
	for _, e := range r.mapping(n, "services", nil) {
		if !dnsLabel.MatchString(e.name) {
			r.fail(e.line, "service name %q is not a DNS label: use up to 63 of a-z, 0-9 and -, "+
				"with a letter or digit at both ends", e.name)
			continue
		}
		r.service(e)
	}
	slices.SortFunc(r.file.Layout.Services, func(a, b layout.Service) int { return strings.Compare(a.Name, b.Name) })
}

func (r *reader) service(e entry) {
	what := fmt.Sprintf("service %q", e.name)
	if empty(e.value) {
		r.fail(e.line, "%s hosts nothing: give it components or roles, or delete it", what)
		return
	}
	s := layout.Service{Name: e.name}
	errs := len(r.errs)
	values := r.mapping(e.value, what, serviceKeys)
	s.Components = r.names(component, e.name, value(values, "components"))
	s.Roles = r.names(role, e.name, value(values, "roles"))
	if len(s.Components)+len(s.Roles) == 0 && len(r.errs) == errs {
		r.fail(e.line, "%s hosts nothing: give it components or roles, or delete it", what)
	}
	r.file.Layout.Services = append(r.file.Layout.Services, s)
}

// names reads the components or the roles of a service.
func (r *reader) names(k kind, service string, n *yaml.Node) []string {
	if n == nil || empty(n) {
		return nil
	}
	what := fmt.Sprintf("%ss of service %q", k, service)
	if !r.plain(n, what) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.fail(n.Line, "%s: want a list like [%s], not %s", what, example(n), describe(n))
		return nil
	}
	var names []string
	for _, item := range n.Content {
		name, ok := r.text(item, what)
		if !ok {
			continue
		}
		first, twice := r.file.hosted[k][name]
		switch {
		case twice && first.service == service:
			r.fail(item.Line, "%s %q is listed twice in service %q, first on line %d: delete one", k, name, service, first.line)
		case twice:
			r.fail(item.Line, "%s %q is in two services, %q and, on line %d, %q: keep it in one",
				k, name, service, first.line, first.service)
		default:
			r.file.hosted[k][name] = place{service, item.Line}
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (r *reader) boundaries(n *yaml.Node) {
	if empty(n) {
		return
	}
	for _, e := range r.mapping(n, "boundaries", nil) {
		r.file.bounds[e.name] = e.line
		what := fmt.Sprintf("boundary %q", e.name)
		b := layout.Boundary{Component: e.name}
		if t := value(r.mapping(e.value, what, boundaryKeys), "timeout"); t != nil {
			b.TimeoutMillis = r.timeout(t, what)
		}
		r.file.Layout.Boundaries = append(r.file.Layout.Boundaries, b)
	}
	slices.SortFunc(r.file.Layout.Boundaries, func(a, b layout.Boundary) int { return strings.Compare(a.Component, b.Component) })
}

func (r *reader) timeout(n *yaml.Node, what string) int64 {
	if !r.plain(n, what+": timeout") {
		return 0
	}
	d, err := time.ParseDuration(n.Value)
	switch {
	case n.Kind != yaml.ScalarNode || err != nil:
		r.fail(n.Line, "%s: timeout is %s: want a duration like 500ms or 2s", what, describe(n))
	case d < time.Millisecond || d > maxTimeout:
		r.fail(n.Line, "%s: timeout is %s: want 1ms to %v", what, n.Value, maxTimeout)
	}
	return d.Milliseconds()
}
