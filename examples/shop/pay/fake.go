package pay

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Cards that the fake provider knows.
const (
	CardGood     = "tok_good"     // is charged
	CardDeclined = "tok_declined" // is refused
	CardUnsure   = "tok_unsure"   // is charged, but the first answer is lost
)

const maxKept = 100_000 // outcomes that the fake remembers

// Fake is a payment provider for development and tests. It serves HTTP on a
// port of the loopback interface and forgets everything when it is closed.
type Fake struct {
	key    string
	server *http.Server
	addr   string
	done   chan error

	mu      sync.Mutex
	kept    map[string]outcome // by idempotency key
	charged int64
}

type outcome struct {
	print  string
	status int
	answer answer
	lost   bool // the next answer is a failure, though all is done
}

// StartFake starts a provider that accepts key as bearer token.
func StartFake(key string) (*Fake, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("fake payment provider: %w", err)
	}
	f := &Fake{key: key, addr: l.Addr().String(), done: make(chan error, 1), kept: map[string]outcome{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/charges", f.serve(chargeCard))
	mux.HandleFunc("POST /v1/refunds", f.serve(refundCharge))
	f.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second}
	go func() { f.done <- f.server.Serve(l) }()
	return f, nil
}

// URL is where the provider listens.
func (f *Fake) URL() string { return "http://" + f.addr }

// Charged is the sum of all charges less all refunds, in cents.
func (f *Fake) Charged() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.charged
}

// Close stops the provider and waits until it has stopped.
func (f *Fake) Close() error {
	err := f.server.Close()
	if serve := <-f.done; !errors.Is(serve, http.ErrServerClosed) {
		err = errors.Join(err, serve)
	}
	return err
}

// serve does the parts that charges and refunds share: who asks, and whether
// the key was seen before.
func (f *Fake) serve(decide func(chargeBody, string) (outcome, int64)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+f.key)) != 1 {
			reply(w, http.StatusUnauthorized, answer{Error: "wrong key"})
			return
		}
		var body chargeBody
		key := r.Header.Get("Idempotency-Key")
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAnswer)).Decode(&body)
		if err != nil || key == "" || body.Amount < 0 {
			reply(w, http.StatusBadRequest, answer{Error: "need a body with an amount, and an Idempotency-Key"})
			return
		}
		o := f.decide(r.URL.Path, key, body, decide)
		reply(w, o.status, o.answer)
	}
}

func (f *Fake) decide(path, key string, body chargeBody, decide func(chargeBody, string) (outcome, int64)) outcome {
	print := fmt.Sprint(path, body)
	f.mu.Lock()
	defer f.mu.Unlock()
	o, seen := f.kept[key]
	if seen && o.print != print {
		return outcome{status: http.StatusConflict, answer: answer{Error: "key was used for something else"}}
	}
	if !seen {
		if len(f.kept) >= maxKept {
			return outcome{status: http.StatusServiceUnavailable, answer: answer{Error: "the fake is full: start it again"}}
		}
		var sum int64
		o, sum = decide(body, key)
		o.print = print
		f.charged += sum
	}
	told := o
	if o.lost {
		o.lost = false
		told = outcome{status: http.StatusInternalServerError, answer: answer{Error: "try again"}}
	}
	f.kept[key] = o
	return told
}

func chargeCard(b chargeBody, key string) (outcome, int64) {
	switch b.Card {
	case CardGood:
		return outcome{status: http.StatusOK, answer: answer{Ref: "ch_" + ref(key)}}, b.Amount
	case CardUnsure:
		return outcome{status: http.StatusOK, answer: answer{Ref: "ch_" + ref(key)}, lost: true}, b.Amount
	case CardDeclined:
		return outcome{status: http.StatusPaymentRequired, answer: answer{Declined: "insufficient funds"}}, 0
	default:
		return outcome{status: http.StatusPaymentRequired, answer: answer{Declined: "unknown card"}}, 0
	}
}

func refundCharge(b chargeBody, key string) (outcome, int64) {
	return outcome{status: http.StatusOK, answer: answer{Ref: "re_" + ref(key)}}, -b.Amount
}

// ref depends on the key alone, so that runs can be compared.
func ref(key string) string {
	sum := sha256.Sum256([]byte(key))
	return base32.StdEncoding.EncodeToString(sum[:10])
}

func reply(w http.ResponseWriter, status int, a answer) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a) // the peer has gone if this fails
}
