package local

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/hemilith/hemilith/internal/ident"
)

// domain is the trust domain of development certificates. Each module has a CA
// of its own, so that one name for all is not one trust for all.
const domain = "development"

// leafLife is the life of a service's certificate; half of it passes between
// renewals.
const leafLife = time.Hour

// certs are the certificates of one run.
type certs struct {
	ca       *ident.CA
	dir      string
	services []string
}

// newCerts opens the CA of the state directory and gives each service a
// certificate in a directory of this run, which remove deletes.
func newCerts(state string, services []string, now func() time.Time) (*certs, error) {
	ca, err := ident.OpenCA(state, domain, now)
	if err != nil {
		return nil, fmt.Errorf("development CA: %w", err)
	}
	if err := sweep(state); err != nil {
		return nil, fmt.Errorf("development certificates: %w", err)
	}
	dir, err := runDir(state)
	if err != nil {
		return nil, fmt.Errorf("development certificates: %w", err)
	}
	c := &certs{ca: ca, dir: dir, services: services}
	if err := c.renew(); err != nil {
		c.remove()
		return nil, err
	}
	return c, nil
}

// renew replaces every certificate. Services read the files again.
func (c *certs) renew() error {
	for _, s := range c.services {
		if _, err := c.ca.Write(c.dir, s, leafLife); err != nil {
			return fmt.Errorf("development certificate of %s: %w", s, err)
		}
	}
	return nil
}

// keep renews until ctx ends. A renewal that fails is told to complain and
// tried again a minute later.
func (c *certs) keep(ctx context.Context, complain func(error)) {
	wait := leafLife / 2
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = leafLife / 2
		if err := c.renew(); err != nil {
			complain(err)
			wait = time.Minute
		}
	}
}

func (c *certs) remove() error { return os.RemoveAll(c.dir) }
