package model

import (
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// outside grades functions of other modules. Their bodies are not loaded, so the
// standard library is graded by name and others by what they import; such lists
// are wrong by about one function in ten, either way.
type outside struct {
	imports map[string][]string
	memo    map[string]facts.Grade
}

// effect is a grade with a few words on why.
type effect struct {
	grade facts.Grade
	what  string
	envs  bool // reads the environment or flags
}

var reached = [...]string{
	facts.Pure: "nothing", facts.Nondet: "the clock or random numbers", facts.Ambient: "the process", facts.Background: "goroutines",
	facts.Stateful: "the network, the disk or a database",
}

// level is the effect of a use of f. What is done to a handle that was passed in
// is the business of who passed it.
func (o outside) level(f *facts.Foreign) effect {
	short := f.Path[strings.LastIndexByte(f.Path, '/')+1:] + "." + f.Name
	if f.Var {
		return variable(f.Path, short)
	}
	var e effect
	switch {
	case standard(f.Path):
		e = effect{grade: stdGrade(f.Path, f.Name), what: "calls " + short}
		if f.Iface && e.grade != facts.Stateful {
			return effect{}
		}
		if e.grade == facts.Ambient && readsSettings(f.Path, f.Name) {
			e.what, e.envs = "reads the settings: "+short, true
		}
	default:
		e.grade = o.module(f.Path)
		e.what = "calls " + short + ", whose package can reach " + reached[e.grade]
		if e.grade == facts.Stateful && !f.Acts {
			return effect{}
		}
	}
	if e.grade == facts.Pure || e.grade == facts.Stateful && f.Given {
		return effect{}
	}
	return e
}

func readsSettings(path, name string) bool {
	return path == "flag" || path == "os" && (name == "Getenv" || name == "LookupEnv" || name == "Environ")
}

func variable(path, short string) effect {
	switch short {
	case "os.Stdout", "os.Stderr", "os.Stdin", "os.Args", "time.Local", "flag.CommandLine":
		return effect{grade: facts.Ambient, what: "uses " + short}
	case "http.DefaultClient", "http.DefaultServeMux", "http.DefaultTransport":
		if path == "net/http" {
			return effect{grade: facts.Stateful, what: "uses " + short}
		}
	}
	return effect{}
}

// standard reports whether path is in the standard library.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// module grades a package of another module by its imports and those of the
// packages that it imports outside the standard library.
func (o outside) module(path string) facts.Grade {
	if level, ok := o.memo[path]; ok {
		return level
	}
	o.memo[path] = facts.Pure // for cycles, which Go does not have
	level := facts.Pure
	for _, dep := range o.imports[path] {
		if standard(dep) {
			level = max(level, importGrade(dep))
			continue
		}
		level = max(level, o.module(dep))
	}
	o.memo[path] = level
	return level
}

// importGrade is what the import of a standard package lets a package do.
func importGrade(path string) facts.Grade {
	switch path {
	case "net", "net/http", "net/smtp", "net/rpc", "database/sql", "os/exec", "syscall", "crypto/tls":
		return facts.Stateful
	case "os", "log", "log/slog", "flag", "expvar":
		return facts.Ambient
	case "math/rand", "math/rand/v2", "crypto/rand":
		return facts.Nondet
	}
	return facts.Pure
}

// stdGrade grades a function, or "Type.Method", of the standard library.
func stdGrade(path, name string) facts.Grade {
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
		return facts.Stateful
	case "io/ioutil":
		return choose(name, facts.Stateful, "ReadFile WriteFile ReadDir TempFile TempDir")
	case "path/filepath":
		return choose(name, facts.Stateful, "Walk WalkDir Glob EvalSymlinks")
	case "crypto/tls":
		return choose(name, facts.Stateful, "Dial DialWithDialer Listen Conn.Handshake Conn.Read Conn.Write LoadX509KeyPair")
	case "math/rand", "math/rand/v2", "crypto/rand":
		if strings.HasPrefix(name, "Rand.") {
			return facts.Pure
		}
		return facts.Nondet
	case "log", "log/slog", "flag", "expvar", "runtime", "runtime/debug", "runtime/pprof":
		return facts.Ambient
	case "fmt":
		return choose(name, facts.Ambient, "Print Printf Println Scan Scanf Scanln")
	}
	return facts.Pure
}

func choose(name string, level facts.Grade, names string) facts.Grade {
	for n := range strings.FieldsSeq(names) {
		if n == name {
			return level
		}
	}
	return facts.Pure
}

func osGrade(name string) facts.Grade {
	if strings.HasPrefix(name, "Is") {
		return facts.Pure
	}
	switch name {
	case "Getenv", "LookupEnv", "Environ", "ExpandEnv", "Exit", "Getpid", "Hostname", "Getwd", "Executable", "Getuid",
		"UserHomeDir", "UserCacheDir", "UserConfigDir", "TempDir":
		return facts.Ambient
	case "Expand", "SameFile", "NewSyscallError":
		return facts.Pure
	}
	for _, p := range []string{"PathError.", "SyscallError.", "LinkError.", "FileInfo.", "DirEntry.", "FileMode."} {
		if strings.HasPrefix(name, p) {
			return facts.Pure
		}
	}
	return facts.Stateful
}

func httpGrade(name string) facts.Grade {
	switch {
	case strings.HasPrefix(name, "ListenAndServe"), strings.HasPrefix(name, "Serve") && !strings.HasPrefix(name, "ServeMux") &&
		name != "ServeContent" && name != "Server.Close":
		return facts.Background
	case strings.HasPrefix(name, "Server."):
		return facts.Background
	}
	return choose(name, facts.Stateful, "Get Post PostForm Head Handle HandleFunc Client.Do Client.Get Client.Post "+
		"Client.PostForm Client.Head Transport.RoundTrip")
}

func netGrade(name string) facts.Grade {
	for _, p := range []string{"Dial", "Listen", "Lookup", "Resolve", "Interface", "Dialer.", "Resolver.", "ListenConfig."} {
		if strings.HasPrefix(name, p) {
			return facts.Stateful
		}
	}
	if strings.Contains(name, "Conn.") || strings.Contains(name, "Listener.") {
		return facts.Stateful
	}
	return facts.Pure
}

func timeGrade(name string) facts.Grade {
	switch name {
	case "Now", "Since", "Until", "Sleep":
		return facts.Nondet
	case "NewTicker", "Tick", "AfterFunc":
		return facts.Background
	}
	return facts.Pure
}

func sqlGrade(name string) facts.Grade {
	for _, p := range []string{"DB.", "Tx.", "Stmt.", "Conn.", "Rows.", "Row."} {
		if strings.HasPrefix(name, p) {
			return facts.Stateful
		}
	}
	return choose(name, facts.Stateful, "Open OpenDB Register")
}
