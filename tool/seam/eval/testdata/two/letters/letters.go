// Package letters sends letters.
package letters

import (
	"fmt"
	"net/http"
	"sync"

	"example.com/two/money"
)

// Post sends letters and counts them.
type Post struct {
	mu   sync.Mutex
	sent map[string]int
}

// New opens a post office.
func New() *Post { return &Post{sent: map[string]int{}} }

// Send sends one letter.
func (p *Post) Send(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent[r.FormValue("to")]++
	fmt.Fprintln(w, stamp(p.sent[r.FormValue("to")]))
}

// Count tells how many were sent.
func (p *Post) Count(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, sent := range p.sent {
		n += sent
	}
	fmt.Fprintln(w, n, stamp(n))
}

func stamp(n int) string { return money.Format(85 * n) }
