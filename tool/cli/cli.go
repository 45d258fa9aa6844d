// Package cli is the hemilith command: one file for each verb.
//
// Standard output is the result, standard error is talk, and both are silent
// when there is nothing to say. Main returns 0 if all is well, 1 if the answer
// is no (stale code, a program that can't cross, a service that had to be
// killed), 2 if the command could not do what it was asked, 130 if it was
// interrupted.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/plain"
)

// The exit codes.
const (
	codeFine        = 0
	codeNo          = 1
	codeFailed      = 2
	codeInterrupted = 130
)

// command makes one verb.
type command func(*shell) *cobra.Command

// commands are all verbs; help sorts them.
func commands() []command {
	return []command{genCommand, runCommand, seamCommand, perfCommand, doctorCommand, tourCommand, versionCommand}
}

// no is the answer no, rather than a failure to find an answer.
type no struct{ error }

// Unwrap returns the reason.
func (n no) Unwrap() error { return n.error }

// errSaid ends a command whose result has said all there is to say.
var errSaid = errors.New("")

// shell is what a command talks to.
type shell struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

// Main runs the command line args, without the program's name, and returns the
// exit code. An interrupt, SIGTERM or SIGHUP ends what it does; a second one ends
// the process, unless the command has something to put away first.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	context.AfterFunc(ctx, stop)
	sh := &shell{stdin: stdin, stdout: stdout, stderr: stderr}
	root := sh.root()
	root.SetArgs(longFlags(args))
	err := root.ExecuteContext(ctx)
	result := code(ctx, err)
	switch {
	case result == codeInterrupted:
		fmt.Fprintln(stderr, "interrupted") // the error is but what that did to what was going on
	case err != nil && err.Error() != "":
		// It may hold names from the repository, and words of other programs.
		fmt.Fprintln(stderr, plain.Text(err.Error()))
	}
	return result
}

// endings are the signals that end a command. Under nohup a hangup is ignored,
// and asking for it would change that.
func endings() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

func code(ctx context.Context, err error) int {
	_, isNo := errors.AsType[no](err)
	switch {
	case err == nil:
		return codeFine
	case isNo:
		return codeNo
	case ctx.Err() != nil:
		return codeInterrupted
	}
	return codeFailed
}

func (sh *shell) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "hemilith",
		Short: "Split a Go program in half along its best seam, and run the halves",
		Long: "hemilith finds where a Go program splits best, generates what a boundary between\n" +
			"processes needs, and runs the halves on this machine as production has them.",
		Example: "  hemilith seam                 where would this program be cut?\n" +
			"  hemilith gen                  write stubs and codecs for every hemilith.Bind\n" +
			"  hemilith run                  run all services of hemilith.yaml\n" +
			"  hemilith completion bash      completion for a shell",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(sh.stdin)
	root.SetOut(sh.stdout)
	root.SetErr(sh.stderr)
	for _, c := range commands() {
		root.AddCommand(c(sh))
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w\nnext: %s -h", err, c.CommandPath())
	})
	return root
}

// longFlags turns -name, as the go command has it, into --name: no flag here is
// a letter that may be joined with others. What starts with a digit is a value.
func longFlags(args []string) []string {
	out := make([]string, len(args))
	copy(out, args)
	last := len(args)
	if len(args) > 0 && strings.HasPrefix(args[0], "__complete") {
		last-- // what is being typed stays as it is
	}
	for i, a := range out[:last] {
		if a == "--" {
			break
		}
		name, _, _ := strings.Cut(a, "=")
		if len(name) > 2 && name[0] == '-' && name[1] != '-' && !(name[1] >= '0' && name[1] <= '9') {
			out[i] = "-" + a
		}
	}
	return out
}

// json writes v for programs to read.
func (sh *shell) json(v any) error { return plain.JSON(sh.stdout, v) }

// progress returns where to tell what is being done: a person at a terminal.
func (sh *shell) progress() func(string) {
	if !terminal(sh.stderr) {
		return nil
	}
	return func(s string) { fmt.Fprintln(sh.stderr, s) }
}

// colour reports whether w shows colours to a person who wants them.
func colour(w io.Writer) bool {
	return terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
