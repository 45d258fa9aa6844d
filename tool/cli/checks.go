package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"go/version"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hemilith/hemilith/tool/gen"
	"github.com/hemilith/hemilith/tool/layoutfile"
	"github.com/hemilith/hemilith/tool/local"
)

const (
	// leastGo is the oldest version that compiles the runtime.
	leastGo = "go1.26"
	// shortLife is the rest of a certificate's life that is worth a note.
	shortLife = time.Hour
	// maxNamed bounds the names in one finding.
	maxNamed = 5
)

func checkGo(_ context.Context, p *patient) []finding {
	have := p.goEnv["GOVERSION"]
	switch {
	case p.goErr != nil:
		return fail("install Go from https://go.dev/dl and put it on the PATH", "the go command does not work: %v", p.goErr)
	case version.IsValid(have) && version.Compare(have, leastGo) < 0:
		return fail("install a later one from https://go.dev/dl", "%s is older than %s", have, leastGo)
	}
	return ok("%s", have)
}

func checkModule(_ context.Context, p *patient) []finding {
	switch {
	case p.goErr != nil:
		return nil
	case !p.inModule():
		return fail("go where go.mod is, or run go mod init", "%s is in no module", p.dir)
	case p.listErr != nil:
		return fail("mend go.mod", "%v", p.listErr)
	case p.goEnv["GOWORK"] == "" || p.goEnv["GOWORK"] == "off":
		return ok("%s", p.goEnv["GOMOD"])
	case slices.ContainsFunc(p.packages, func(l listed) bool {
		return l.Error != nil && strings.Contains(l.Error.Err, "does not contain modules listed in go.work")
	}):
		return fail("go work use "+filepath.Dir(p.goEnv["GOMOD"])+", or set GOWORK=off",
			"%s is not in the workspace around it, %s", p.goEnv["GOMOD"], p.goEnv["GOWORK"])
	}
	return ok("%s, in the workspace %s", p.goEnv["GOMOD"], p.goEnv["GOWORK"])
}

// checkProxy: in a closed network the go command waits for hosts that never
// answer.
func checkProxy(_ context.Context, p *patient) []finding {
	proxy, found := p.goEnv["GOPROXY"]
	if !found {
		return nil
	}
	if proxy == "direct" || strings.HasSuffix(proxy, ",direct") || strings.HasSuffix(proxy, "|direct") {
		return note("in a closed network: go env -w GOPROXY=<your proxy>, without direct",
			"GOPROXY ends in direct: what the proxy lacks is fetched from its own host, and hangs where that can't be reached")
	}
	return ok("GOPROXY is %s", proxy)
}

func checkCgo(_ context.Context, p *patient) []finding {
	var users []string
	for _, l := range p.packages {
		if len(l.CgoFiles) > 0 {
			users = append(users, l.ImportPath)
		}
	}
	if p.listErr != nil || len(users) == 0 {
		return nil
	}
	return note("keep boundaries, and types that cross them, out of files that import \"C\"",
		"files with cgo are not seen by seam and gen, in %s", few(users))
}

func checkEmbeds(_ context.Context, p *patient) []finding {
	var all []finding
	for _, l := range p.packages {
		if l.Error != nil && strings.Contains(l.Error.Err, "no matching files found") {
			all = append(all, fail("run the step that makes these files: the program does not build without them",
				"%s: %s", cmp.Or(l.Error.Pos, l.ImportPath), l.Error.Err)...)
		}
	}
	return all
}

func checkProgram(_ context.Context, p *patient) []finding {
	if errors.Is(p.progErr, errSkipped) {
		return nil
	}
	if p.progErr != nil {
		return fail("mend it; if code is missing that a step generates, run that step first, such as go generate ./...", "%v", p.progErr)
	}
	return ok("%d packages type-check", len(p.prog.Packages))
}

func checkLayout(_ context.Context, p *patient) []finding {
	f, err := p.layout()
	if errors.Is(err, errSkipped) {
		return nil
	}
	if err == nil {
		if wrong, is := errors.AsType[layoutfile.Errors](p.madeErr); is {
			err = wrong
		}
	}
	switch {
	case err != nil:
		return fail("edit "+layoutfile.Name+"; a component or role is known by the constant given to Bind or Role", "%v", err)
	case f.Name == "":
		return ok("no %s: one process", layoutfile.Name)
	}
	var names []string
	for _, s := range f.Layout.Services {
		names = append(names, s.Name)
	}
	return ok("%s: %s", f.Name, few(names))
}

func checkGenerated(_ context.Context, p *patient) []finding {
	if errors.Is(p.madeErr, errSkipped) {
		return nil
	}
	if refused, is := errors.AsType[gen.Refusals](p.madeErr); is {
		return fail("as it says; then hemilith gen", "%v", refused)
	}
	if p.madeErr != nil {
		if _, layout := errors.AsType[layoutfile.Errors](p.madeErr); layout {
			return nil
		}
		return fail("as it says; then hemilith gen", "%v", p.madeErr)
	}
	if stale := p.made.result.Check(); len(stale) > 0 {
		return fail("hemilith gen", "%s", strings.Join(stale, "\n"))
	}
	var names []string
	for _, b := range p.made.result.Binds {
		names = append(names, b.Name)
	}
	if len(names) == 0 {
		return ok("no hemilith.Bind in this module")
	}
	return ok("fresh, for %s", few(names))
}

func checkCertificates(_ context.Context, p *patient) []finding {
	cert, key, ca := os.Getenv("HEMILITH_CERT"), os.Getenv("HEMILITH_KEY"), os.Getenv("HEMILITH_CA")
	if cert != "" || key != "" || ca != "" {
		return checkPair(cert, key, ca, time.Now())
	}
	f, err := p.layout()
	if err != nil {
		return nil // there is no program, or the check of the layout has said why
	}
	state, err := local.StateDir(p.prog.Dir)
	if err == nil {
		err = local.CheckState(state, f.Layout)
	}
	if err != nil {
		return fail("as it says", "%v", err)
	}
	if _, err := os.Stat(state); err != nil {
		return ok("no development CA yet: hemilith run makes one")
	}
	return ok("development CA in %s", state)
}

// checkPair looks at the files that a service would use.
func checkPair(cert, key, ca string, now time.Time) []finding {
	const all = "set HEMILITH_CERT, HEMILITH_KEY and HEMILITH_CA to PEM files"
	if cert == "" || key == "" || ca == "" {
		return fail(all, "not all of HEMILITH_CERT, HEMILITH_KEY and HEMILITH_CA are set")
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return fail(all, "certificate: %v", err)
	}
	if _, err := os.ReadFile(ca); err != nil {
		return fail(all, "HEMILITH_CA: %v", err)
	}
	if info, err := os.Stat(key); err == nil && info.Mode().Perm()&0o077 != 0 {
		return fail("chmod 600 "+key, "others may read the key %s: %v", key, info.Mode().Perm())
	}
	end := pair.Leaf.NotAfter
	switch left := end.Sub(now).Round(time.Second); {
	case left <= 0:
		return fail("renew it", "the certificate %s expired at %s", cert, end.Format(time.RFC3339))
	case left < shortLife:
		return note("see that it is renewed in time", "the certificate %s expires in %v", cert, left)
	}
	return ok("%s, until %s", cert, end.Format(time.RFC3339))
}

func checkPorts(ctx context.Context, p *patient) []finding {
	if addr := os.Getenv("HEMILITH_LISTEN"); addr != "" {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
		if err != nil {
			return fail("end what listens there, or choose another address", "HEMILITH_LISTEN: %v", err)
		}
		l.Close()
		return ok("%s is free", addr)
	}
	f, err := p.layout()
	if err != nil {
		return nil // the check of the layout has said why
	}
	state, err := local.StateDir(p.prog.Dir)
	if err != nil {
		return nil // the check of certificates has said why
	}
	plan, err := local.Plan(f.Layout, state, state)
	if err != nil {
		return fail("end some of what listens there", "%v", err)
	}
	var addrs []string
	for _, one := range plan {
		if one.Addr != "" {
			addrs = append(addrs, fmt.Sprintf("%s for %s", one.Addr, one.Service))
		}
	}
	if len(addrs) == 0 {
		return ok("none needed")
	}
	return ok("free: %s", few(addrs))
}

// few joins names up to a bound.
func few(names []string) string {
	names = slices.Clone(names)
	if n := len(names); n > maxNamed {
		names = append(names[:maxNamed], fmt.Sprintf("%d more", n-maxNamed))
	}
	return strings.Join(names, ", ")
}

// indent keeps the lines of a text below its first.
func indent(s string) string { return strings.ReplaceAll(s, "\n", "\n\t\t") }
