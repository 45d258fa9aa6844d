package traffic

// PerCallMicros is what a call over the line adds by default, in microseconds: a
// framed call over a loopback connection takes 22 to 32.
const PerCallMicros = 30

// Weight is what a line costs, by what was recorded.
type Weight struct {
	// Source is Spans or Profile, PerCallMicros what a crossing was taken to add.
	Source        string
	PerCallMicros float64
	// Routes are those of the traffic, in its order.
	Routes []Crossed
	// Matched is the share of recorded calls whose function is in the program; of a
	// profile, the share of samples with such a function in their stack.
	Matched float64
}

// Crossed is what a line costs one kind of request.
type Crossed struct {
	Name     string
	Requests int
	// PerRequest is how many calls cross the line in one request, on average, and
	// AddedMillis what that adds, if one waits for the other; calls at the same time
	// add less. Both are 0 for a profile.
	PerRequest  float64
	AddedMillis float64
	// Behind is the share of a profile's samples that were taken behind at least
	// one crossing; 0 for spans.
	Behind float64
}

// Weigh counts calls over the line. side tells "a", "b" or "both" of a function,
// and "" for one that is not in the program. Functions that both halves have, and
// those that are not in the program, run where their caller is. perCall is in
// microseconds, [PerCallMicros] if 0.
func (t *Traffic) Weigh(side func(function string) string, perCall float64) Weight {
	if perCall == 0 {
		perCall = PerCallMicros
	}
	w := Weight{Source: t.Source, PerCallMicros: perCall, Routes: make([]Crossed, 0, len(t.Routes))}
	known := make(map[string]string)
	cached := func(f string) string {
		s, ok := known[f]
		if !ok {
			s = side(f)
			known[f] = s
		}
		return s
	}
	var in, all float64
	for _, r := range t.Routes {
		here, everywhere := matched(r.Calls, t.Source, cached)
		in, all = in+here, all+everywhere
		across, behind, total := cross(r.Calls, cached)
		c := Crossed{Name: r.Name, Requests: r.Requests}
		if r.Requests > 0 {
			c.PerRequest = across / float64(r.Requests)
			c.AddedMillis = c.PerRequest * perCall / 1000
		} else if total > 0 {
			c.Behind = behind / total
		}
		w.Routes = append(w.Routes, c)
	}
	if all > 0 {
		w.Matched = in / all
	}
	return w
}

// cross walks a tree from the top. across is how many calls cross; behind is
// how much is below a topmost crossing, of the total below all tops.
func cross(calls []Call, side func(string) string) (across, behind, total float64) {
	at, over := make([]string, len(calls)), make([]bool, len(calls))
	for i, c := range calls {
		own := side(c.Function)
		if c.Caller < 0 {
			total += c.Count
		} else {
			at[i], over[i] = at[c.Caller], over[c.Caller]
		}
		if own != "a" && own != "b" {
			continue
		}
		if at[i] != "" && at[i] != own {
			across += c.Count
			if !over[i] {
				behind += c.Count
			}
			over[i] = true
		}
		at[i] = own
	}
	return across, behind, total
}

// matched returns how much is in the program, and all. Of spans these are calls;
// of a profile, samples with a function of the program in their stack.
func matched(calls []Call, source string, side func(string) string) (in, all float64) {
	inside := make([]bool, len(calls))
	for i, c := range calls {
		above := c.Caller >= 0 && inside[c.Caller]
		own := side(c.Function) != ""
		if source == Profile {
			inside[i] = above || own
			own = own && !above
		}
		if source == Spans || c.Caller < 0 {
			all += c.Count
		}
		if own {
			in += c.Count
		}
	}
	return in, all
}
