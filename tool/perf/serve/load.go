package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxAnswer bounds the answer to one request.
	maxAnswer = 64 << 20
	// sliceTimeout is how long a slice may take: plans have about a second. With more
	// requests to warm up it is as much more.
	sliceTimeout = time.Minute
)

// answer is what a request got.
type answer struct {
	status int
	length int64
	took   time.Duration
}

func (c *Config) clients() int { return max(1, c.Clients) }

var errLarge = errors.New("the answer is too large")

// send sends one request, and reads the whole answer.
func (s *server) send(ctx context.Context, r Request) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, expand(r.URL, s.ports), bytes.NewReader(r.Body))
	if err != nil {
		return answer{}, err
	}
	for name, values := range r.Header {
		req.Header[name] = values
	}
	if host := r.Header.Get("Host"); host != "" {
		req.Host = host
	}
	began := time.Now()
	res, err := s.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	n, err := io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer+1))
	took := time.Since(began)
	if n > maxAnswer {
		err = errLarge
	}
	return answer{res.StatusCode, n, took}, errors.Join(err, res.Body.Close())
}

// slice lets a side answer a stream so many times, and measures it.
func (c *Config) slice(ctx context.Context, s *server, stream Stream, cycles int) (Slice, error) {
	before, reapedBefore, err := s.group.cpu()
	if err != nil {
		return Slice{}, err
	}
	n := cycles * len(stream.Requests)
	own, cancel := context.WithTimeout(ctx, sliceTimeout)
	defer cancel()
	total, fastest, err := c.answers(own, s, stream, 0, n)
	if err != nil {
		return Slice{}, err
	}
	after, reaped, err := s.group.cpu()
	if err != nil {
		return Slice{}, err
	}
	return Slice{
		Requests: n, CPU: (after - before).Seconds() / float64(n), Wall: total.Seconds() / float64(n),
		reaped: reaped - reapedBefore, fastest: fastest,
	}, nil
}

// answers sends requests of a stream that begins again when it ends, those from one
// number to another, with as many under way as there are clients. It returns how long
// all took together, and the fastest.
func (c *Config) answers(ctx context.Context, s *server, stream Stream, from, to int) (total, fastest time.Duration, err error) {
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		next    atomic.Int64
		clients sync.WaitGroup
		mu      sync.Mutex
	)
	next.Store(int64(from))
	for range c.clients() {
		clients.Go(func() {
			var mine, best time.Duration
			var failed error
			for i := next.Add(1) - 1; i < int64(to) && failed == nil; i = next.Add(1) - 1 {
				var a answer
				if a, failed = c.one(own, s, stream.Requests[i%int64(len(stream.Requests))]); failed == nil {
					mine += a.took
					best = least(best, a.took)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			total += mine
			fastest = least(fastest, best)
			if failed != nil && err == nil {
				err = failed
				cancel() // the other clients
			}
		})
	}
	clients.Wait()
	var f *Failure
	if errors.As(err, &f) {
		f.Stream = stream.Name
	}
	return total, fastest, err
}

// least is the smaller of two times, of which 0 is none.
func least(a, b time.Duration) time.Duration {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

// one sends a request whose answer counts.
func (c *Config) one(ctx context.Context, s *server, r Request) (answer, error) {
	a, err := s.send(ctx, r)
	switch {
	case err == nil && c.means(a.status):
		return a, nil
	case err == nil:
		return a, s.fail(Refuses, fmt.Sprintf("%s to %s: want %s", statusLine(a.status), r, c.meant()))
	case errors.Is(err, errLarge):
		return a, s.fail(Large, fmt.Sprintf("%s: more than %d MB", r, maxAnswer>>20))
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return a, s.fail(Late, fmt.Sprintf("%s, %v after the first request of a slice (-warm gives more)", r, sliceTimeout))
	case ctx.Err() != nil:
		return a, context.Cause(ctx)
	}
	if how := s.down(); how != nil {
		return a, s.fail(Ends, how.Error())
	}
	return a, s.fail(Silent, fmt.Sprintf("%s: %s", r, cause(err)))
}
