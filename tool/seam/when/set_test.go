package when

import "testing"

func TestEveryNamedSignHasALimitThatCanBeSet(t *testing.T) {
	t.Parallel()
	for i, name := range Names() {
		var th Thresholds
		if !th.Set(name, 7) {
			t.Fatalf("%q can't be set", name)
		}
		if got := Signs(Measures{}, th)[i].Limit; got != 7 {
			t.Errorf("%q: limit %v after setting 7", name, got)
		}
	}
	var th Thresholds
	if th.Set("weather", 7) {
		t.Error("weather is no sign")
	}
}
