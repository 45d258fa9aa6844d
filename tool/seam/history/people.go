package history

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// bots are well-known automatic authors that do not call themselves a bot.
var bots = map[string]bool{
	"dependabot": true, "renovate": true, "renovatebot": true, "greenkeeper": true,
	"mergify": true, "imgbot": true, "weblate": true, "crowdin": true, "snyk": true,
	"pyup": true, "github-actions": true, "allcontributors": true, "web-flow": true,
	"semantic-release": true, "jenkins": true, "travis": true, "circleci": true,
}

// bot is true for authors that are programs: see [Dropped].
func bot(name, mail string) bool {
	mailbox, _, _ := strings.Cut(mail, "@")
	if _, login, ok := strings.Cut(mailbox, "+"); ok && noreply(mail) {
		mailbox = login
	}
	for _, text := range []string{name, mailbox} {
		text = strings.ToLower(strings.TrimSpace(text))
		if strings.HasSuffix(text, "[bot]") || bots[text] {
			return true
		}
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
			if word == "bot" || word == "robot" {
				return true
			}
		}
	}
	return false
}

func noreply(mail string) bool {
	return strings.HasSuffix(strings.ToLower(mail), "@users.noreply.github.com")
}

// identities joins the spellings of people. A spelling is a name and an address,
// after .mailmap. Two are the same person
//
//   - if they share the address, or
//   - if they share a name of at least two words, or
//   - if one's name, a single word, is the other's account (NAME@ an address that
//     a forge made up),
//
// but for slips: if less than a tenth of what was committed under that name and
// less than a tenth of what was committed from that address are both, then
// somebody once committed on another's machine, and the name decides.
type identities struct {
	number map[spelling]int32
	all    []spelling
}

type spelling struct{ name, mail string }

// slip is the share up to which a name and an address do not belong together.
const slip = 0.1

func newIdentities() *identities {
	return &identities{number: make(map[spelling]int32)}
}

// see returns the number of a spelling.
func (ids *identities) see(name, mail string) int32 {
	s := spelling{strings.Join(strings.Fields(name), " "), strings.TrimSpace(mail)}
	n, ok := ids.number[s]
	if !ok {
		n = int32(len(ids.all))
		ids.number[s] = n
		ids.all = append(ids.all, s)
	}
	return n
}

// keys returns what a spelling is joined by; mail may be "".
func (s spelling) keys() (name, mail string) {
	name, mail = strings.ToLower(s.name), strings.ToLower(s.mail)
	mailbox, host, _ := strings.Cut(mail, "@")
	switch {
	case mailbox == "" || host == "localhost":
		mail = "" // nobody's address
	case noreply(mail):
		if _, login, ok := strings.Cut(mailbox, "+"); ok {
			mailbox = login
		}
		mail = "account " + mailbox
	default:
		mail = "mail " + mail
	}
	if strings.Contains(name, " ") {
		return "name " + name, mail
	}
	return "account " + name, mail
}

// join gives each commit the number of a person instead of a spelling and
// returns the people, most commits first.
func (ids *identities) join(commits []Commit) []Author {
	uses := make([]int, len(ids.all))
	for _, c := range commits {
		uses[c.Author]++
	}
	root := ids.roots(uses)
	total := make(map[int32]int)
	name := make(map[int32]int32) // by root, the spelling that is used most
	for i := range ids.all {
		s := int32(i)
		r := root(s)
		total[r] += uses[s]
		if best, ok := name[r]; !ok || uses[s] > uses[best] {
			name[r] = s
		}
	}
	people := make([]int32, 0, len(total))
	for r, n := range total {
		if n > 0 {
			people = append(people, r)
		}
	}
	slices.SortFunc(people, func(a, b int32) int {
		return cmp.Or(cmp.Compare(total[b], total[a]), cmp.Compare(ids.all[name[a]].name, ids.all[name[b]].name), cmp.Compare(name[a], name[b]))
	})
	authors, number := make([]Author, len(people)), make(map[int32]int32)
	for i, r := range people {
		number[r] = int32(i)
		authors[i].Name = cmp.Or(ids.all[name[r]].name, "(no name)")
	}
	for i := range commits {
		commits[i].Author = number[root(commits[i].Author)]
	}
	return authors
}

// roots joins spellings that are one person and returns how to find the first of
// each.
func (ids *identities) roots(uses []int) func(int32) int32 {
	count, both := make(map[string]int), make(map[[2]string]int)
	accounts := make(map[string]bool)
	for i, s := range ids.all {
		name, mail := s.keys()
		count["by "+name] += uses[i]
		count["from "+mail] += uses[i]
		both[[2]string{name, mail}] += uses[i]
		accounts[mail] = true
	}
	u := newUnion(len(ids.all))
	for i, s := range ids.all {
		name, mail := s.keys()
		n := float64(both[[2]string{name, mail}])
		if strings.HasPrefix(name, "name ") || accounts[name] {
			u.meet(name, int32(i)) // a first name alone is not one person's
		}
		if mail != "" && (n >= slip*float64(count["by "+name]) || n >= slip*float64(count["from "+mail])) {
			u.meet(mail, int32(i))
		}
	}
	return u.find
}

// union joins numbers that meet at a key.
type union struct {
	parent []int32
	first  map[string]int32
}

func newUnion(n int) *union {
	u := &union{parent: make([]int32, n), first: make(map[string]int32)}
	for i := range u.parent {
		u.parent[i] = int32(i)
	}
	return u
}

func (u *union) find(i int32) int32 {
	for u.parent[i] != i {
		u.parent[i] = u.parent[u.parent[i]]
		i = u.parent[i]
	}
	return i
}

func (u *union) meet(key string, i int32) {
	other, ok := u.first[key]
	if !ok {
		u.first[key] = i
		return
	}
	a, b := u.find(i), u.find(other)
	u.parent[max(a, b)] = min(a, b)
}
