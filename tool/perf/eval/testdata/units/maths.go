package units

import (
	"math"
	"math/big"
	"math/bits"
	"math/cmplx"
	"math/rand/v2"
)

func NewBigMul() func() int {
	a, b, c := new(big.Int).SetBytes(noise(250)), new(big.Int).SetBytes(noise(230)), new(big.Int)
	return func() int { return c.Mul(a, b).BitLen() }
}

func NewBigDiv() func() int {
	a, b, c := new(big.Int).SetBytes(noise(200)), new(big.Int).SetBytes(noise(90)), new(big.Int)
	return func() int { return c.Div(a, b).BitLen() }
}

func NewBigModExp() func() int {
	m := new(big.Int).SetBytes(noise(24))
	m.SetBit(m, 0, 1)
	e, b, c := new(big.Int).SetBytes(noise(4)), big.NewInt(12345), new(big.Int)
	return func() int { return int(c.Exp(b, e, m).Bit(1)) }
}

func NewBigString() func() int {
	a := new(big.Int).SetBytes(noise(100))
	return func() int { return len(a.String()) }
}

func NewBigFactorial() func() int {
	return func() int { return new(big.Int).MulRange(1, 60).BitLen() }
}

func NewBigFloat() func() int {
	two := new(big.Float).SetPrec(300).SetInt64(2)
	return func() int { return int(new(big.Float).Sqrt(two).MinPrec()) }
}

func NewBigRat() func() int {
	return func() int {
		sum := new(big.Rat)
		for i := range int64(6) {
			sum.Add(sum, big.NewRat(1, i+1))
		}
		return int(sum.Num().Int64())
	}
}

func NewMatrixMul() func() int {
	const n = 12
	var a, b, c [n][n]float64
	for i := range n {
		for k := range n {
			a[i][k], b[i][k] = float64(i+k), float64(i-k)
		}
	}
	return func() int {
		for i := range n {
			for k := range n {
				sum := 0.0
				for j := range n {
					sum += a[i][j] * b[j][k]
				}
				c[i][k] = sum
			}
		}
		return int(c[3][4])
	}
}

func NewFFT() func() int {
	from := make([]complex128, 64)
	for i := range from {
		from[i] = complex(float64(i%7), 0)
	}
	return func() int { return int(real(fft(from)[0])) }
}

func fft(a []complex128) []complex128 {
	n := len(a)
	if n == 1 {
		return a
	}
	even, odd := make([]complex128, n/2), make([]complex128, n/2)
	for i := range n / 2 {
		even[i], odd[i] = a[2*i], a[2*i+1]
	}
	even, odd = fft(even), fft(odd)
	out := make([]complex128, n)
	for k := range n / 2 {
		t := cmplx.Rect(1, -2*math.Pi*float64(k)/float64(n)) * odd[k]
		out[k], out[k+n/2] = even[k]+t, even[k]-t
	}
	return out
}

func NewSieve() func() int {
	composite := make([]bool, 2000)
	return func() int {
		clear(composite)
		n := 0
		for i := 2; i < len(composite); i++ {
			if !composite[i] {
				n++
				for k := i * i; k < len(composite); k += i {
					composite[k] = true
				}
			}
		}
		return n
	}
}

func NewMandelbrot() func() int {
	return func() int {
		n := 0
		for i := range 10 {
			c, z := complex(-0.8+float64(i)*0.05, 0.156), 0i
			for k := 0; k < 60 && real(z)*real(z)+imag(z)*imag(z) < 4; k++ {
				z = z*z + c
				n++
			}
		}
		return n
	}
}

func NewTrigonometry() func() int {
	return func() int {
		sum := 0.0
		for i := range 30 {
			x := float64(i) * 0.1
			sum += math.Sin(x)*math.Cos(x) + math.Exp(-x) + math.Log1p(x)
		}
		return int(sum)
	}
}

func NewNBody() func() int {
	var x, y, vx, vy [5]float64
	return func() int {
		for i := range x {
			x[i], y[i], vx[i], vy[i] = float64(i), float64(i*i), 0, 0
		}
		for range 4 {
			for i := range x {
				for k := range x {
					if i != k {
						dx, dy := x[k]-x[i], y[k]-y[i]
						d := math.Sqrt(dx*dx+dy*dy) + 0.1
						vx[i] += dx / (d * d * d) * 0.01
						vy[i] += dy / (d * d * d) * 0.01
					}
				}
			}
			for i := range x {
				x[i] += vx[i]
				y[i] += vy[i]
			}
		}
		return int(x[1] * 1000)
	}
}

func NewBits() func() int {
	list := numbers(250, 1<<40)
	return func() int {
		n := 0
		for _, x := range list {
			n += bits.OnesCount64(uint64(x)) + bits.LeadingZeros64(uint64(x)) + int(bits.Reverse64(uint64(x))>>60)
		}
		return n
	}
}

func NewRandom() func() int {
	source := rand.NewPCG(1, 2)
	return func() int {
		source.Seed(1, 2)
		r, n := rand.New(source), 0
		for range 120 {
			n += r.IntN(1000)
		}
		return n
	}
}

func NewCollatz() func() int {
	return func() int {
		steps := 0
		for n := 1; n < 20; n++ {
			for x := n; x != 1; steps++ {
				if x%2 == 0 {
					x /= 2
				} else {
					x = 3*x + 1
				}
			}
		}
		return steps
	}
}

func NewFibonacci() func() int { return func() int { return fibonacci(13) } }

func fibonacci(n int) int {
	if n < 2 {
		return n
	}
	return fibonacci(n-1) + fibonacci(n-2)
}

func NewQueens() func() int { return func() int { return queens(6, 0, 0, 0, 0) } }

func queens(n, row int, columns, up, down uint) int {
	if row == n {
		return 1
	}
	found := 0
	for c := range n {
		u, d := row+c, row-c+n
		if columns&(1<<c) == 0 && up&(1<<u) == 0 && down&(1<<d) == 0 {
			found += queens(n, row+1, columns|1<<c, up|1<<u, down|1<<d)
		}
	}
	return found
}

func NewLevenshtein() func() int {
	a, b := "kitten sitting on the mat", "sitting kitten at a mast"
	row := make([]int, len(b)+1)
	return func() int {
		for k := range row {
			row[k] = k
		}
		for i := range len(a) {
			last := row[0]
			row[0] = i + 1
			for k := range len(b) {
				cost := last
				if a[i] != b[k] {
					cost = 1 + min(last, row[k], row[k+1])
				}
				last, row[k+1] = row[k+1], cost
			}
		}
		return row[len(b)]
	}
}

func NewKnapsack() func() int {
	weights, best := numbers(15, 30), make([]int, 101)
	return func() int {
		clear(best)
		for i, w := range weights {
			for c := len(best) - 1; c >= w; c-- {
				best[c] = max(best[c], best[c-w]+i+1)
			}
		}
		return best[100]
	}
}

func NewDijkstra() func() int {
	const n = 25
	weight := numbers(n*n, 100)
	var distance [n]int
	return func() int {
		var done [n]bool
		for i := range distance {
			distance[i] = 1 << 30
		}
		distance[0] = 0
		for range n {
			at := -1
			for i := range n {
				if !done[i] && (at < 0 || distance[i] < distance[at]) {
					at = i
				}
			}
			done[at] = true
			for i := range n {
				distance[i] = min(distance[i], distance[at]+weight[at*n+i]+1)
			}
		}
		return distance[n-1]
	}
}

func NewLife() func() int {
	const n = 16
	var from [n][n]byte
	for i, x := range numbers(n*n, 2) {
		from[i/n][i%n] = byte(x)
	}
	return func() int {
		alive := 0
		for i := range n {
			for k := range n {
				around := byte(0)
				for d := range 9 {
					if d != 4 {
						around += from[(i+d/3+n-1)%n][(k+d%3+n-1)%n]
					}
				}
				if around == 3 || around == 2 && from[i][k] == 1 {
					alive++
				}
			}
		}
		return alive
	}
}
