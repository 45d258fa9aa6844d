// Package money knows prices.
package money

import (
	"fmt"
	"strconv"
)

// Parse reads a price in cents.
func Parse(s string) int {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return int(f * 100)
}

// Format writes a price.
func Format(cents int) string {
	return fmt.Sprintf("%d.%02d", cents/100, cents%100)
}
