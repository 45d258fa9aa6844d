package layoutfile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadSeam(t *testing.T) {
	t.Parallel()
	f, err := Read("hemilith.yaml", []byte(`version: 1
seam:
  keep:
  - [orders, stock]
  - [web, web/api, web/pages]
  apart: [[web, mail]]
  entry: [+jobs.Run]
  exclude:
  - internal/legacy/...
  thresholds:
    better than chance: 0.6
    people in the same files: 5
`))
	if err != nil {
		t.Fatal(err)
	}
	want := Seam{
		Keep: [][]string{{"orders", "stock"}, {"web", "web/api", "web/pages"}}, Apart: [][2]string{{"web", "mail"}},
		Entry: []string{"+jobs.Run"}, Exclude: []string{"internal/legacy/..."},
		Thresholds: []Threshold{{"better than chance", 0.6, 11}, {"people in the same files", 5, 12}},
	}
	if diff := cmp.Diff(want, f.Seam); diff != "" {
		t.Errorf("seam (-want +got):\n%s", diff)
	}
	// Without services the program is one process, whatever it defines.
	if err := f.Check(Code{Components: []Def{{"orders", "main.go:3"}}}); err != nil || len(f.Layout.Services) != 0 {
		t.Errorf("check of a file for the seam alone: got %v with services %v, want neither", err, f.Layout.Services)
	}
}

func TestReadRefusesSeams(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"unknown key": {"seam:\n  keeps: []\n", `3: unknown key "keeps": did you mean "keep"?`},
		"a list":      {"seam: [web]\n", `2: seam: want keys and values, not a list`},
		"group of one": {
			"seam:\n  keep:\n  - [web]\n",
			`4: keep of the seam: want two names or more in each group, like [[orders, stock]], not 1`,
		},
		"names in place of groups": {
			"seam:\n  keep: [web, mail]\n",
			"3: keep of the seam: want a list like [web], not \"web\"\n" +
				"hemilith.yaml:3: keep of the seam: want a list like [mail], not \"mail\"",
		},
		"three come apart": {
			"seam:\n  apart: [[a, b, c]]\n",
			`3: apart of the seam: want pairs like [[orders, web]], not 3 names in one: write a pair for each`,
		},
		"entry in place of a list": {"seam:\n  entry: jobs.Run\n", `3: entry of the seam: want a list like [jobs.Run], not "jobs.Run"`},
		"number as name":           {"seam:\n  exclude: [7]\n", `3: exclude of the seam: want a name, not 7: put it in quotes`},
		"threshold in words":       {"seam:\n  thresholds:\n    found again: high\n", `4: threshold "found again" is "high": want a number, at least 0`},
		"threshold below zero":     {"seam:\n  thresholds: {found again: -1}\n", `3: threshold "found again" is -1: want a number, at least 0`},
		"threshold without end":    {"seam:\n  thresholds: {found again: .inf}\n", `3: threshold "found again" is .inf: want a number, at least 0`},
		"threshold twice": {
			"seam:\n  thresholds:\n    size: 1\n    size: 2\n",
			`5: thresholds of the seam: "size" is given twice, first on line 4: merge the two`,
		},
		"boundaries without services": {
			"boundaries: {}\nseam: {}\n",
			`1: services is missing: name at least one service, or delete the file for a monolith`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Read("hemilith.yaml", []byte("version: 1\n"+c.in))
			if err == nil {
				t.Fatalf("got no error, want\n%s", c.want)
			}
			if diff := cmp.Diff("hemilith.yaml:"+c.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestThresholdsOfNoTestAreNamedByLine(t *testing.T) {
	t.Parallel()
	f, err := Read("hemilith.yaml", []byte("version: 1\nseam:\n  thresholds:\n    found agan: 1\n    lines: 2\n    weather: 3\n"))
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"found again", "lines"}
	want := "hemilith.yaml:4: threshold \"found agan\": no test or sign has that name: did you mean \"found again\"?\n" +
		"hemilith.yaml:6: threshold \"weather\": no test or sign has that name: there are found again, lines"
	if err := f.CheckThresholds(known); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if err := f.CheckThresholds(append(known, "found agan", "weather")); err != nil {
		t.Errorf("all are known: got %v", err)
	}
	if err := (&File{}).CheckThresholds(nil); err != nil {
		t.Errorf("no file: got %v", err)
	}
}
