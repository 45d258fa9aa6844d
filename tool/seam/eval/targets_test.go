package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const targetSource = `package app

func (t *App) setup() {
	mm.RegisterModule(Server, t.initServer, modules.UserInvisibleModule)
	mm.RegisterModule(Store, t.initStore, modules.UserInvisibleModule)
	mm.RegisterModule(Common, nil, modules.UserInvisibleModule)
	mm.RegisterModule(Status, t.initStatus)
	mm.RegisterModule(Reader, t.initReader)
	mm.RegisterModule(Writer, t.initWriter)
	mm.RegisterModule(WriterLite, t.initWriterLite)
	mm.RegisterModule(All, nil)
	deps := map[string][]string{
		Common: {Server, Status},
		Reader: {Common, Store},
		Writer: {Common},
		All:    {Reader, Writer},
	}
}
`

func TestServicesOfATableOfTargets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "modules.go"), []byte(targetSource), 0o644); err != nil {
		t.Fatal(err)
	}
	d := &definition{Name: "x", Table: "modules.go", Init: "app.App", Same: []string{"WriterLite"}, Extra: map[string][]string{"Writer": {"Store"}}}
	got, err := readTable(dir, d)
	if err != nil {
		t.Fatal(err)
	}
	want := []root{
		{"Reader", []string{"app.App.initReader", "app.App.initStore", "app.App.initServer", "app.App.initStatus"}},
		{"Writer", []string{"app.App.initWriter", "app.App.initStore", "app.App.initServer", "app.App.initStatus"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(root{})); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	d.Table = "none.go"
	if _, err := readTable(dir, d); err == nil {
		t.Error("no error for a table that is not there")
	}
}
