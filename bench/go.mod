module github.com/hemilith/hemilith/bench

go 1.26.0

require github.com/hemilith/hemilith v0.0.0
