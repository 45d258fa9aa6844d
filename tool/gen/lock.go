package gen

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hemilith/hemilith/wire"
)

// lockHeader is the first line of a lock file.
const lockHeader = "# hemilith.lock 1: numbers on the wire. Commit it; hemilith gen appends to it."

// lock gives numbers to names. The text is one sorted line an entry:
//
//	KIND OWNER.NAME NUMBER [reserved]
//
// Numbers are unique within kind and owner. An entry whose name is gone stays as
// reserved; its number is not used again, not even for the same name.
type lock struct {
	groups map[string]*lockGroup // by kind, or kind and owner
}

type lockGroup struct {
	live     map[string]int
	reserved map[int]string // number to name
	used     map[string]bool
	next     int
}

// The kinds of entries. Methods and errors are numbered across the module, all
// else within its owner.
const (
	lockMethod = "method"
	lockArg    = "arg"
	lockResult = "result"
	lockField  = "field"
	lockError  = "error"
)

func (l *lock) group(kind, name string) (*lockGroup, string) {
	owner := ""
	if kind != lockMethod && kind != lockError {
		i := strings.LastIndexByte(name, '.')
		owner, name = name[:i+1], name[i+1:]
	}
	id := kind + " " + owner
	g := l.groups[id]
	if g == nil {
		g = &lockGroup{live: map[string]int{}, reserved: map[int]string{}, used: map[string]bool{}, next: 1}
		l.groups[id] = g
	}
	return g, name
}

// number returns the number of an entry, a new one if need be.
func (l *lock) number(kind, name string) int {
	g, name := l.group(kind, name)
	g.used[name] = true
	if n, ok := g.live[name]; ok {
		return n
	}
	if kind != lockMethod && kind != lockError {
		g.next = usable(g.next)
	}
	n := g.next
	g.live[name] = n
	g.next++
	return n
}

// usable returns n, or the next number that neither this codec nor protobuf
// keeps for itself.
func usable(n int) int {
	switch {
	case n == 2046 || n == wire.EmptyField:
		return 2048
	case n >= 19000 && n <= 19999:
		return 20000
	}
	return n
}

// parseLock reads a lock file; no text is an empty lock.
func parseLock(file string, text []byte) (*lock, error) {
	l := &lock{groups: map[string]*lockGroup{}}
	if len(text) == 0 {
		return l, nil
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if lines[0] != lockHeader {
		return nil, fmt.Errorf("%s:1: got %q, want %q: restore the file from version control", file, lines[0], lockHeader)
	}
	at := map[string]int{} // group and number, or group and live name, to line
	for i, line := range lines[1:] {
		if err := l.parseLine(line, at, i+2); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, i+2, err)
		}
	}
	return l, nil
}

func (l *lock) parseLine(line string, at map[string]int, num int) error {
	f := strings.Split(line, " ")
	kinds := []string{lockMethod, lockArg, lockResult, lockField, lockError}
	malformed := fmt.Errorf("got %q, want KIND NAME NUMBER or KIND NAME NUMBER reserved, KIND one of %s", line, strings.Join(kinds, " "))
	if len(f) < 3 || len(f) > 4 || len(f) == 4 && f[3] != "reserved" || !slices.Contains(kinds, f[0]) || !strings.Contains(f[1], ".") {
		return malformed
	}
	n, err := strconv.Atoi(f[2])
	if err != nil || n < 1 || n > 1<<28 || strconv.Itoa(n) != f[2] {
		return malformed
	}
	g, name := l.group(f[0], f[1])
	id := f[0] + " " + strings.TrimSuffix(f[1], name)
	if f[0] == lockMethod || f[0] == lockError {
		id = f[0] + " "
	}
	if was := at[id+f[2]]; was != 0 {
		return fmt.Errorf("number %d is taken by line %d: two branches took it; remove the line that is not deployed and run hemilith gen", n, was)
	}
	at[id+f[2]] = num
	g.next = max(g.next, n+1)
	if len(f) == 4 {
		g.reserved[n] = name
		return nil
	}
	if was := at[id+"name "+name]; was != 0 {
		return fmt.Errorf("%s is numbered by line %d already", f[1], was)
	}
	at[id+"name "+name] = num
	g.live[name] = n
	return nil
}

// bytes returns the text of the lock, or nothing if it has no entries.
func (l *lock) bytes() []byte {
	var lines []string
	for id, g := range l.groups {
		for name, n := range g.live {
			line := fmt.Sprintf("%s%s %d", id, name, n)
			if !g.used[name] {
				line += " reserved"
			}
			lines = append(lines, line)
		}
		for n, name := range g.reserved {
			lines = append(lines, fmt.Sprintf("%s%s %d reserved", id, name, n))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	slices.Sort(lines)
	var b bytes.Buffer
	b.WriteString(lockHeader + "\n")
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	return b.Bytes()
}
