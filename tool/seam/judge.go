package seam

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of the verdict. They are judgements; the full search will set them on
// programs whose services are known.
const (
	minStateful = 4    // declarations with state; fewer are nothing to run apart
	maxHard     = 0.25 // share of crossings that may be blocked; one that needs an adapter counts half
	maxShare    = 0.15 // cost of the line among all cost in the program
	fewHard     = 3    // so many are work, not a reason against the line
	minServing  = 2    // entry points that serve; one kind of work is one process
	minVia      = 0.90 // share of calls through one interface that makes the line run along it
	maxDoors    = 0.10 // share of a half's functions called from the other; more make it a layer
	fewDoors    = 3    // so few are a narrow door in any case
	maxDoorsOwn = 0.25 // the same for a half with entry points of its own
)

// judge runs the tests of the verdict and writes it with its reasons.
func (m *maker) judge(given bool) {
	r := m.r
	switch {
	case given:
		r.Verdict = VerdictGiven
		m.runTests()
		r.Reasons = append(r.Reasons, "the line is the one you named; this first version describes it and proposes no other")
		m.failed()
	case m.mains() == 0:
		r.Verdict = VerdictUnknown
		r.Reasons = append(r.Reasons, "there is no main package here: a library runs in its users' processes, so there is no process to cut")
	case m.serving() < minServing:
		r.Verdict = VerdictNone
		r.Reasons = append(r.Reasons, fmt.Sprintf("too little to divide between two processes: of entry points that serve requests or wait in a loop, this version sees %d",
			m.serving()))
	case m.statefulCount() < minStateful:
		r.Verdict = VerdictNone
		r.Reasons = append(r.Reasons, "almost nothing here holds state or reaches outside: nothing would need a process of its own")
	case len(r.Cuts) == 0:
		r.Verdict = VerdictNone
		r.Reasons = append(r.Reasons, fmt.Sprintf("no candidate line leaves the smaller half %.0f %% of the stateful code", minBalance*100))
	default:
		r.Verdict = VerdictCut
		m.runTests()
		if m.failed() {
			r.Verdict = VerdictNone
		} else {
			r.Reasons = append(r.Reasons, m.because())
		}
	}
	r.Next = m.next()
}

func (m *maker) mains() int {
	count := 0
	for _, e := range m.g.entry {
		if e.kind == entryMain {
			count++
		}
	}
	return count
}

// serving counts the entry points that outlive one run: handlers and loops.
func (m *maker) serving() int {
	count := 0
	for _, e := range m.g.entry {
		if serves(e) {
			count++
		}
	}
	return count
}

func serves(e entry) bool {
	return e.kind == entryHTTP || e.kind == entryRPC || e.kind == entryLoop
}

func (m *maker) statefulCount() int {
	count := 0
	for _, nd := range m.g.nodes {
		if !nd.grade.replicable() && nd.sort != sortType {
			count++
		}
	}
	return count
}

// test notes one condition; fails says in plain words what is wrong without it.
func (m *maker) test(ok bool, name, fails, value, limit string) {
	m.r.Tests = append(m.r.Tests, Test{Name: name, Value: value, Limit: limit, OK: ok})
	if !ok {
		m.fails = append(m.fails, fmt.Sprintf("%s: %s; wanted %s", fails, value, limit))
	}
}

func (m *maker) runTests() {
	c := m.r.Cuts[0]
	m.test(c.Balance/2 >= minBalance, "the smaller half owns enough", "the smaller half would own too little", fmt.Sprintf("%.0f %% of stateful lines", c.Balance*50),
		fmt.Sprintf("at least %.0f %%", minBalance*100))
	m.testEntries(c)
	calls := len(m.r.Crossings)
	blocked, adapted := m.r.Classes[classB], m.r.Classes[classM2]
	m.test(float64(blocked)+float64(adapted)/2 <= max(fewHard, maxHard*float64(calls)), "few crossings are hard", "too many crossings are hard to make remote",
		fmt.Sprintf("%d blocked and %d needing an adapter, of %d", blocked, adapted, calls),
		fmt.Sprintf("at most %.0f %% or %d, adapters counted half", maxHard*100, fewHard))
	direct := 0
	for _, t := range m.r.Transactions {
		if t.Direct {
			direct++
		}
	}
	m.test(direct == 0, "no call crosses in a transaction", "calls cross the line while a transaction is open", fmt.Sprint(direct), "0")
	share := m.share()
	m.test(share <= maxShare, "the line is cheap for this program", "the line is dear for this program", fmt.Sprintf("%.1f %% of all weight", share*100),
		fmt.Sprintf("at most %.0f %%", maxShare*100))
	one := "one main that serves reaches most of both"
	ok := m.oneProgram()
	if !ok {
		one = fmt.Sprintf("none of %s serves and reaches most of both", plural(m.mains(), "main package"))
	}
	m.test(ok, "the halves are one program today", "the halves are no one program that serves", one, "one does")
}

// testEntries asks that each half has work of its own: an entry point but main,
// or a narrow door. A half that is called all over is a layer, not a service.
func (m *maker) testEntries(c Cut) {
	doors, funcs := m.doors()
	for i, h := range []Half{c.A, c.B} {
		share := float64(doors[i]) / float64(max(1, funcs[i]))
		if name, via := m.mainIface(); via >= minVia {
			m.test(true, "half "+"ab"[i:i+1]+" is more than a layer", "", fmt.Sprintf("%.0f %% of calls come through %s", via*100, name), "")
			continue
		}
		limit := maxDoors
		if h.Entries > 0 {
			limit = maxDoorsOwn
		}
		m.test(share <= limit || doors[i] <= fewDoors, "half "+"ab"[i:i+1]+" is more than a layer",
			"half "+"ab"[i:i+1]+" would be a layer that the other calls all over, not a service",
			fmt.Sprintf("%s; %d of its %d functions called from the other half", entries(h.Entries), doors[i], funcs[i]),
			fmt.Sprintf("at most %.0f %% or %d called", limit*100, fewDoors))
	}
}

// doors counts the stateful functions of each half, and those of them that the
// other half calls.
func (m *maker) doors() (doors, funcs [2]int) {
	called := map[int]bool{}
	for _, e := range m.g.edges {
		if uses(e.kind) && crosses(m.labels, e) && !called[e.to] {
			called[e.to] = true
			doors[m.labels[e.to]]++
		}
	}
	for n, nd := range m.g.nodes {
		if nd.sort == sortFunc && !nd.grade.replicable() && m.labels[n] != sideBoth {
			funcs[m.labels[n]]++
		}
	}
	return doors, funcs
}

// mainIface is the interface through which most crossing calls go.
func (m *maker) mainIface() (string, float64) {
	count, total := map[string]int{}, 0
	for _, c := range m.r.Crossings {
		if c.Kind != kindCall && c.Kind != kindIface {
			continue
		}
		total++
		if c.Via != "" {
			count[c.Via[:strings.LastIndex(c.Via, ".")]]++
		}
	}
	name, most := "", 0
	for n, k := range count {
		if k > most || k == most && n < name {
			name, most = n, k
		}
	}
	if total == 0 {
		return "", 0
	}
	return name, float64(most) / float64(total)
}

// share is the cost of the crossing references among that of all references
// between stateful declarations, hubs not damped: 0 is free, 1 cuts everything.
func (m *maker) share() float64 {
	total, over := 0.0, 0.0
	for n, links := range m.s.near {
		for _, l := range links {
			total += l.full
			if !m.c.wiring[n] && !m.c.wiring[l.to] && m.c.home[n] != m.c.home[l.to] {
				over += l.full
			}
		}
	}
	if total == 0 {
		return 0
	}
	return over / total
}

// oneProgram reports whether some main that serves reaches most of both halves;
// if none does, the halves are processes of their own already, or never run.
func (m *maker) oneProgram() bool {
	const most = 0.5
	total := m.s.mass(m.c)
	for _, e := range m.g.entry {
		if e.kind != entryMain {
			continue
		}
		reach := make([]uint8, len(m.g.nodes))
		m.s.flood(reach, []int{e.node}, byA, nil)
		serves := slices.ContainsFunc(m.g.entry, func(e entry) bool { return serves(e) && reach[e.node] != 0 })
		var mass [2]int
		for n := range reach {
			if reach[n] != 0 && m.s.state[n] {
				mass[m.c.home[n]] += m.g.nodes[n].lines
			}
		}
		if serves && float64(mass[sideA]) >= most*float64(total[sideA]) && float64(mass[sideB]) >= most*float64(total[sideB]) {
			return true
		}
	}
	return false
}

// failed adds a reason for each failed test and reports whether there is one.
func (m *maker) failed() bool {
	m.r.Reasons = append(m.r.Reasons, m.fails...)
	return len(m.fails) > 0
}

func (m *maker) because() string {
	c := m.r.Cuts[0]
	where := map[string]string{
		fromIface: "the line runs along the interface " + c.Name, fromPackage: "the line runs around the package " + c.Name,
		fromFrontend: "no better line was found than the default: user-facing code against the rest",
	}[c.Origin]
	if name, share := m.mainIface(); share >= minVia && c.Origin == fromPackage {
		where = "the line runs along the interface " + name
	}
	return fmt.Sprintf("%s: %s; none of the %d other lines tried is cheaper for its balance", where,
		crossing(len(m.r.Crossings)), m.s.tried-1)
}

// notes says what limits the report.
func (m *maker) notes() {
	m.r.Notes = append(m.r.Notes,
		"structure only: no history, traffic or owners were read, and the line was not compared with chance",
		"whether code is pure is judged by what it calls; outside this module by name and imports, wrong for about one function in ten",
		"tables are read from SQL in string constants alone; tables behind an ORM or in embedded files are not seen")
	if len(m.r.Reach) == 0 {
		m.r.Notes = append(m.r.Notes, "no SQL was found in this program")
	}
}

func (m *maker) next() string {
	r := m.r
	switch r.Verdict {
	case VerdictCut:
		return "hemilith seam -json   all crossings, with the fix for each"
	case VerdictUnknown:
		return "hemilith seam ./...   in the module of a program"
	}
	if len(r.Cuts) == 0 || m.serving() < minServing {
		return "hemilith seam -json   all that is known"
	}
	if m.mains() > 1 && !m.oneProgram() {
		return "hemilith seam ./" + m.largestMain() + "   one of the programs alone"
	}
	if len(r.Cuts) > 1 && r.Verdict == VerdictNone && len(r.Cuts[1].B.Packages) > 0 {
		return "hemilith seam -cut " + strings.Join(r.Cuts[1].B.Packages[:min(4, len(r.Cuts[1].B.Packages))], ",") +
			"   what the next line would cross"
	}
	return "hemilith seam -json   all that is known"
}

// largestMain is the main package whose closure has the most lines.
func (m *maker) largestMain() string {
	name, most := "", -1
	for _, e := range m.g.entry {
		if e.kind != entryMain {
			continue
		}
		reach := make([]uint8, len(m.g.nodes))
		m.s.flood(reach, []int{e.node}, byA, nil)
		lines := 0
		for n := range reach {
			if reach[n] != 0 {
				lines += m.g.nodes[n].lines
			}
		}
		if lines > most {
			name, most = m.g.pkgs[m.g.nodes[e.node].pkg].short, lines
		}
	}
	return name
}

func crossing(n int) string {
	if n == 1 {
		return "1 reference crosses it"
	}
	return fmt.Sprintf("%d references cross it", n)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
