package local

import "time"

// The delays between restarts. The first restart is immediate, since most
// deaths are the only one; a program that can't start must not eat the machine.
const (
	minDelay = 50 * time.Millisecond
	maxDelay = 5 * time.Second
	// settled is the life after which a death is the first one again.
	settled = 10 * time.Second
)

// Backoff decides how long a service that died waits for its next start. It is
// pure: the caller measures and waits. The zero value has seen no death.
type Backoff struct {
	// Deaths counts those since the last life of 10 s.
	Deaths int

	next time.Duration
}

// Died takes the life of the process that died and returns the delay before the
// next start: none at first, then 50 ms, doubling to 5 s, and none again after
// a life of 10 s.
func (b *Backoff) Died(life time.Duration) time.Duration {
	if life >= settled {
		*b = Backoff{}
	}
	b.Deaths++
	delay := b.next
	b.next = min(max(minDelay, 2*b.next), maxDelay)
	return delay
}
