package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// sample is a report on a made-up program of n packages: the same for the same
// n. Its numbers fit together as those of a real report do.
func sample(n int) *Report {
	m := &maker{rng: rand.New(rand.NewPCG(uint64(n), 7)), r: &Report{
		Schema: Schema, Module: "example.com/rock", Verdict: VerdictCut, Basis: "structure and history",
		Reasons: []string{
			"the line runs along the interface orders.API: 96 % of what crosses goes through it",
			"it costs a fifth of the best of 100 rewired programs, and 28 of 30 searches end in it",
		},
		Weakest: "both halves write the table outbox, and nothing but their own care keeps them apart.",
		Tests: []Test{
			{Name: "two kinds of work", Value: 2, Limit: 2, OK: true, Text: "each half has an entry point of its own: 9 and 5"},
			{Name: "better than chance", Value: 0.21, Limit: 0.7, Unit: "of a rewired program's", OK: true, Text: "the line costs 0.21 of what chance gives, at most 0.7"},
			{Name: "stable", Value: 0.93, Limit: 0.6, OK: true, Text: "other searches end in the same line: 0.93, at least 0.6"},
			{Name: "within the budget", Value: 3, Limit: 12, OK: true, Text: "3 crossings are blocked or cut a transaction, at most 12"},
			{Name: "more than one team", Value: 7, Limit: 12, OK: false, Text: "7 people: one team can own all of it", Advice: true},
		},
		WhenText:   "Two of five signs say that one program no longer works well.",
		PeakMemory: 412 << 20,
		Search:     SearchInfo{Seed: 1, Restarts: 30, Nulls: 100, Tried: 412, Nodes: 31 * n, Edges: 204 * n, Groups: 4},
		Next:       "hemilith split orders",
		Notes:      []string{"2 packages do not type-check, analysed as far as it goes: internal/a, internal/b"},
	}}
	m.packages(n)
	m.r.Seams = []Seam{m.seam("web | orders"), m.seam("web, orders | mail"), m.seam("all | search"), m.seam("")}
	last := &m.r.Seams[3]
	last.Default, last.People, last.Traffic = true, nil, nil
	m.rest()
	m.r.Complete()
	return m.r
}

// refusedSample is the same program with a verdict of no.
func refusedSample(n int) *Report {
	r := sample(n)
	r.Verdict = VerdictNone
	r.Reasons = []string{
		"half b would be a layer that the other calls all over, not a service: 211 of its 340 functions are called from a; wanted at most 10 %",
		"chance finds as good a line: 0.94 of the 5th percentile of 100 rewired programs; wanted at most 0.7",
	}
	r.Tests[1] = Test{Name: "better than chance", Value: 0.94, Limit: 0.7, Text: "the line costs 0.94 of what chance gives, at most 0.7"}
	r.Weakest = "the best line is no better than chance"
	r.Next = "hemilith seam -cut web,web/api   what that line would cross"
	return r
}

type maker struct {
	rng *rand.Rand
	r   *Report
}

// packages makes a tree of n packages with lines as programs have them: few
// large ones, many small.
func (m *maker) packages(n int) {
	tops := []string{"web", "orders", "stock", "mail", "search", "account", "internal/store", "internal/billing", "pkg/util", "pkg/log"}
	subs := []string{"", "api", "model", "queue", "worker", "cache", "client", "server", "types", "render", "export", "policy", "limits"}
	seen := map[string]bool{}
	for i := 0; len(m.r.Packages) < n; i++ {
		path := tops[i%len(tops)]
		if k := i / len(tops); k > 0 {
			path += "/" + subs[1+k%(len(subs)-1)]
			if k >= len(subs) {
				path += fmt.Sprintf("/part%d", k/len(subs))
			}
		}
		if seen[path] {
			path += fmt.Sprintf("%d", i)
		}
		seen[path] = true
		p := Package{Path: path, Lines: int(60 / (0.02 + m.rng.Float64())), Files: 1 + m.rng.IntN(9), Declarations: 5 + m.rng.IntN(80)}
		own := p.Lines * (5 + m.rng.IntN(4)) / 10
		switch top := i % len(tops); {
		case top >= 8:
			p.Side, p.LinesBoth = "both", p.Lines
		case i%23 == 11:
			p.Side, p.LinesA, p.LinesB = "mixed", own/2, own-own/2
			p.LinesBoth = p.Lines - own
		case top == 1 || top == 2 || top == 3 || top == 7:
			p.Side, p.LinesB, p.LinesBoth = "b", own, p.Lines-own
		default:
			p.Side, p.LinesA, p.LinesBoth = "a", own, p.Lines-own
		}
		m.r.Packages = append(m.r.Packages, p)
		m.r.Size.Lines += p.Lines
		m.r.Size.Files += p.Files
		m.r.Size.Declarations += p.Declarations
	}
	slices.SortFunc(m.r.Packages, func(a, b Package) int {
		if a.Path < b.Path {
			return -1
		}
		return 1
	})
	m.r.Size.Packages, m.r.Size.References = n, 40*n
	m.r.Size.Grades = map[string]int{"pure": 11 * n, "nondeterministic": n / 2, "ambient": 2 * n, "background": n / 10, "stateful": 7 * n}
	m.r.Size.GeneratedLines = 91 * n
}

func (m *maker) seam(name string) Seam {
	s := Seam{Name: name, Stability: 0.93, NullRatio: 0.21, Assign: map[string]string{}, Next: "hemilith split orders"}
	s.A = Half{Name: "web", Entries: 9, Authors: []string{"ada", "bob", "carl"}, Doors: []string{}}
	s.B = Half{Name: "orders", Entries: 5, Authors: []string{"bob", "dora"}, Doors: []string{"orders.(*Desk).Place", "orders.(*Desk).Cancel", "stock.(*Store).Level"}}
	for _, p := range m.r.Packages {
		s.A.Lines, s.B.Lines, s.Both.Lines = s.A.Lines+p.LinesA, s.B.Lines+p.LinesB, s.Both.Lines+p.LinesBoth
		switch p.Side {
		case "a":
			s.A.Packages = append(s.A.Packages, p.Path)
		case "b":
			s.B.Packages = append(s.B.Packages, p.Path)
		case "both":
			s.Both.Packages = append(s.Both.Packages, p.Path)
		}
		s.Assign["example.com/rock/"+p.Path+".Run"] = strings.Replace(p.Side, "mixed", "a", 1)
	}
	s.A.Stateful, s.B.Stateful, s.Both.Declarations = s.A.Lines*2/3, s.B.Lines*2/3, s.Both.Lines/11
	m.crossings(&s)
	s.Tables = []Table{
		{Name: "outbox", A: "write", B: "write", Cost: 25, Why: "written by both halves", Users: []TableUse{{Place{"account.(*Service).Forget", "account/account.go", 88}, "write", "a"}, {Place{"mail.(*Worker).Take", "mail/worker.go", 41}, "write", "b"}}},
		{Name: "items", A: "write", B: "read", Cost: 5, Why: "written by a, read by b", Users: []TableUse{}},
	}
	s.Transactions = []Transaction{{Place{"orders.(*Desk).Place", "orders/desk.go", 120}, "account.(*Service).Charge", true, []string{"orders.(*Desk).Place", "orders.(*Desk).book", "account.(*Service).Charge"}, "the call runs between begin and commit: atomicity would be lost"}}
	s.Carried = []Carried{
		{Place{"orders.ErrGone", "orders/api.go", 12}, "error", "a", []Place{{"orders.(*Desk).Place", "orders/desk.go", 130}}, []Place{{"web.explain", "web/errors.go", 40}}, "made in half b, told apart in half a", "keep it a package variable that is set once"},
		{Place{"util.localeKey", "util/util.go", 34}, "context value", "b", []Place{{"web.locale", "web/middle.go", 52}}, []Place{{"util.Locale", "util/util.go", 44}}, "set in half a, read in half b", "make it an argument"},
	}
	s.Twice = []Twice{{Place{"account.tries", "account/password.go", 19}, "package variable", []string{"account.(*Service).Login", "orders.(*Desk).Place"}, "each half would count for itself", "keep it with its owner, and ask through a method"}}
	s.People = &People{AuthorsA: []string{"ada", "carl"}, AuthorsB: []string{"dora"}, AuthorsBoth: []string{"bob"}, PairsToday: 21, PairsStill: 4, PairsFreed: 17,
		Still:       []AuthorPair{{"ada", "dora", 14, "orders/api.go"}, {"bob", "dora", 3, "mail/worker.go"}},
		CommitsBoth: 0.12, CoChange: 0.09, Saving: 0.55, SavingLow: 0.31, Judged: true}
	s.Traffic = &Traffic{PerCallMicros: 27, Source: "spans", Matched: 0.93, CostShare: 0.41, Routes: []Route{{Name: "POST /order", Requests: 1200, Crossings: 3.2, AddedMillis: 0.09}, {Name: "GET /", Requests: 40000, Crossings: 0.1, AddedMillis: 0.003}}}
	s.Cost = Cost{Total: 143, Crossings: 95, Tables: 30, Copies: 18, Balance: 0.62, Score: 271, Parted: 0.09, PeopleShare: 0.2, CodeShare: 0.021}
	s.Effort = Effort{Mechanical: 420, Hand: 95, How: []string{"6 lines for each method that becomes remote", "25 for each blocked crossing"}}
	s.Wiring = []Place{{"main.main", "main.go", 31}, {"main.open", "open.go", 12}}
	return s
}

func (m *maker) crossings(s *Seam) {
	s.Classes = map[string]int{"R": 12 * len(m.r.Packages)}
	why := map[string][2]string{
		"M0": {"context first, error last, all types can travel", ""},
		"M1": {"has no context: a default deadline will hold", "add one as the first parameter"},
		"M2": {"parameter 2 (each func(orders.Order) error): a function can't travel", "return a stream, or pages"},
		"B":  {"called between begin and commit of a transaction: atomicity would be lost", "move the call out of the transaction, or record the intent in the same database (outbox)"},
	}
	classes := []string{"M0", "M0", "M0", "M1", "M0", "M1", "M2", "M0", "M1", "B"}
	for i := range max(6, len(m.r.Packages)*3/2) {
		from, to, side := s.A.Packages[m.rng.IntN(len(s.A.Packages))], s.B.Packages[m.rng.IntN(len(s.B.Packages))], "a"
		if i%7 == 3 {
			from, to, side = to, from, "b"
		}
		class := classes[m.rng.IntN(len(classes))]
		c := Crossing{From: "example.com/rock/" + from + ".Server.Handle", To: "example.com/rock/" + to + ".Desk.Place", Kind: "call", File: from + "/handle.go", Line: 10 + i, Count: 1 + m.rng.IntN(3),
			Side: side, TargetFile: to + "/desk.go", TargetLine: 40 + i, Remotable: class, Why: why[class][0], Fix: why[class][1], InTx: class == "B", Cost: float64(hardness(class))}
		if i%3 == 0 {
			c.Kind, c.Via = "interface call", "example.com/rock/orders.API.Place"
		}
		s.Crossings = append(s.Crossings, c)
		s.Classes[class] += c.Count
		s.Between = append(s.Between, Between{From: from, To: to, Count: c.Count + 2, Across: c.Count, Hardest: class})
	}
}

func (m *maker) rest() {
	r := m.r
	r.Front = []Point{{143, 0.09, 0.62, 271, 0, "web | orders"}, {90, 0.2, 0.2, 575, 1, "web, orders | mail"}, {210, 0.05, 0.8, 294, 2, "all | search"}, {350, 0.04, 0.95, 394, -1, "web, mail | orders"}}
	for i := range 14 {
		e := Entry{Kind: "http", Place: Place{fmt.Sprintf("web.(*Site).page%d", i), "web/site.go", 40 + i}, Text: fmt.Sprintf("GET /page/%d", i), Side: "a"}
		if i >= 9 {
			e = Entry{Kind: "loop", Place: Place{fmt.Sprintf("mail.(*Worker).run%d", i), "mail/worker.go", 40 + i}, Side: "b"}
		}
		r.Entries = append(r.Entries, e)
	}
	r.Entries = append(r.Entries, Entry{Kind: "main", Place: Place{"main.main", "main.go", 31}, Side: "both", Uncounted: true})
	r.Nouns = []Noun{
		{Kind: "same noun", Name: "Item", Places: []Place{{"catalog.Item", "catalog/catalog.go", 22}, {"orders.Item", "orders/api.go", 51}}, Why: "one name for two things: 2 of 7 fields are alike", Fix: "give each half its own name for it", Across: true},
		{Kind: "open payload", Name: "audit.Entry.Payload", Places: []Place{{"audit.Entry", "audit/audit.go", 30}}, Why: "any says nothing about what travels", Fix: "name the types that it may be"},
	}
	r.Nouns = append(r.Nouns, Noun{Kind: "context value", Name: "util.localeKey", Places: []Place{{"util.localeKey", "util/util.go", 34}}, Why: "set in web, read in orders", Fix: "make it an argument"})
	r.When = []Sign{
		{Name: "people in the same files", Value: 5, Unit: "people a month", Limit: 4, Over: true, Known: true, Text: "5 people a month change the same files, more than 4."},
		{Name: "size", Value: float64(r.Size.Lines), Unit: "lines", Limit: 500000, Known: true, Text: "One person can still know much of it."},
		{Name: "test time", Unit: "s", Limit: 600, Text: "Not known: go test -json ./... > tests.json, then -tests-json tests.json."},
	}
	r.Ownership = []Owner{{Table: "outbox", Writes: []string{"account", "mail", "orders"}, Reads: []string{"mail"}}, {Table: "items", Writes: []string{"catalog"}, Reads: []string{"basket", "orders"}}}
	r.Timings = []Timing{{"load", 1840}, {"facts", 310}, {"model", 95}, {"search", 2210}, {"report", 12}}
}
