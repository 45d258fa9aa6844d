package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestAFileIsWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	say := func(s string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, werr := io.WriteString(w, s)
			return errors.Join(werr, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	for name, c := range map[string]struct {
		ctx   context.Context
		write func(io.Writer) error
		want  string
		fails bool
	}{
		"written":     {t.Context(), say("new", nil), "new", false},
		"fails":       {t.Context(), say("ne", io.ErrShortWrite), "old", true},
		"interrupted": {ended, say("new", nil), "old", true},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "seam.html")
		if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := writeWhole(c.ctx, file, c.write)
		if (err != nil) != c.fails {
			t.Errorf("%s: got error %v, want one: %v", name, err, c.fails)
		}
		got, err := os.ReadFile(file)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: the file has %q, %v, want %q", name, got, err, c.want)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: the file has mode %v, %v, want that of before", name, info.Mode(), err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Errorf("%s: left behind %v, %v, want the file alone", name, left, err)
		}
	}
}

func TestWhatIsNoFileIsWrittenAsItIs(t *testing.T) {
	t.Parallel()
	err := writeWhole(t.Context(), os.DevNull, func(w io.Writer) error {
		_, err := io.WriteString(w, "x")
		return err
	})
	if info, serr := os.Stat(os.DevNull); err != nil || serr != nil || info.Mode().IsRegular() {
		t.Errorf("after writing to %s: got %v, %v, want it to be what it was", os.DevNull, err, serr)
	}
}

func TestAFileInNoFolderIsAnError(t *testing.T) {
	t.Parallel()
	err := writeWhole(t.Context(), filepath.Join(t.TempDir(), "none", "a.svg"), func(io.Writer) error { return nil })
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that the folder does not exist", err)
	}
}
