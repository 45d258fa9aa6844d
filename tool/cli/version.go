package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/layout"
	"github.com/hemilith/hemilith/wire"
)

// versionReport is what version -json prints.
type versionReport struct {
	Schema int `json:"schema"`
	// Version is that of the tool's module, "(devel)" for a checkout.
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	// Generated is the version of the code that gen writes; a runtime that no
	// longer has it refuses to compile with it. Layout is that of hemilith.yaml.
	Generated int `json:"generated"`
	Layout    int `json:"layout"`
}

func versionCommand(sh *shell) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print the versions of the tool and of what it writes",
		Example: "  hemilith version\n  hemilith version -json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := readVersion()
			if asJSON {
				return sh.json(v)
			}
			revision := ""
			if v.Revision != "" {
				revision = " (" + v.Revision + ")"
			}
			_, err := fmt.Fprintf(sh.stdout, "hemilith %s%s, %s, %s\ngenerated code %d, layout %d\n",
				v.Version, revision, v.Go, v.Platform, v.Generated, v.Layout)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "report as JSON")
	return c
}

func readVersion() versionReport {
	v := versionReport{
		Schema: 1, Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Generated: wire.Version1, Layout: layout.Version,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}
