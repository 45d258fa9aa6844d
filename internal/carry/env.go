package carry

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// The environment variables that say what a process is; package hemilith
// documents them.
const (
	EnvService = "HEMILITH_SERVICE"
	EnvListen  = "HEMILITH_LISTEN"
	EnvPeers   = "HEMILITH_PEERS"
	EnvCert    = "HEMILITH_CERT"
	EnvKey     = "HEMILITH_KEY"
	EnvCA      = "HEMILITH_CA"
	EnvMode    = "HEMILITH_MODE"
)

// Mode is the way in which calls of hosted components go.
type Mode string

// The modes of a process. In a service of a layout, components that are hosted
// elsewhere are remote whatever the mode.
const (
	Inprocess Mode = "inprocess"
	Strict    Mode = "strict"
	// Remote carries the calls of a monolith over loopback TLS, for tests.
	Remote Mode = "remote"
	// RemoteMemory does so over memory.
	RemoteMemory Mode = "remote-memory"
)

// Modes are all modes, cheapest first.
func Modes() []Mode { return []Mode{Inprocess, Strict, RemoteMemory, Remote} }

// maxPeers bounds the entries of HEMILITH_PEERS.
const maxPeers = 1024

// Env is the environment, parsed.
type Env struct {
	Service, Listen string
	// Peers maps a service to its host:port.
	Peers map[string]string
	// Cert, Key and CA are files.
	Cert, Key, CA string
	Mode          Mode
}

// ParseEnv reads the environment through getenv and reports all that is wrong
// with it at once.
func ParseEnv(getenv func(string) string) (Env, error) {
	e := Env{
		Service: getenv(EnvService),
		Listen:  getenv(EnvListen),
		Cert:    getenv(EnvCert),
		Key:     getenv(EnvKey),
		CA:      getenv(EnvCA),
		Mode:    Mode(getenv(EnvMode)),
	}
	var errs []error
	var err error
	if e.Peers, err = parsePeers(getenv(EnvPeers)); err != nil {
		errs = append(errs, err)
	}
	switch e.Mode {
	case "":
		e.Mode = Inprocess
	case Inprocess, Strict:
	case Remote, RemoteMemory:
		if e.Service != "" {
			errs = append(errs, fmt.Errorf("hemilith: %s=%s is for a monolith, and %s=%s makes this a service: unset one",
				EnvMode, e.Mode, EnvService, e.Service))
		}
	default:
		errs = append(errs, fmt.Errorf("hemilith: %s=%.40q: want inprocess, strict, remote or remote-memory", EnvMode, e.Mode))
	}
	if e.Listen != "" {
		if _, _, err := net.SplitHostPort(e.Listen); err != nil {
			errs = append(errs, fmt.Errorf("hemilith: %s=%.80q: want host:port", EnvListen, e.Listen))
		}
	}
	return e, errors.Join(errs...)
}

func parsePeers(s string) (map[string]string, error) {
	peers := make(map[string]string)
	if s == "" {
		return peers, nil
	}
	entries := strings.Split(s, ",")
	if len(entries) > maxPeers {
		return nil, fmt.Errorf("hemilith: %s has %d entries, more than %d", EnvPeers, len(entries), maxPeers)
	}
	for _, entry := range entries {
		service, addr, _ := strings.Cut(strings.TrimSpace(entry), "=")
		if _, _, err := net.SplitHostPort(addr); service == "" || err != nil {
			return nil, fmt.Errorf("hemilith: %s: entry %.80q: want service=host:port", EnvPeers, entry)
		}
		if peers[service] != "" {
			return nil, fmt.Errorf("hemilith: %s names %q twice", EnvPeers, service)
		}
		peers[service] = addr
	}
	return peers, nil
}
