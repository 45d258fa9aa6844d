package b

func G() {}
