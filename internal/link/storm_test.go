package link

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/hemilith/hemilith/wire"
)

// TestStorm mixes fast calls, calls that are fast until they block, long
// messages, callers that leave and connections that are cut. Answers are right,
// failures are explained, what is said not to have run did not, and afterwards
// no call is open: else Drain would wait.
func TestStorm(t *testing.T) {
	t.Parallel()
	var ran, refused sync.Map // by answer, of which there are no two alike
	fickle := Route{methodSlow, func(ctx context.Context, d *wire.Decoder, resp []byte) ([]byte, error) {
		resp, err := echo(ctx, d, resp)
		ran.Store(string(resp), true)
		if len(resp)%13 == 0 {
			<-time.After(3 * time.Millisecond)
		}
		return resp, err
	}}
	seed := uint64(time.Now().UnixNano())
	r, _ := loopRig(t, fickle)
	var group sync.WaitGroup
	for g := range 32 {
		group.Go(func() {
			rnd := rand.New(rand.NewPCG(seed, uint64(g)))
			for range 150 {
				if err := r.storm(rnd, &refused); err != nil {
					t.Errorf("%v (seed %d, caller %d)", err, seed, g)
					return
				}
			}
		})
	}
	group.Wait()
	if err := r.client.Drain(within(t, 10*time.Second)); err != nil {
		t.Errorf("draining the client: %v", err)
	}
	if err := r.server.Drain(within(t, 10*time.Second)); err != nil {
		t.Errorf("draining the server: %v", err)
	}
	r.stop()
	some := 0
	refused.Range(func(key, _ any) bool {
		some++
		if _, did := ran.Load(key); did {
			t.Errorf("a call that is said not to have run did (seed %d)", seed)
		}
		return true
	})
	t.Logf("%d calls did not run (seed %d)", some, seed)
}

// storm does one random thing.
func (r *rig) storm(rnd *rand.Rand, refused *sync.Map) error {
	n := 1 + rnd.IntN(200)
	if rnd.IntN(40) == 0 {
		n = 1 + rnd.IntN(400<<10)
	}
	method := methodEcho
	if rnd.IntN(3) == 0 {
		method = methodSlow
	}
	if rnd.IntN(400) == 0 {
		if cn := r.client.cur.Load(); cn != nil {
			cn.raw.Close()
		}
	}
	timeout := 20 * time.Second
	if rnd.IntN(10) == 0 {
		timeout = time.Duration(rnd.IntN(4000)) * time.Microsecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	want := binary.LittleEndian.AppendUint64(nil, rnd.Uint64())
	want = append(want, bytes.Repeat([]byte{byte(n)}, n)...)
	got, err := call1(ctx, r.client, method, want)
	var ce *wire.CallError
	switch {
	case err == nil && bytes.Equal(got, want):
		return nil
	case err == nil:
		return fmt.Errorf("got %d bytes that are not the %d sent", len(got), len(want))
	case !errors.As(err, &ce):
		return fmt.Errorf("got %w, want a CallError", err)
	case ce.Outcome == wire.DidNotRun:
		refused.Store(string(wire.AppendBytes(nil, 1, want)), true)
		return nil
	case ce.Outcome == wire.Ran:
		return fmt.Errorf("got %w, and nothing here fails after it ran", err)
	case errors.Is(err, context.DeadlineExceeded) && timeout > time.Second:
		return fmt.Errorf("%v were not enough: %w", timeout, err)
	}
	return nil
}
