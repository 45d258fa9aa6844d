package tour

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPlayerKeepsSessionsApartAndComparesBytes(t *testing.T) {
	t.Parallel()
	greeting := "hello"
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("id"); err != nil {
			http.SetCookie(w, &http.Cookie{Name: "id", Value: fmt.Sprint(len(r.Header))})
			w.WriteHeader(http.StatusCreated)
			return
		}
		fmt.Fprint(w, greeting)
	}))
	t.Cleanup(s.Close)
	requests := []request{
		{Name: "first", Session: "ann", Method: "GET", Path: "/", Expect: 201},
		{Name: "again", Session: "ann", Method: "GET", Path: "/", Expect: 200},
		{Name: "other", Session: "bob", Method: "POST", Path: "/", Expect: 201, Form: map[string]string{"a": "b"}},
	}
	play := func() []*answer {
		p := newPlayer(strings.TrimPrefix(s.URL, "http://"))
		defer p.close()
		answers, err := p.play(t.Context(), requests)
		if err != nil {
			t.Fatal(err)
		}
		return answers
	}
	before := play()
	if err := compare(requests, before, play()); err != nil {
		t.Errorf("equal plays differ: %v", err)
	}
	greeting = "help"
	err := compare(requests, before, play())
	if err == nil || err.Error() != `request 2, again: GET /: header map[Content-Length:[4] Content-Type:[text/plain; charset=utf-8]], want map[Content-Length:[5] Content-Type:[text/plain; charset=utf-8]]` {
		t.Errorf("got %v", err)
	}
	greeting = "hullo"
	err = compare(requests, before, play())
	if err == nil || err.Error() != `request 2, again: GET /: bodies differ at byte 1: "ullo", want "ello"` {
		t.Errorf("got %v", err)
	}
}

func TestAnUnexpectedStatusEndsThePlay(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	p := newPlayer(strings.TrimPrefix(s.URL, "http://"))
	_, err := p.play(t.Context(), []request{{Name: "home", Method: "GET", Path: "/", Expect: 200}})
	if err == nil || !strings.HasPrefix(err.Error(), "request 1, home: GET / answered 404, recorded is 200: 404 page not found") {
		t.Errorf("got %v", err)
	}
}

func TestTallyFindsLostAndDoubledOrders(t *testing.T) {
	t.Parallel()
	sent := map[string]bool{"a": true, "b": true, "c": false, "d": false, "e": true}
	got := tally(sent, map[string]int{"a": 1, "c": 1, "e": 2})
	if want := (Orders{Acknowledged: 3, Unsure: 2, Stored: 3, Lost: 1, Doubled: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	r := Report{Orders: got, Crashes: []Crash{{Service: "back", BackMillis: 1500}}}
	if err := r.judge(); err == nil || err.Error() != "back came back after 1500 ms, later than 1s\n1 orders lost and 1 doubled" {
		t.Errorf("judge: got %v", err)
	}
}

func TestKeysFillEveryPartOfARequest(t *testing.T) {
	t.Parallel()
	r := request{Path: "/{{key}}", JSON: []byte(`{"k":"{{key}}"}`), Header: map[string]string{"K": "{{key}}"}}.fill("{{key}}", "x1")
	if r.Path != "/x1" || string(r.JSON) != `{"k":"x1"}` || r.Header["K"] != "x1" || r.Form != nil {
		t.Errorf("got %+v", r)
	}
}
