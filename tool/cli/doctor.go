package cli

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// grade is what a check found.
type grade string

const (
	gradeOK   grade = "ok"
	gradeNote grade = "note" // worth knowing; nothing is wrong yet
	gradeFail grade = "fail"
)

// finding is one line of the doctor's report.
type finding struct {
	Check string `json:"check"`
	Grade grade  `json:"grade"`
	// Text is the fact, and Fix what to do; "" where nothing is to be done.
	Text string `json:"text"`
	Fix  string `json:"fix,omitempty"`
}

// doctorReport is what doctor -json prints.
type doctorReport struct {
	Schema   int       `json:"schema"`
	Module   string    `json:"module,omitempty"`
	Findings []finding `json:"findings"`
}

// check looks at one thing. It reports any number of findings, under its name.
type check struct {
	name string
	look func(context.Context, *patient) []finding
}

func checks() []check {
	return []check{
		{"go", checkGo},
		{"module", checkModule},
		{"proxy", checkProxy},
		{"cgo", checkCgo},
		{"embeds", checkEmbeds},
		{"program", checkProgram},
		{"layout", checkLayout},
		{"generated code", checkGenerated},
		{"certificates", checkCertificates},
		{"ports", checkPorts},
	}
}

func doctorCommand(sh *shell) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor [dir]",
		Short: "Check what Hemilith needs here, and say how to mend what is wrong",
		Long: "doctor checks the Go version, the module, hemilith.yaml, generated code, certificates,\n" +
			"ports, and what makes a program slow or impossible to load. It changes nothing, and\n" +
			"exits 1 if anything is wrong; notes are not wrong.",
		Example: "  hemilith doctor\n  hemilith doctor -json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			r := examine(c.Context(), dirOf(args), sh.progress())
			if err := c.Context().Err(); err != nil {
				return err
			}
			if asJSON {
				if err := sh.json(r); err != nil {
					return err
				}
			} else if err := r.print(sh); err != nil {
				return err
			}
			return r.err()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "report as JSON")
	return c
}

func examine(ctx context.Context, dir string, progress func(string)) *doctorReport {
	p := newPatient(ctx, dir, progress)
	r := &doctorReport{Schema: 1, Module: p.module}
	for _, c := range checks() {
		for _, f := range c.look(ctx, p) {
			f.Check = c.name
			r.Findings = append(r.Findings, f)
		}
	}
	return r
}

func (r *doctorReport) print(sh *shell) error {
	w := tabwriter.NewWriter(sh.stdout, 0, 0, 2, ' ', 0)
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Grade, f.Check, indent(f.Text))
		if f.Fix != "" {
			fmt.Fprintf(w, "\t\tfix: %s\n", indent(f.Fix))
		}
	}
	return w.Flush()
}

// err is the answer no if anything is wrong.
func (r *doctorReport) err() error {
	for _, f := range r.Findings {
		if f.Grade == gradeFail {
			return no{errSaid}
		}
	}
	return nil
}

func ok(format string, args ...any) []finding {
	return []finding{{Grade: gradeOK, Text: fmt.Sprintf(format, args...)}}
}

func note(fix, format string, args ...any) []finding {
	return []finding{{Grade: gradeNote, Text: fmt.Sprintf(format, args...), Fix: fix}}
}

func fail(fix, format string, args ...any) []finding {
	return []finding{{Grade: gradeFail, Text: fmt.Sprintf(format, args...), Fix: fix}}
}

// errSkipped says that a check could not look, since another one failed.
var errSkipped = errors.New("not looked at: see above")
