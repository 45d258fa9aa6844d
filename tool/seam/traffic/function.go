package traffic

import (
	"net/url"
	"strings"
)

// Function turns the name that the linker gives a function, or OpenTelemetry's
// code.function.name, into "import/path.Name" or "import/path.Type.Method".
// Closures become the function that they are in, instances of generic code the
// code, method values the method. It returns "" for what is no declaration.
//
// The names are those of cmd/internal/objabi and cmd/compile, as runtime.Func
// shows them.
func Function(symbol string) string {
	symbol, ok := withoutBrackets(strings.TrimSpace(symbol))
	if !ok || strings.HasPrefix(symbol, "type:") || strings.HasPrefix(symbol, "go:") {
		return ""
	}
	slash := strings.LastIndexByte(symbol, '/') + 1
	pkg, name, ok := strings.Cut(symbol[slash:], ".")
	if !ok || pkg == "" {
		return ""
	}
	// The linker escapes dots of the last element: gopkg.in/yaml%2ev3.Marshal.
	path, err := url.PathUnescape(symbol[:slash] + pkg)
	if err != nil {
		return ""
	}
	name = strings.TrimSuffix(name, "-fm")
	parts := strings.Split(name, ".")
	parts[0] = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(parts[0], "("), "*"), ")")
	own := 0
	for own < len(parts) && own < 2 && parts[own] != "" && !inner(parts[own]) {
		own++
	}
	if own == 0 {
		return ""
	}
	return path + "." + strings.Join(parts[:own], ".")
}

// inner is true for the parts that the compiler adds for what is within a
// function: func1, gowrap1, deferwrap1, and bare numbers.
func inner(part string) bool {
	letters := strings.TrimRight(part, "0123456789")
	if len(letters) == len(part) {
		return false
	}
	switch letters {
	case "", "func", "gowrap", "deferwrap", "range":
		return true
	}
	return strings.HasSuffix(letters, "-range") && inner(strings.TrimSuffix(letters, "-range"))
}

// withoutBrackets drops type arguments, which may have dots, slashes and brackets
// within. It is false if brackets do not match.
func withoutBrackets(s string) (string, bool) {
	if !strings.ContainsAny(s, "[]") {
		return s, true
	}
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
		if depth < 0 {
			return "", false
		}
	}
	return b.String(), depth == 0
}
