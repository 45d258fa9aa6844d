package main

import (
	"encoding/json"
	"net/url"
	"os"
	"testing"
)

// recorded is one request of a recording that lies beside the shop.
type recorded struct {
	Name    string            `json:"name"`
	Session string            `json:"session"`
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Header  map[string]string `json:"header"`
	Form    map[string]string `json:"form"`
	JSON    json.RawMessage   `json:"json"`
	Expect  int               `json:"expect"`
}

func TestRecordedRequestsGetTheSameAnswersInEveryRun(t *testing.T) {
	text, err := os.ReadFile("../cut/requests.json")
	if err != nil {
		t.Fatal(err)
	}
	var requests []recorded
	if err := json.Unmarshal(text, &requests); err != nil {
		t.Fatal(err)
	}
	if len(requests) < 200 {
		t.Fatalf("only %d requests are recorded", len(requests))
	}
	first := play(t, requests)
	second := play(t, requests)
	for i, r := range requests {
		if first[i].Status != r.Expect {
			t.Errorf("%d %s: %s %s: got status %d, want %d\n%.300s", i, r.Name, r.Method, r.Path, first[i].Status, r.Expect, first[i].Body)
		}
		if first[i] != second[i] {
			t.Errorf("%d %s: %s %s: answers differ\nfirst  %+v\nsecond %+v", i, r.Name, r.Method, r.Path, first[i], second[i])
		}
	}
}

// play asks a fresh shop everything, one after the other.
func play(t *testing.T, requests []recorded) []reply {
	t.Helper()
	shop := openShop(t, nil)
	defer shop.close()
	sessions := map[string]*asker{}
	answers := make([]reply, len(requests))
	for i, r := range requests {
		a := sessions[r.Session]
		if a == nil {
			a = shop.asker()
			sessions[r.Session] = a
		}
		kind, body := "", ""
		switch {
		case r.JSON != nil:
			kind, body = "application/json", string(r.JSON)
		case r.Form != nil:
			v := url.Values{}
			for name, value := range r.Form {
				v.Set(name, value)
			}
			kind, body = "application/x-www-form-urlencoded", v.Encode()
		}
		answers[i] = a.ask(r.Method, r.Path, kind, body, r.Header)
	}
	if len(sessions) < 2 {
		t.Fatalf("the recording has %d sessions, want several", len(sessions))
	}
	return answers
}
