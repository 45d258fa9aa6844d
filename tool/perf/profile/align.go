package profile

// segment is a run of lines, as offsets from a function's first: equal ones, or
// some of base that were replaced by some of head; either may be none.
type segment struct {
	from, to [2]int
	equal    bool
}

// maxCells bounds the table of the longest common subsequence; of functions for
// which it would be larger, what lies between their equal ends is one segment.
const maxCells = 1 << 20

// align finds the lines that both sides have.
func align(base, head []string) []segment {
	var list []segment
	add := func(equal bool, b0, b1, h0, h1 int) {
		if b0 == b1 && h0 == h1 {
			return
		}
		if n := len(list); n > 0 && list[n-1].equal == equal {
			list[n-1].to = [2]int{b1, h1}
			return
		}
		list = append(list, segment{[2]int{b0, h0}, [2]int{b1, h1}, equal})
	}
	first := 0
	for first < min(len(base), len(head)) && base[first] == head[first] {
		first++
	}
	b, h := len(base), len(head)
	for b > first && h > first && base[b-1] == head[h-1] {
		b, h = b-1, h-1
	}
	add(true, 0, first, 0, first)
	i, j := first, first
	if (b-first)*(h-first) <= maxCells {
		length := common(base[first:b], head[first:h])
		for i < b && j < h {
			switch at := length[i-first]; {
			case base[i] == head[j]:
				add(true, i, i+1, j, j+1)
				i, j = i+1, j+1
			case length[i-first+1][j-first] >= at[j-first+1]:
				add(false, i, i+1, j, j)
				i++
			default:
				add(false, i, i, j, j+1)
				j++
			}
		}
	}
	add(false, i, b, j, h)
	add(true, b, len(base), h, len(head))
	return list
}

// common returns, for each pair of places, the length of the longest common
// subsequence of what follows them.
func common(base, head []string) [][]int32 {
	length := make([][]int32, len(base)+1)
	for i := len(base); i >= 0; i-- {
		length[i] = make([]int32, len(head)+1)
		if i == len(base) {
			continue
		}
		for j := len(head) - 1; j >= 0; j-- {
			if base[i] == head[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	return length
}

// row returns the line of head that a line is counted at, or, where head has
// none, the negative of the line in base. Lines that were replaced are counted
// at the dearest that replaced them, by head's cost.
func (d *declaration) row(side, line int, head map[int]float64) int {
	offset := line - d.start[side]
	for _, s := range d.segments {
		if offset < s.from[side] || offset >= s.to[side] {
			continue
		}
		switch {
		case s.equal:
			return offset - s.from[side] + s.from[1] + d.start[1]
		case s.from[0] == s.to[0]:
			return line // added
		case s.from[1] == s.to[1]:
			return -line // removed
		}
		best := s.from[1] + d.start[1]
		for l := best; l < s.to[1]+d.start[1]; l++ {
			if head[l] > head[best] {
				best = l
			}
		}
		return best
	}
	if side == 0 {
		return -line
	}
	return line
}
