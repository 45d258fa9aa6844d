// Package echopb is the boundary of package echo as protobuf has it.
package echopb

import "github.com/hemilith/hemilith/bench/echo"

//go:generate protoc --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative echo.proto

// Sample returns the same order as [echo.Sample].
func Sample() *Order {
	o := echo.Sample()
	lines := make([]*Line, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = &Line{Sku: l.SKU, Title: l.Title, Quantity: l.Quantity, Price: money(l.Price), Tags: l.Tags}
	}
	return &Order{
		Id: o.ID, Placed: o.Placed, Customer: customer(o.Customer), Lines: lines, Total: money(o.Total),
		Weight: o.Weight, Paid: o.Paid, Token: o.Token, Notes: o.Notes,
	}
}

func customer(c echo.Customer) *Customer {
	return &Customer{
		Id: c.ID, Name: c.Name, Email: c.Email, Phone: c.Phone, Billing: address(c.Billing), Ship: address(c.Ship),
	}
}

func address(a echo.Address) *Address {
	return &Address{Street: a.Street, City: a.City, Zip: a.Zip, Country: a.Country}
}

func money(m echo.Money) *Money { return &Money{Currency: m.Currency, Cents: m.Cents} }
