package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/hemilith/hemilith/examples/shop/account"
	"github.com/hemilith/hemilith/examples/shop/basket"
	"github.com/hemilith/hemilith/examples/shop/orders"
	"github.com/hemilith/hemilith/examples/shop/util"
)

const (
	sessionCookie = "session"
	guestCookie   = "guest"
)

// handler answers a request, or returns the error that explains why not.
type handler func(w http.ResponseWriter, r *http.Request) error

// visit is what is known of who asks. It is made once for each request.
type visit struct {
	user  *account.User // nil: not logged in
	token string        // of the session
	guest string        // of the basket of someone not logged in, or ""
}

type visitKey struct{}

func visitOf(r *http.Request) visit {
	v, _ := r.Context().Value(visitKey{}).(visit)
	return v
}

func (v visit) basket() string {
	switch {
	case v.user != nil:
		return basket.OfUser(v.user.ID)
	case v.guest != "":
		return basket.OfGuest(v.guest)
	default:
		return ""
	}
}

func (v visit) viewer() orders.Viewer { return orders.Viewer{User: v.user.ID} }

// around puts what holds for every request around the routes.
func (s *Site) around(mux *http.ServeMux) http.Handler {
	var h http.Handler = s.lost(mux)
	h = s.visits(h)
	h = s.sameOrigin(h)
	h = http.MaxBytesHandler(h, maxBody)
	h = hardened(h)
	return s.watched(h)
}

// wrap makes an http.Handler of a handler.
func (s *Site) wrap(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// short is wrap for what must be done within the time of one request.
func (s *Site) short(h handler) http.Handler {
	return s.wrap(func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), s.cfg.Timeout)
		defer cancel()
		return h(w, r.WithContext(ctx))
	})
}

// customer lets in who is logged in.
func customer(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if visitOf(r).user == nil {
			return account.ErrNoLogin
		}
		return h(w, r)
	}
}

// staff lets in who works here.
func staff(h handler) handler {
	return customer(func(w http.ResponseWriter, r *http.Request) error {
		if !visitOf(r).user.Staff {
			return &problem{status: http.StatusForbidden, text: "for staff only"}
		}
		return h(w, r)
	})
}

// lost turns the plain texts with which a ServeMux says 404 and 405 into the
// site's own pages.
func (s *Site) lost(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		seen := &statusOnly{header: w.Header()}
		h.ServeHTTP(seen, r)
		w.Header().Del("Content-Type")
		w.Header().Del("X-Content-Type-Options")
		text := "there is nothing here"
		if seen.status == http.StatusMethodNotAllowed {
			text = r.Method + " does not work here, only " + w.Header().Get("Allow")
		}
		s.fail(w, r, &problem{status: seen.status, text: text})
	})
}

type statusOnly struct {
	header http.Header
	status int
}

func (w *statusOnly) Header() http.Header         { return w.header }
func (w *statusOnly) WriteHeader(status int)      { w.status = status }
func (w *statusOnly) Write(p []byte) (int, error) { return len(p), nil }

// visits finds out who asks.
func (s *Site) visits(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visit{guest: cookie(r, guestCookie), token: cookie(r, sessionCookie)}
		ctx := r.Context()
		if v.token != "" {
			user, err := s.users.Session(ctx, v.token)
			switch {
			case err == nil:
				v.user = &user
				ctx = util.WithLocale(util.WithActor(ctx, user.Email), user.Locale)
			case !errors.Is(err, account.ErrNoLogin):
				s.fail(w, r, err)
				return
			}
		}
		if v.user == nil && strings.HasPrefix(r.Header.Get("Accept-Language"), "de") {
			ctx = util.WithLocale(ctx, "de")
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, visitKey{}, v)))
	})
}

// maxCookie bounds a cookie value that is looked up.
const maxCookie = 64

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil || len(c.Value) > maxCookie {
		return ""
	}
	return c.Value
}

func (s *Site) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// sameOrigin refuses what another site makes a browser send.
func (s *Site) sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if guard.Check(r) != nil {
			s.fail(w, r, &problem{status: http.StatusForbidden, text: "sent by another site"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// watched logs each request and survives a panic of its handler.
func (s *Site) watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		seen := &watcher{ResponseWriter: w}
		defer func() {
			p := recover()
			if p == http.ErrAbortHandler {
				panic(p) // the server cuts the connection, as asked
			}
			if p != nil {
				s.log.Error("web: panic", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				if seen.status == 0 {
					http.Error(seen, "internal error", http.StatusInternalServerError)
				}
			}
			s.log.Debug("web: request", "method", r.Method, "path", r.URL.Path, "status", seen.status, "took", time.Since(begin))
		}()
		next.ServeHTTP(seen, r)
	})
}

type watcher struct {
	http.ResponseWriter
	status int
}

func (w *watcher) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watcher) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets an http.ResponseController reach the connection.
func (w *watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// peer is the address of who asks, without the port.
func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
