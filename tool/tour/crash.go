package tour

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"time"

	_ "modernc.org/sqlite" // the shop's database, to count its orders
)

const (
	// settle is how long the load goes on before a kill and after a recovery.
	settle = time.Second
	// probePause is how long the crash waits between two probes.
	probePause = 5 * time.Millisecond
	// maxRecovery bounds the wait for a killed service.
	maxRecovery = 15 * time.Second
	// backGoal is how fast a killed service must be back.
	backGoal = time.Second
)

// crash kills each service of f in turn under load and reports what failed, how
// fast each came back, and whether an order was lost or doubled.
func (f *running) crash(ctx context.Context, p *plan, talk func(string)) ([]Crash, Orders, error) {
	l, err := startLoad(ctx, f.player, p.Probe, p.Prepare, p.Load)
	if err != nil {
		return nil, Orders{}, err
	}
	defer l.end()
	wait(ctx, settle)
	var crashes []Crash
	for _, service := range f.group.Services() {
		l.window()
		talk("kill -9 " + service.Name)
		back, err := f.kill(ctx, service.Name, service.PID, p.Probe)
		if err != nil {
			return nil, Orders{}, err
		}
		wait(ctx, settle)
		calls, failed, worst := l.window()
		c := Crash{Service: service.Name, BackMillis: back.Milliseconds(), Calls: calls, Failures: failed, SlowestMillis: worst.Milliseconds()}
		for _, n := range failed {
			c.Failed += n
		}
		crashes = append(crashes, c)
	}
	orders, err := p.count(ctx, f.database, l.end())
	return crashes, orders, err
}

// kill ends the process of that id, and returns how long it took until the
// program answered probe again through its successor.
func (f *running) kill(ctx context.Context, service string, pid int, probe request) (time.Duration, error) {
	process, err := os.FindProcess(pid)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := process.Kill(); err != nil {
		return 0, fmt.Errorf("kill %s: %w", service, err)
	}
	for time.Since(began) < maxRecovery && ctx.Err() == nil {
		a, err := f.player.ask(ctx, probe)
		if err == nil && a.status == probe.Expect && f.pid(service) != pid {
			return time.Since(began), nil
		}
		wait(ctx, probePause)
	}
	return 0, fmt.Errorf("%s was killed and the program did not answer %s %s again within %v", service, probe.Method, probe.Path, maxRecovery)
}

// pid returns the process id of a service, or 0 while it is down.
func (f *running) pid(service string) int {
	for _, s := range f.group.Services() {
		if s.Name == service {
			return s.PID
		}
	}
	return 0
}

// count compares the keys that were sent with the orders in the database.
func (p *plan) count(ctx context.Context, database string, sent map[string]bool) (Orders, error) {
	db, err := sql.Open("sqlite", "file:"+database+"?mode=ro")
	if err != nil {
		return Orders{}, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, p.Keys)
	if err != nil {
		return Orders{}, fmt.Errorf("%s: %s: %w", database, p.Keys, err)
	}
	defer rows.Close()
	stored := make(map[string]int)
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return Orders{}, err
		}
		if _, ours := sent[key]; ours {
			stored[key]++
		}
	}
	return tally(sent, stored), rows.Err()
}

// tally holds what clients know (a key is acknowledged or not) against what is
// stored (how often).
func tally(sent map[string]bool, stored map[string]int) Orders {
	var o Orders
	for key, acknowledged := range sent {
		if acknowledged {
			o.Acknowledged++
			if stored[key] == 0 {
				o.Lost++
			}
		} else {
			o.Unsure++
		}
		o.Stored += min(stored[key], 1)
		o.Doubled += max(stored[key]-1, 0)
	}
	return o
}
