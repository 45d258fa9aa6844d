// Package pricing works out what a basket costs. It is arithmetic only.
package pricing

import "github.com/hemilith/hemilith/examples/shop/util"

// Line is one item, of which SKU, Count, Each and Grams are given and Sum is
// filled in.
type Line struct {
	SKU   string
	Count int
	Each  util.Cents
	Grams int
	Sum   util.Cents
}

// Voucher takes percent off the goods from a least value on.
type Voucher struct {
	Code    string
	Percent int
	Least   util.Cents
}

// Quote is a bill: its Lines, Country and Voucher are given, the rest is filled
// in by [Fill].
type Quote struct {
	Lines   []Line
	Country string
	Voucher *Voucher

	Goods    util.Cents
	Discount util.Cents
	Shipping util.Cents
	Total    util.Cents
}

// Rates of the carrier, by weight and zone.
const (
	freeFrom    util.Cents = 75_00 // goods from here on travel free at home
	homeParcel  util.Cents = 4_90
	abroad      util.Cents = 12_90
	heavyFrom              = 5_000 // grams
	heavyExtra  util.Cents = 6_00
	homeCountry            = "DE"
)

// Fill computes the sums of the quote and of each of its lines, in place.
func Fill(q *Quote) {
	q.Goods = 0
	grams := 0
	for i := range q.Lines {
		l := &q.Lines[i]
		l.Sum = l.Each * util.Cents(l.Count)
		q.Goods += l.Sum
		grams += l.Grams * l.Count
	}
	q.Discount = q.Voucher.off(q.Goods)
	q.Shipping = shipping(q.Goods-q.Discount, grams, q.Country)
	q.Total = q.Goods - q.Discount + q.Shipping
}

// off rounds to the shop's favour, as the terms say.
func (v *Voucher) off(goods util.Cents) util.Cents {
	if v == nil || goods < v.Least {
		return 0
	}
	return goods * util.Cents(v.Percent) / 100
}

func shipping(goods util.Cents, grams int, country string) util.Cents {
	if grams == 0 {
		return 0
	}
	cost := abroad
	if country == homeCountry {
		cost = homeParcel
		if goods >= freeFrom {
			cost = 0
		}
	}
	if grams > heavyFrom {
		cost += heavyExtra
	}
	return cost
}
