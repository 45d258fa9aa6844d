package local

import (
	"fmt"
	"hash/fnv"
	"net"
	"strconv"
)

// The ports that services listen on. They lie below those that systems give to
// outgoing connections, so that none takes the port of a service while it
// restarts.
const (
	firstPort = 20000
	ports     = 12000
)

// freeAddrs returns a loopback address for each service, in which ours says
// whether we start it: then nothing listens there. The search begins at a place
// that seed chooses, so that a module keeps its ports from run to run, two
// modules seldom meet, and the address of a service that runs elsewhere on this
// machine is known: it is the first that would be tried.
func freeAddrs(seed string, free func(addr string) bool, ours []bool) ([]string, error) {
	h := fnv.New32a()
	h.Write([]byte(seed))
	start := int(h.Sum32() % ports)
	addrs := make([]string, len(ours))
	for i := range ours {
		// Steps of the number of services, so that no two try the same port.
		for at := i; addrs[i] == "" && at < ports; at += len(ours) {
			addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(firstPort+(start+at)%ports))
			if !ours[i] || free(addr) {
				addrs[i] = addr
			}
		}
		if addrs[i] == "" {
			return nil, fmt.Errorf("no free port on 127.0.0.1 from %d to %d", firstPort, firstPort+ports-1)
		}
	}
	return addrs, nil
}

// free tells whether nobody listens there. It may be wrong for a moment: a process that
// is just being started holds what we have closed until it runs.
func free(addr string) bool {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	return l.Close() == nil
}
