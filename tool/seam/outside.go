package seam

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/hemilith/hemilith/tool/source"
)

// outside grades functions of other modules. Their bodies are not loaded, so the
// standard library is graded by name and others by what they import; such lists
// are wrong by about one function in ten, either way.
type outside struct {
	all  map[string]*packages.Package
	memo map[string]grade
}

func newOutside(prog *source.Program) outside {
	return outside{all: prog.All, memo: map[string]grade{}}
}

// level is the grade of using fn, with a few words on why.
func (o outside) level(fn *types.Func) (grade, string) {
	if fn.Pkg() == nil {
		return pure, "" // error.Error
	}
	recv := fn.Signature().Recv()
	if recv != nil && types.IsInterface(recv.Type()) {
		return pure, "" // what is behind it is the business of who made it
	}
	path := fn.Pkg().Path()
	if standard(path) {
		return stdlib(path, fn)
	}
	level := o.module(path)
	short := fn.Pkg().Name() + "." + fn.Name()
	if level == stateful && !acts(fn) {
		return pure, ""
	}
	return level, "calls " + short + ", whose package can reach " + reached[level]
}

var reached = map[grade]string{
	pure: "nothing", nondet: "the clock or random numbers", ambient: "the process", background: "goroutines",
	stateful: "the network, the disk or a database",
}

// standard reports whether path is in the standard library.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// acts reports whether a function of a package that can reach the outside
// world looks like one that does: it can fail, and it does not merely read or
// write what it is handed.
func acts(fn *types.Func) bool {
	sig := fn.Signature()
	for p := range sig.Params().Variables() {
		switch types.TypeString(p.Type(), nil) {
		case "context.Context":
			return true
		case "io.Reader", "io.Writer", "[]byte", "net/http.ResponseWriter", "*net/http.Request":
			return false
		}
	}
	n := sig.Results().Len()
	return n > 0 && types.TypeString(sig.Results().At(n-1).Type(), nil) == "error"
}

// module grades a package of another module by its imports and those of the
// packages that it imports outside the standard library.
func (o outside) module(path string) grade {
	if level, ok := o.memo[path]; ok {
		return level
	}
	o.memo[path] = pure // for cycles, which Go does not have
	p := o.all[path]
	if p == nil {
		return pure
	}
	level := pure
	for _, dep := range p.Imports {
		if standard(dep.PkgPath) {
			level = max(level, importGrade(dep.PkgPath))
			continue
		}
		level = max(level, o.module(dep.PkgPath))
	}
	o.memo[path] = level
	return level
}

// importGrade is what the import of a standard package lets a package do.
func importGrade(path string) grade {
	switch path {
	case "net", "net/http", "net/smtp", "net/rpc", "database/sql", "os/exec", "syscall", "crypto/tls":
		return stateful
	case "os", "log", "log/slog", "flag", "expvar":
		return ambient
	case "math/rand", "math/rand/v2", "crypto/rand":
		return nondet
	}
	return pure
}

// stdlib grades a function or method of the standard library.
func stdlib(path string, fn *types.Func) (grade, string) {
	name := fn.Name()
	if recv := fn.Signature().Recv(); recv != nil {
		if named := namedOf(recv.Type()); named != nil {
			name = named.Obj().Name() + "." + name
		}
	}
	short := fn.Pkg().Name() + "." + name
	switch level := stdGrade(path, name); level {
	case pure:
		return pure, ""
	case nondet:
		return level, "calls " + short
	case ambient:
		if path == "flag" || path == "os" && strings.Contains("Getenv LookupEnv Environ", name) {
			return level, "reads the settings: " + short
		}
		return level, "calls " + short
	default:
		return level, "calls " + short
	}
}

func stdGrade(path, name string) grade {
	switch path {
	case "os":
		return osGrade(name)
	case "net/http":
		return httpGrade(name)
	case "net":
		return netGrade(name)
	case "time":
		return timeGrade(name)
	case "database/sql":
		return sqlGrade(name)
	case "os/exec", "syscall", "net/smtp", "net/rpc", "os/signal", "plugin":
		return stateful
	case "io/ioutil":
		return choose(name, stateful, "ReadFile WriteFile ReadDir TempFile TempDir")
	case "path/filepath":
		return choose(name, stateful, "Walk WalkDir Glob EvalSymlinks")
	case "crypto/tls":
		return choose(name, stateful, "Dial DialWithDialer Listen Conn.Handshake Conn.Read Conn.Write LoadX509KeyPair")
	case "math/rand", "math/rand/v2", "crypto/rand":
		if strings.HasPrefix(name, "Rand.") {
			return pure
		}
		return nondet
	case "log", "log/slog", "flag", "expvar", "runtime", "runtime/debug", "runtime/pprof":
		return ambient
	case "fmt":
		return choose(name, ambient, "Print Printf Println Scan Scanf Scanln")
	}
	return pure
}

func choose(name string, level grade, names string) grade {
	for n := range strings.FieldsSeq(names) {
		if n == name {
			return level
		}
	}
	return pure
}

func osGrade(name string) grade {
	if strings.HasPrefix(name, "Is") {
		return pure
	}
	switch name {
	case "Getenv", "LookupEnv", "Environ", "ExpandEnv", "Exit", "Getpid", "Hostname", "Getwd", "Executable", "Getuid",
		"UserHomeDir", "UserCacheDir", "UserConfigDir", "TempDir":
		return ambient
	case "Expand", "SameFile", "NewSyscallError":
		return pure
	}
	if strings.HasPrefix(name, "PathError.") || strings.HasPrefix(name, "SyscallError.") || strings.HasPrefix(name, "LinkError.") {
		return pure
	}
	return stateful
}

func httpGrade(name string) grade {
	switch {
	case strings.HasPrefix(name, "ListenAndServe"), strings.HasPrefix(name, "Serve") && !strings.HasPrefix(name, "ServeMux") &&
		name != "ServeContent" && name != "Server.Close":
		return background
	case strings.HasPrefix(name, "Server."):
		return background
	}
	return choose(name, stateful, "Get Post PostForm Head Handle HandleFunc Client.Do Client.Get Client.Post "+
		"Client.PostForm Client.Head Transport.RoundTrip")
}

func netGrade(name string) grade {
	for _, p := range []string{"Dial", "Listen", "Lookup", "Resolve", "Interface", "Dialer.", "Resolver.", "ListenConfig."} {
		if strings.HasPrefix(name, p) {
			return stateful
		}
	}
	if strings.Contains(name, "Conn.") || strings.Contains(name, "Listener.") {
		return stateful
	}
	return pure
}

func timeGrade(name string) grade {
	switch name {
	case "Now", "Since", "Until":
		return nondet
	case "Sleep":
		return nondet
	case "NewTicker", "Tick", "AfterFunc":
		return background
	}
	return pure
}

func sqlGrade(name string) grade {
	for _, p := range []string{"DB.", "Tx.", "Stmt.", "Conn.", "Rows.", "Row."} {
		if strings.HasPrefix(name, p) {
			return stateful
		}
	}
	return choose(name, stateful, "Open OpenDB Register")
}
