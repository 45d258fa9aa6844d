package units

import (
	"container/list"
	"container/ring"
	"encoding/binary"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

func NewMapRead() func() int {
	m := map[int]int{}
	for _, n := range numbers(1000, 1e6) {
		m[n] = n & 7
	}
	asked := numbers(60, 1e6)
	return func() int {
		sum := 0
		for _, n := range asked {
			sum += m[n]
		}
		return sum
	}
}

func NewMapInsert() func() int {
	keys := numbers(60, 1e6)
	return func() int {
		m := map[int]int{}
		for i, k := range keys {
			m[k] = i
		}
		return len(m)
	}
}

func NewMapString() func() int {
	m, keys := map[string]int{}, words(500)
	for i, w := range keys {
		m[w] = i & 7
	}
	return func() int {
		sum := 0
		for _, w := range keys[:50] {
			sum += m[w]
		}
		return sum
	}
}

func NewMapStruct() func() int {
	type point struct{ x, y int32 }
	m := map[point]int{}
	for i := range int32(400) {
		m[point{i % 20, i / 20}] = int(i)
	}
	return func() int {
		sum := 0
		for i := range int32(50) {
			sum += m[point{i % 25, i % 7}]
		}
		return sum
	}
}

func NewMapRange() func() int {
	m := map[int]int{}
	for i := range 150 {
		m[i] = i
	}
	return func() int {
		sum := 0
		for k, v := range m {
			sum += k ^ v + 1
		}
		return sum
	}
}

func NewMapDelete() func() int {
	m := map[int]bool{}
	return func() int {
		for i := range 40 {
			m[i*7] = true
		}
		n := len(m)
		for i := range 40 {
			delete(m, i*7)
		}
		return n
	}
}

func NewMapClone() func() int {
	m := map[string]int{}
	for i, w := range words(60) {
		m[w] = i
	}
	return func() int { return len(maps.Clone(m)) }
}

func NewMapKeysSorted() func() int {
	m := map[string]int{}
	for i, w := range words(30) {
		m[w] = i
	}
	return func() int { return len(slices.Sorted(maps.Keys(m))[3]) }
}

func NewWordCount() func() int {
	list := words(50)
	list = append(list, list...)
	return func() int {
		count := map[string]int{}
		for _, w := range list {
			count[w]++
		}
		return len(count)
	}
}

func NewSyncMap() func() int {
	var m sync.Map
	for i := range 100 {
		m.Store(i, i)
	}
	return func() int {
		sum := 0
		for i := range 25 {
			v, _ := m.Load(i * 3)
			sum += v.(int)
		}
		return sum
	}
}

func NewMutex() func() int {
	var mu sync.Mutex
	return func() int {
		n := 0
		for range 100 {
			mu.Lock()
			n++
			mu.Unlock()
		}
		return n
	}
}

func NewRWMutex() func() int {
	var mu sync.RWMutex
	return func() int {
		n := 0
		for range 80 {
			mu.RLock()
			n++
			mu.RUnlock()
		}
		return n
	}
}

func NewAtomic() func() int {
	var n atomic.Int64
	return func() int {
		n.Store(0)
		for range 200 {
			n.Add(3)
		}
		return int(n.Load())
	}
}

func NewPool() func() int {
	pool := sync.Pool{New: func() any { return new([256]byte) }}
	return func() int {
		n := 0
		for range 50 {
			b := pool.Get().(*[256]byte)
			b[3]++
			n += len(b)
			pool.Put(b)
		}
		return n
	}
}

func NewList() func() int {
	return func() int {
		l := list.New()
		for i := range 40 {
			l.PushBack(i)
		}
		sum := 0
		for e := l.Front(); e != nil; e = e.Next() {
			sum += e.Value.(int)
		}
		return sum
	}
}

func NewRing() func() int {
	r := ring.New(300)
	for i := range 300 {
		r.Value = i
		r = r.Next()
	}
	return func() int {
		sum := 0
		r.Do(func(v any) { sum += v.(int) })
		return sum
	}
}

type node struct {
	left, right *node
	value       int
}

func (n *node) insert(v int) *node {
	switch {
	case n == nil:
		return &node{value: v}
	case v < n.value:
		n.left = n.left.insert(v)
	default:
		n.right = n.right.insert(v)
	}
	return n
}

func (n *node) sum() int {
	if n == nil {
		return 0
	}
	return n.left.sum() + n.value + n.right.sum()
}

func NewTreeBuild() func() int {
	values := numbers(60, 1000)
	return func() int {
		var root *node
		for _, v := range values {
			root = root.insert(v)
		}
		return root.value
	}
}

func NewTreeWalk() func() int {
	var root *node
	for _, v := range numbers(300, 1000) {
		root = root.insert(v)
	}
	return root.sum
}

func NewTrie() func() int {
	type trie struct {
		next map[byte]*trie
		end  bool
	}
	root, list := &trie{next: map[byte]*trie{}}, words(200)
	for _, w := range list {
		at := root
		for i := range len(w) {
			if at.next[w[i]] == nil {
				at.next[w[i]] = &trie{next: map[byte]*trie{}}
			}
			at = at.next[w[i]]
		}
		at.end = true
	}
	return func() int {
		found := 0
		for _, w := range list[:20] {
			at := root
			for i := 0; i < len(w) && at != nil; i++ {
				at = at.next[w[i]]
			}
			if at != nil && at.end {
				found++
			}
		}
		return found
	}
}

func NewBitset() func() int {
	bits, list := make([]uint64, 64), numbers(200, 4096)
	return func() int {
		clear(bits)
		n := 0
		for _, x := range list {
			if bits[x/64]&(1<<(x%64)) == 0 {
				n++
			}
			bits[x/64] |= 1 << (x % 64)
		}
		return n
	}
}

func NewAllocSmall() func() int {
	return func() int {
		var last *person
		for i := range 40 {
			last = &person{age: i}
			kept = last
		}
		return last.age
	}
}

// kept makes what it points to escape.
var kept any

func NewAllocBuffers() func() int {
	return func() int {
		n := 0
		for i := range 6 {
			b := make([]byte, 1024+i*64)
			kept = b
			n += len(b)
		}
		return n
	}
}

func NewAllocStrings() func() int {
	return func() int {
		n := 0
		for i := range 30 {
			n += len(strconv.Itoa(100000 + i))
		}
		return n
	}
}

func NewAllocLinked() func() int {
	return func() int {
		var head *node
		for i := range 40 {
			head = &node{left: head, value: i}
		}
		n := 0
		for ; head != nil; head = head.left {
			n += head.value
		}
		return n
	}
}

func NewAppendGrow() func() int {
	return func() int {
		var list []int
		for i := range 300 {
			list = append(list, i)
		}
		return len(list)
	}
}

func NewBoxing() func() int {
	return func() int {
		list := make([]any, 0, 40)
		for i := range 40 {
			list = append(list, i+1000)
		}
		sum := 0
		for _, v := range list {
			sum += v.(int)
		}
		return sum
	}
}

func NewMatrixRows() func() int {
	return func() int {
		rows := make([][]float64, 12)
		for i := range rows {
			rows[i] = make([]float64, 12)
			rows[i][i] = float64(i)
		}
		return int(rows[7][7])
	}
}

func NewSlicesOps() func() int {
	from := numbers(150, 50)
	to := make([]int, 0, len(from))
	return func() int {
		to = append(to[:0], from...)
		slices.Reverse(to)
		to = slices.Insert(to[:140], 20, 1, 2, 3)
		to = slices.Delete(to, 5, 9)
		return slices.Index(to, 49) + slices.Max(to) + len(slices.Compact(to))
	}
}

func NewCopyBig() func() int {
	from, to := noise(16<<10), make([]byte, 16<<10)
	return func() int { return copy(to, from) + int(to[77]) }
}

type shape interface{ area() int }
type square struct{ side int }
type oblong struct{ a, b int }
type circle struct{ r int }

func (s square) area() int { return s.side * s.side }
func (o oblong) area() int { return o.a * o.b }
func (c circle) area() int { return 3 * c.r * c.r }

func shapes() []shape {
	var list []shape
	for i := range 100 {
		list = append(list, square{i}, oblong{i, 2}, circle{i})
	}
	return list
}

func NewInterfaceCalls() func() int {
	list := shapes()
	return func() int {
		sum := 0
		for _, s := range list {
			sum += s.area()
		}
		return sum
	}
}

func NewTypeSwitch() func() int {
	list := shapes()
	return func() int {
		sum := 0
		for _, s := range list {
			switch s := s.(type) {
			case square:
				sum += s.side
			case oblong:
				sum += s.b
			case circle:
				sum += s.r
			}
		}
		return sum
	}
}

func NewClosures() func() int {
	var list []func(int) int
	for i := range 100 {
		list = append(list, func(x int) int { return x + i })
	}
	return func() int {
		sum := 0
		for _, f := range list {
			sum = f(sum)
		}
		return sum
	}
}

func NewDefer() func() int {
	n := 0
	one := func() {
		defer func() { n++ }()
		n += 2
	}
	return func() int {
		n = 0
		for range 60 {
			one()
		}
		return n
	}
}

func NewPanicRecover() func() int {
	one := func() (n int) {
		defer func() { n = recover().(int) }()
		panic(7)
	}
	return func() int { return one() + one() + one() }
}

func NewGenericReduce() func() int {
	list := numbers(250, 100)
	return func() int { return reduce(list, func(a, b int) int { return a + b }) }
}

func reduce[T any](list []T, f func(a, b T) T) (sum T) {
	for _, x := range list {
		sum = f(sum, x)
	}
	return sum
}

func NewIterators() func() int {
	list := numbers(150, 100)
	return func() int {
		sum := 0
		for x := range filtered(list) {
			sum += x
		}
		return sum
	}
}

func filtered(list []int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for _, x := range list {
			if x%3 != 0 && !yield(x) {
				return
			}
		}
	}
}

func NewReflectFields() func() int {
	o := orders(1)[0]
	return func() int {
		v, n := reflect.ValueOf(o), 0
		for i := range v.NumField() {
			n += len(v.Type().Field(i).Name) + int(v.Field(i).Kind())
		}
		return n
	}
}

func NewReflectCall() func() int {
	f := reflect.ValueOf(func(a, b int) int { return a + b })
	args := []reflect.Value{reflect.ValueOf(3), reflect.ValueOf(4)}
	return func() int { return int(f.Call(args)[0].Int()) }
}

func NewDeepEqual() func() int {
	a, b := orders(5), orders(5)
	return func() int {
		if reflect.DeepEqual(a, b) {
			return 1
		}
		return 0
	}
}

func NewByteOrder() func() int {
	data := noise(1600)
	return func() int {
		var sum uint64
		for i := 0; i+8 <= len(data); i += 8 {
			sum += binary.BigEndian.Uint64(data[i:])
		}
		return int(sum & 0xffff)
	}
}
