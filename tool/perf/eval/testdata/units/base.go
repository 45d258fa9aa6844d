// Package units is a hundred and more units of work of many kinds. Each NewX
// prepares one, and returns a function that does the same work at each call.
package units

// noise is bytes that look random, and are always the same.
func noise(n int) []byte {
	data, x := make([]byte, n), uint64(88172645463325252)
	for i := range data {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		data[i] = byte(x >> 32)
	}
	return data
}

// numbers are n numbers below most.
func numbers(n, most int) []int {
	list, x := make([]int, n), uint64(2463534242)
	for i := range list {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		list[i] = int(x>>16) % most
		if list[i] < 0 {
			list[i] = -list[i]
		}
	}
	return list
}

// words are n words of three to ten letters.
func words(n int) []string {
	list, letters := make([]string, n), numbers(n*10, 26)
	for i := range list {
		b := make([]byte, 3+letters[10*i]%8)
		for k := range b {
			b[k] = byte('a' + letters[10*i+k])
		}
		list[i] = string(b)
	}
	return list
}

const prose = `It is a truth universally acknowledged, that a single man in possession
of a good fortune, must be in want of a wife. However little known the feelings or
views of such a man may be on his first entering a neighbourhood, this truth is so
well fixed in the minds of the surrounding families, that he is considered the
rightful property of some one or other of their daughters, on 12 June 1811.`
