package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

type placed struct {
	Number int64  `json:"number"`
	State  string `json:"state"`
}

var berlin = map[string]any{
	"ship": map[string]string{"name": "Ada", "street": "Hauptstrasse 7", "zip": "10115", "city": "Berlin", "country": "DE"},
	"card": "tok_good",
}

func (a *asker) buy(sku string, count int, key string) reply {
	a.t.Helper()
	a.want(a.json("PUT", "/api/basket/"+sku, map[string]int{"count": count}, nil), 200)
	return a.json("POST", "/api/orders", berlin, map[string]string{"Idempotency-Key": key})
}

func TestOrdersAndLoginsSurviveARestart(t *testing.T) {
	env := map[string]string{"SHOP_DB": filepath.Join(t.TempDir(), "shop.db")}
	shop := openShop(t, env)
	ada := shop.asker()
	ada.login("ada@shop.example", "ada-pass-1")
	o := decode[placed](t, ada.want(ada.buy("mug-tin", 2, "k1"), 201).Body)
	before := ada.want(ada.get(fmt.Sprintf("/api/orders/%d", o.Number)), 200)
	shop.close()

	again := openShop(t, env)
	ada.base = again.url
	after := ada.want(ada.get(fmt.Sprintf("/api/orders/%d", o.Number)), 200)
	if before != after {
		t.Errorf("order changed over a restart: got %s, want %s", after.Body, before.Body)
	}
	repeat := ada.json("POST", "/api/orders", berlin, map[string]string{"Idempotency-Key": "k1"})
	if got := decode[placed](t, ada.want(repeat, 201).Body); got != o {
		t.Errorf("repeat after a restart: got %+v, want %+v", got, o)
	}
}

func TestManyCopiesOfOneOrderFormMakeOneOrder(t *testing.T) {
	shop := openShop(t, nil)
	ada := shop.asker()
	ada.login("ada@shop.example", "ada-pass-1")
	ada.want(ada.json("PUT", "/api/basket/mug-tin", map[string]int{"count": 3}, nil), 200)
	page := ada.want(ada.get("/checkout"), 200).Body
	_, rest, _ := strings.Cut(page, `name="key" value="`)
	key, _, _ := strings.Cut(rest, `"`)
	var all sync.WaitGroup
	targets := make([]string, 8)
	for i := range targets {
		all.Go(func() {
			r := ada.form("/checkout", "key", key, "card", "tok_good",
				"name", "Ada", "street", "Hauptstrasse 7", "zip", "10115", "city", "Berlin", "country", "DE")
			targets[i] = fmt.Sprint(r.Status, " ", r.To)
		})
	}
	all.Wait()
	for i, got := range targets {
		if got != "303 /orders/1" {
			t.Errorf("form %d: got %s, want 303 /orders/1", i, got)
		}
	}
	admin := shop.asker()
	admin.login("admin@shop.example", "admin-pass-1")
	if got := decode[map[string]int](t, admin.get("/api/admin/stock?sku=mug-tin").Body)["mug-tin"]; got != 197 {
		t.Errorf("stock: got %d, want 197", got)
	}
}

func TestAnOrderIsConfirmedByMail(t *testing.T) {
	inbox := newInbox(t)
	shop := openShop(t, map[string]string{"SHOP_SMTP": inbox.addr})
	ada := shop.asker()
	ada.login("ada@shop.example", "ada-pass-1")
	ada.want(ada.buy("mug-tin", 2, "k1"), 201)
	select {
	case got := <-inbox.mails:
		for _, want := range []string{"RCPT TO:<ada@shop.example>", "Subject: Order 1 confirmed", "2 x Tin mug"} {
			if !strings.Contains(got, want) {
				t.Errorf("mail: got %q, want it to contain %q", got, want)
			}
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no mail")
	}
}

func TestABadConfigurationIsRefusedBeforeAnythingIsOpened(t *testing.T) {
	env := map[string]string{
		"SHOP_ADDR": "8080", "SHOP_SECRET": "short", "SHOP_CLOCK": "noon", "SHOP_SEED": "prod",
		"SHOP_HASH_COST": "0", "SHOP_PAY_URL": "pay.example", "SHOP_TIMEOUT": "5", "SHOP_LOG": "loud", "SHOP_DB": "/no/such/dir/shop.db",
	}
	err := start(context.Background(), func(name string) string { return env[name] }, io.Discard)
	if err == nil {
		t.Fatal("got no error")
	}
	want := []string{
		`SHOP_ADDR="8080": not an address: write host:port, such as 127.0.0.1:8080`,
		`SHOP_DB="/no/such/dir/shop.db": /no/such/dir is not a directory: make it first`,
		`SHOP_SECRET: 5 characters are too few: use at least 16 random ones`,
		`SHOP_SEED="prod": unknown: leave it empty or use one of ["demo"]`,
		`SHOP_PAY_URL="pay.example": not a web address: write http://host:port or https://host`,
		`SHOP_HASH_COST="0": not a number from 1 to 10000000`,
		`SHOP_TIMEOUT="5": not a duration up to 1m0s: write 500ms or 5s`,
		`SHOP_LOG="loud": unknown level: use debug, info, warn or error`,
		`SHOP_CLOCK="noon": not an RFC 3339 time: write 2026-01-31T12:00:00Z`,
	}
	if got := err.Error(); got != "configuration:\n"+strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// inbox is a mail server that hands each mail to a test.
type inbox struct {
	addr  string
	mails chan string
}

func newInbox(t *testing.T) *inbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	in := &inbox{addr: l.Addr().String(), mails: make(chan string, 10)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			in.mails <- converse(conn)
		}
	}()
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return in
}

// converse speaks as much SMTP as it takes to receive one mail.
func converse(conn net.Conn) string {
	defer conn.Close()
	var heard strings.Builder
	fmt.Fprint(conn, "220 inbox\r\n")
	lines := bufio.NewScanner(conn)
	inData := false
	for lines.Scan() {
		line := lines.Text()
		fmt.Fprintln(&heard, line)
		switch {
		case inData && line == ".":
			inData = false
			fmt.Fprint(conn, "250 taken\r\n")
		case inData:
		case line == "DATA":
			inData = true
			fmt.Fprint(conn, "354 go on\r\n")
		case line == "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return heard.String()
		default:
			fmt.Fprint(conn, "250 fine\r\n")
		}
	}
	return heard.String()
}
