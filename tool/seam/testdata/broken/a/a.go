package a

func F() int { return "no" }
