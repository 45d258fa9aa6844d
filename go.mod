module github.com/hemilith/hemilith

go 1.26.0
