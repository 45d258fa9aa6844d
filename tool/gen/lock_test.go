package gen

import (
	"strings"
	"testing"
)

func TestLockAppendsAndNeverReuses(t *testing.T) {
	t.Parallel()
	use := func(text string, names ...string) string {
		t.Helper()
		l, err := parseLock("hemilith.lock", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			l.number(lockField, "p.T."+n)
		}
		return string(l.bytes())
	}
	one := use("", "a", "b", "c")
	two := use(one, "a", "c", "d")
	three := use(two, "a", "b", "c", "d")
	for _, c := range []struct{ got, want string }{
		{one, "field p.T.a 1\nfield p.T.b 2\nfield p.T.c 3\n"},
		{two, "field p.T.a 1\nfield p.T.b 2 reserved\nfield p.T.c 3\nfield p.T.d 4\n"},
		{three, "field p.T.a 1\nfield p.T.b 2 reserved\nfield p.T.b 5\nfield p.T.c 3\nfield p.T.d 4\n"},
		{use(three, "a", "b", "c", "d"), three[len(lockHeader)+1:]},
		{use(""), ""},
	} {
		want := c.want
		if want != "" {
			want = lockHeader + "\n" + want
		}
		if c.got != want {
			t.Errorf("got\n%swant\n%s", c.got, want)
		}
	}
}

func TestLockLeavesOutReservedNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"2045", "2048"}, {"18999", "20000"}} {
		l, err := parseLock("hemilith.lock", []byte(lockHeader+"\nfield p.T.a "+c[0]+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		l.number(lockField, "p.T.a")
		l.number(lockField, "p.T.b")
		if got, want := string(l.bytes()), "field p.T.b "+c[1]+"\n"; !strings.HasSuffix(got, want) {
			t.Errorf("got\n%swant %s", got, want)
		}
	}
}

func TestMalformedLockNamesTheLine(t *testing.T) {
	t.Parallel()
	const malformed = ", want KIND NAME NUMBER or KIND NAME NUMBER reserved, KIND one of method arg result field error"
	for _, c := range []struct{ text, want string }{
		{"<<<<<<< HEAD\n", `hemilith.lock:1: got "<<<<<<< HEAD", want "` + lockHeader + `": restore the file from version control`},
		{lockHeader + "\nmethod a.B 1\n=======\n", `hemilith.lock:3: got "======="` + malformed},
		{lockHeader + "\nmethod a.B one\n", `hemilith.lock:2: got "method a.B one"` + malformed},
		{lockHeader + "\nmethod a.B 01\n", `hemilith.lock:2: got "method a.B 01"` + malformed},
		{lockHeader + "\nthing a.B 1\n", `hemilith.lock:2: got "thing a.B 1"` + malformed},
		{lockHeader + "\nfield B 1\n", `hemilith.lock:2: got "field B 1"` + malformed},
		{lockHeader + "\nmethod a.B 1 gone\n", `hemilith.lock:2: got "method a.B 1 gone"` + malformed},
		{lockHeader + "\nmethod a.B 1\nmethod c.D 1\n", "hemilith.lock:3: number 1 is taken by line 2: two branches took it; remove the line that is not deployed and run hemilith gen"},
		{lockHeader + "\nfield p.T.a 1\nfield p.T.a 2\n", "hemilith.lock:3: p.T.a is numbered by line 2 already"},
	} {
		if _, err := parseLock("hemilith.lock", []byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%q:\ngot  %v\nwant %s", c.text, err, c.want)
		}
	}
}
