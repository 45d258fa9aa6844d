package main

// findings are all that the tables tell.
type findings struct {
	records   []*record
	outcomes  []outcome
	resampled []resampled
}
