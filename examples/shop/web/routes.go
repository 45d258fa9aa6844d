package web

import (
	"embed"
	"net/http"
)

//go:embed static
var static embed.FS

// routes is the map of the site. What it does not list is 404, and 405 where
// only the method is wrong; see lost.
func (s *Site) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /static/{name}", cached(http.FileServerFS(static)))
	mux.Handle("GET /images/{name}", cached(s.short(s.image)))
	mux.Handle("GET /healthz", s.short(s.health))
	mux.Handle("GET /readyz", s.short(s.ready))
	s.pageRoutes(mux)
	s.apiRoutes(mux)
	s.staffRoutes(mux)
	return mux
}

func (s *Site) pageRoutes(mux *http.ServeMux) {
	mux.Handle("GET /{$}", s.short(s.home))
	mux.Handle("GET /items/{sku}", s.short(s.itemPage))
	mux.Handle("POST /items/{sku}/reviews", s.short(customer(s.reviewForm)))
	mux.Handle("GET /basket", s.short(s.basketPage))
	mux.Handle("POST /basket", s.short(s.basketForm))
	mux.Handle("GET /checkout", s.short(customer(s.checkoutPage)))
	mux.Handle("POST /checkout", s.short(customer(s.checkoutForm)))
	mux.Handle("GET /orders", s.short(customer(s.ordersPage)))
	mux.Handle("GET /orders/{number}", s.short(customer(s.orderPage)))
	mux.Handle("GET /orders/{number}/receipt.txt", s.short(customer(s.receipt)))
	mux.Handle("POST /orders/{number}/cancel", s.short(customer(s.cancelForm)))
	mux.Handle("GET /login", s.short(s.loginPage))
	mux.Handle("POST /login", s.short(s.loginForm))
	mux.Handle("POST /logout", s.short(s.logoutForm))
	mux.Handle("GET /register", s.short(s.registerPage))
	mux.Handle("POST /register", s.short(s.registerForm))
	mux.Handle("GET /account", s.short(customer(s.accountPage)))
	mux.Handle("POST /account/locale", s.short(customer(s.localeForm)))
	mux.Handle("POST /account/addresses", s.short(customer(s.addressForm)))
	mux.Handle("POST /account/addresses/{id}/delete", s.short(customer(s.addressDelete)))
}

func (s *Site) apiRoutes(mux *http.ServeMux) {
	mux.Handle("GET /api/items", s.short(s.apiItems))
	mux.Handle("GET /api/items/{sku}", s.short(s.apiItem))
	mux.Handle("GET /api/items/{sku}/reviews", s.short(s.apiReviews))
	mux.Handle("POST /api/items/{sku}/reviews", s.short(customer(s.apiReview)))
	mux.Handle("POST /api/register", s.short(s.apiRegister))
	mux.Handle("POST /api/login", s.short(s.apiLogin))
	mux.Handle("POST /api/logout", s.short(s.apiLogout))
	mux.Handle("GET /api/me", s.short(customer(s.apiMe)))
	mux.Handle("PUT /api/me/locale", s.short(customer(s.apiLocale)))
	mux.Handle("GET /api/addresses", s.short(customer(s.apiAddresses)))
	mux.Handle("POST /api/addresses", s.short(customer(s.apiAddAddress)))
	mux.Handle("PUT /api/addresses/{id}", s.short(customer(s.apiSetAddress)))
	mux.Handle("DELETE /api/addresses/{id}", s.short(customer(s.apiDeleteAddress)))
	mux.Handle("GET /api/basket", s.short(s.apiBasket))
	mux.Handle("PUT /api/basket/{sku}", s.short(s.apiSetBasket))
	mux.Handle("DELETE /api/basket/{sku}", s.short(s.apiDeleteBasket))
	mux.Handle("GET /api/orders", s.short(customer(s.apiOrders)))
	mux.Handle("POST /api/orders", s.short(customer(s.apiPlace)))
	mux.Handle("GET /api/orders/{number}", s.short(customer(s.apiOrder)))
	mux.Handle("POST /api/orders/{number}/cancel", s.short(customer(s.apiCancel)))
}

func (s *Site) staffRoutes(mux *http.ServeMux) {
	mux.Handle("GET /admin", s.short(staff(s.adminPage)))
	mux.Handle("POST /admin/items", s.short(staff(s.adminItem)))
	mux.Handle("POST /admin/stock", s.short(staff(s.adminStock)))
	mux.Handle("POST /admin/settings", s.short(staff(s.adminSettings)))
	mux.Handle("POST /admin/orders/{number}/ship", s.short(staff(s.adminShip)))
	mux.Handle("GET /admin/orders.csv", s.wrap(staff(s.export)))
	mux.Handle("GET /api/admin/stats", s.short(staff(s.apiStats)))
	mux.Handle("GET /api/admin/stock", s.short(staff(s.apiStock)))
	mux.Handle("PUT /api/admin/stock/{sku}", s.short(staff(s.apiSetStock)))
	mux.Handle("POST /api/admin/items", s.short(staff(s.apiAddItem)))
	mux.Handle("PUT /api/admin/items/{sku}/price", s.short(staff(s.apiSetPrice)))
	mux.Handle("DELETE /api/admin/items/{sku}", s.short(staff(s.apiRetire)))
	mux.Handle("GET /api/admin/orders", s.short(staff(s.apiAllOrders)))
	mux.Handle("POST /api/admin/orders/{number}/ship", s.short(staff(s.apiShip)))
	mux.Handle("GET /api/admin/audit", s.short(staff(s.apiAudit)))
}

// cached lets browsers keep what does not change while the program runs.
func cached(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		h.ServeHTTP(w, r)
	})
}

func (s *Site) health(w http.ResponseWriter, _ *http.Request) error {
	return writeText(w, "ok\n")
}

func (s *Site) ready(w http.ResponseWriter, r *http.Request) error {
	if err := s.db.PingContext(r.Context()); err != nil {
		return err
	}
	return writeText(w, "ready\n")
}
