package pricing_test

import (
	"testing"

	"github.com/hemilith/hemilith/examples/shop/pricing"
	"github.com/hemilith/hemilith/examples/shop/util"
)

func TestFill(t *testing.T) {
	t.Parallel()
	spring := &pricing.Voucher{Code: "SPRING", Percent: 10, Least: 20_00}
	for _, c := range []struct {
		name                      string
		line                      pricing.Line
		country                   string
		voucher                   *pricing.Voucher
		discount, shipping, total util.Cents
	}{
		{"home parcel", pricing.Line{Count: 2, Each: 10_00, Grams: 100}, "DE", nil, 0, 4_90, 24_90},
		{"free at home", pricing.Line{Count: 3, Each: 25_00, Grams: 100}, "DE", nil, 0, 0, 75_00},
		{"not free after the voucher", pricing.Line{Count: 3, Each: 25_00, Grams: 100}, "DE", spring, 7_50, 4_90, 72_40},
		{"abroad", pricing.Line{Count: 3, Each: 25_00, Grams: 100}, "FR", nil, 0, 12_90, 87_90},
		{"heavy", pricing.Line{Count: 2, Each: 50_00, Grams: 2501}, "DE", nil, 0, 6_00, 106_00},
		{"nothing to ship", pricing.Line{Count: 1, Each: 25_00}, "FR", nil, 0, 0, 25_00},
		{"too little for the voucher", pricing.Line{Count: 1, Each: 19_99}, "DE", spring, 0, 0, 19_99},
		{"half a cent stays here", pricing.Line{Count: 1, Each: 20_05}, "DE", spring, 2_00, 0, 18_05},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q := pricing.Quote{Lines: []pricing.Line{c.line}, Country: c.country, Voucher: c.voucher}
			pricing.Fill(&q)
			if q.Discount != c.discount || q.Shipping != c.shipping || q.Total != c.total {
				t.Errorf("got discount %v, shipping %v, total %v, want %v, %v, %v",
					q.Discount, q.Shipping, q.Total, c.discount, c.shipping, c.total)
			}
			if want := c.line.Each * util.Cents(c.line.Count); q.Lines[0].Sum != want {
				t.Errorf("sum of the line: got %v, want %v", q.Lines[0].Sum, want)
			}
		})
	}
}
