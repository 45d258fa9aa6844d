package hemilith

import (
	"context"

	"github.com/hemilith/hemilith/internal/carry"
)

// Role names an entry point of the program: an HTTP server, a worker, anything
// that runs until its context ends. [Run] starts the roles that this process
// hosts; a monolith hosts all. A role returns when its context ends, after the
// work that it has begun. Two roles of one name are an error that Run returns.
func Role(name string, serve func(context.Context) error) {
	carry.Current().Role(name, site(), serve)
}

// Run serves the components that this process hosts and runs its roles, until
// ctx ends, SIGTERM or SIGINT arrives, a role fails, or every role has returned
// and nothing is served. Then it drains: peers are told to send no more, roles
// are asked to return, calls in flight are answered, and connections are
// closed, within a grace of the longest boundary timeout. A second signal ends
// the process at once.
//
// Run returns nil after a clean drain, else the first error: of a role, of the
// environment, or of the layout. It is called once, after every Bind and Role.
func Run(ctx context.Context) error { return carry.Current().Run(ctx) }
