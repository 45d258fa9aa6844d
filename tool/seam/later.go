package seam

import "github.com/hemilith/hemilith/tool/seam/history"

func (s *session) traffic(*Report) error              { return nil }
func (s *session) when(*Report, *history.History) error { return nil }
