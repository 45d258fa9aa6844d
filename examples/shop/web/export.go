package web

import (
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hemilith/hemilith/examples/shop/orders"
)

const (
	exportPage     = 100              // orders asked for at once
	exportPatience = 30 * time.Second // for the client to take one page
)

// export streams all orders as CSV, a page at a time, so that its size costs
// no memory. If it breaks after the first page, the connection is cut: a file
// that looks whole and is not would be worse than none.
func (s *Site) export(w http.ResponseWriter, r *http.Request) error {
	f, err := filterOf(r, exportPage)
	if err != nil {
		return err
	}
	f.Limit = min(f.Limit, exportPage)
	list, err := s.exported(r, f)
	if err != nil {
		return err // nothing is sent yet: the usual answer
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="orders.csv"`)
	w.Header().Set("Cache-Control", "no-store")
	out := csv.NewWriter(w)
	_ = out.Write([]string{"number", "created", "state", "email", "name", "country", "sku", "item", "count", "each", "total"}) // told by Error below
	rc := http.NewResponseController(w)
	for {
		for _, o := range list.Orders {
			writeRows(out, o)
		}
		out.Flush()
		if out.Error() != nil || rc.Flush() != nil {
			return s.gone(out.Error())
		}
		if list.Next == 0 {
			return nil
		}
		// A server without deadlines, as in a test, needs none moved.
		_ = rc.SetWriteDeadline(time.Now().Add(exportPatience))
		f.After = list.Next
		if list, err = s.exported(r, f); err != nil {
			s.log.Error("web: export broken off", "after", f.After, "err", err)
			panic(http.ErrAbortHandler)
		}
	}
}

func (s *Site) exported(r *http.Request, f orders.Filter) (*orders.Page, error) {
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.Timeout)
	defer cancel()
	list, err := s.orders.List(ctx, s.viewer(r), f)
	return list, ordered(err)
}

func writeRows(out *csv.Writer, o orders.Order) {
	for _, i := range o.Items {
		_ = out.Write([]string{ // an error stays in out
			strconv.FormatInt(o.Number, 10), o.Created.Format(time.RFC3339), string(o.State),
			plain(o.Email), plain(o.Ship.Name), o.Ship.Country,
			i.SKU, plain(i.Name), strconv.Itoa(i.Count), i.Each.String(), o.Total.String(),
		})
	}
}

// plain keeps a spreadsheet from running what a customer typed as a formula.
func plain(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
