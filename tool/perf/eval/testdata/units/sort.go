package units

import (
	"cmp"
	"container/heap"
	"slices"
	"sort"
)

func NewSortInts() func() int {
	from := numbers(200, 1e6)
	to := make([]int, len(from))
	return func() int {
		copy(to, from)
		sort.Ints(to)
		return to[7]
	}
}

func NewSlicesSort() func() int {
	from := numbers(250, 1e6)
	to := make([]int, len(from))
	return func() int {
		copy(to, from)
		slices.Sort(to)
		return to[7]
	}
}

func NewSortStrings() func() int {
	from := words(100)
	to := make([]string, len(from))
	return func() int {
		copy(to, from)
		sort.Strings(to)
		return len(to[7])
	}
}

type person struct {
	name string
	age  int
}

func people(n int) []person {
	list, ages := make([]person, n), numbers(n, 90)
	for i, name := range words(n) {
		list[i] = person{name, ages[i]}
	}
	return list
}

func NewSortStructs() func() int {
	from := people(80)
	to := make([]person, len(from))
	return func() int {
		copy(to, from)
		slices.SortFunc(to, func(a, b person) int { return cmp.Or(cmp.Compare(a.age, b.age), cmp.Compare(a.name, b.name)) })
		return to[7].age
	}
}

func NewSortStable() func() int {
	from := people(80)
	to := make([]person, len(from))
	return func() int {
		copy(to, from)
		slices.SortStableFunc(to, func(a, b person) int { return cmp.Compare(a.age, b.age) })
		return to[7].age
	}
}

type byAge []person

func (p byAge) Len() int           { return len(p) }
func (p byAge) Less(i, k int) bool { return p[i].age < p[k].age }
func (p byAge) Swap(i, k int)      { p[i], p[k] = p[k], p[i] }

func NewSortInterface() func() int {
	from := people(60)
	to := make([]person, len(from))
	return func() int {
		copy(to, from)
		sort.Sort(byAge(to))
		return to[7].age
	}
}

type ints []int

func (h ints) Len() int           { return len(h) }
func (h ints) Less(i, k int) bool { return h[i] < h[k] }
func (h ints) Swap(i, k int)      { h[i], h[k] = h[k], h[i] }
func (h *ints) Push(x any)        { *h = append(*h, x.(int)) }
func (h *ints) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func NewHeap() func() int {
	from := numbers(64, 200)
	return func() int {
		h := make(ints, 0, len(from))
		for _, x := range from {
			heap.Push(&h, x)
		}
		sum := 0
		for i := 0; len(h) > 0; i++ {
			sum += i * heap.Pop(&h).(int)
		}
		return sum
	}
}

func NewBinarySearch() func() int {
	list, asked := numbers(5000, 1e6), numbers(40, 1e6)
	slices.Sort(list)
	return func() int {
		sum := 0
		for _, x := range asked {
			at, _ := slices.BinarySearch(list, x)
			sum += at
		}
		return sum
	}
}

func NewMergeSort() func() int {
	from := numbers(120, 1e6)
	return func() int { return mergeSort(from)[7] }
}

func mergeSort(list []int) []int {
	if len(list) < 2 {
		return list
	}
	a, b := mergeSort(list[:len(list)/2]), mergeSort(list[len(list)/2:])
	out := make([]int, 0, len(list))
	for len(a) > 0 && len(b) > 0 {
		if a[0] <= b[0] {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}
