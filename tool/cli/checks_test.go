package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hemilith/hemilith/internal/ident"
)

func TestDoctorReadsCertificates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ca, err := ident.NewCA("test", func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "certs")
	write := func(service string) ident.Files {
		f, err := ca.Write(dir, service, 2*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	web, open := write("web"), write("open")
	if err := os.Chmod(open.Key, 0o644); err != nil {
		t.Fatal(err)
	}
	const set = "set HEMILITH_CERT, HEMILITH_KEY and HEMILITH_CA to PEM files"
	for name, c := range map[string]struct {
		cert, key, ca string
		after         time.Duration
		want          finding
	}{
		"fine":     {web.Cert, web.Key, web.CA, 0, finding{Grade: gradeOK, Text: "DIR/web.pem, until 2026-03-01T14:00:00Z"}},
		"near end": {web.Cert, web.Key, web.CA, 90 * time.Minute, finding{Grade: gradeNote, Text: "the certificate DIR/web.pem expires in 30m0s", Fix: "see that it is renewed in time"}},
		"expired":  {web.Cert, web.Key, web.CA, 3 * time.Hour, finding{Grade: gradeFail, Text: "the certificate DIR/web.pem expired at 2026-03-01T14:00:00Z", Fix: "renew it"}},
		"open key": {open.Cert, open.Key, open.CA, 0, finding{Grade: gradeFail, Text: "others may read the key DIR/open.key: -rw-r--r--", Fix: "chmod 600 DIR/open.key"}},
		"not all":  {web.Cert, "", web.CA, 0, finding{Grade: gradeFail, Text: "not all of HEMILITH_CERT, HEMILITH_KEY and HEMILITH_CA are set", Fix: set}},
		"mixed up": {web.Cert, open.Key, web.CA, 0, finding{Grade: gradeFail, Text: "certificate: tls: private key does not match public key", Fix: set}},
		"no CA":    {web.Cert, web.Key, "nowhere.pem", 0, finding{Grade: gradeFail, Text: "HEMILITH_CA: open nowhere.pem: no such file or directory", Fix: set}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := checkPair(c.cert, c.key, c.ca, now.Add(c.after))
			for i := range got {
				got[i].Text = strings.ReplaceAll(got[i].Text, dir, "DIR")
				got[i].Fix = strings.ReplaceAll(got[i].Fix, dir, "DIR")
			}
			if diff := cmp.Diff([]finding{c.want}, got); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSingleDashesBeginLongFlags(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"gen -check":              "gen --check",
		"gen -n -json":            "gen -n --json",
		"seam -cut=./a -o x":      "seam --cut=./a -o x",
		"run -- -v -race":         "run -- -v -race",
		"perf -time -5s":          "perf --time -5s",
		"gen --check -":           "gen --check -",
		"__complete gen -chec":    "__complete gen -chec",
		"__complete seam -cut st": "__complete seam --cut st",
	} {
		if got := strings.Join(longFlags(strings.Fields(in)), " "); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}
