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

// freeAddrs returns n loopback addresses that nothing listens on. The search
// begins at a place that seed chooses, so that a module keeps its ports from
// run to run and two modules seldom meet.
func freeAddrs(seed string, n int) ([]string, error) {
	h := fnv.New32a()
	h.Write([]byte(seed))
	start := int(h.Sum32() % ports)
	var addrs []string
	for i := 0; i < ports && len(addrs) < n; i++ {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(firstPort+(start+i)%ports))
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			addrs = append(addrs, addr)
		}
	}
	if len(addrs) < n {
		return nil, fmt.Errorf("found %d free ports on 127.0.0.1 between %d and %d, need %d",
			len(addrs), firstPort, firstPort+ports-1, n)
	}
	return addrs, nil
}
