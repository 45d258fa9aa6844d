package units

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/lzw"
	"compress/zlib"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ed25519"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"index/suffixarray"
	"io"
	"net/netip"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

func NewFlate() func() int {
	data := []byte(strings.Repeat(prose, 2))
	var out bytes.Buffer
	w := must(flate.NewWriter(&out, flate.DefaultCompression))
	return func() int {
		out.Reset()
		w.Reset(&out)
		w.Write(data)
		w.Close()
		return out.Len()
	}
}

func NewFlateFast() func() int {
	data := noise(2000)
	var out bytes.Buffer
	w := must(flate.NewWriter(&out, flate.BestSpeed))
	return func() int {
		out.Reset()
		w.Reset(&out)
		w.Write(data)
		w.Close()
		return out.Len()
	}
}

func NewInflate() func() int {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write([]byte(prose))
	w.Close()
	in := bytes.NewReader(packed.Bytes())
	r := must(gzip.NewReader(in))
	return func() int {
		in.Reset(packed.Bytes())
		if err := r.Reset(in); err != nil {
			panic(err)
		}
		return int(must(io.Copy(io.Discard, r)))
	}
}

func NewZlib() func() int {
	data := []byte(prose)
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	return func() int {
		out.Reset()
		w.Reset(&out)
		w.Write(data)
		w.Close()
		return out.Len()
	}
}

func NewLZW() func() int {
	data := []byte(prose)
	return func() int {
		var out bytes.Buffer
		w := lzw.NewWriter(&out, lzw.LSB, 8)
		w.Write(data)
		w.Close()
		return out.Len()
	}
}

func NewTar() func() int {
	data := noise(600)
	return func() int {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		if err := w.WriteHeader(&tar.Header{Name: "a/b", Size: int64(len(data)), Mode: 0o644}); err != nil {
			panic(err)
		}
		w.Write(data)
		w.Close()
		return out.Len()
	}
}

func NewZip() func() int {
	data := noise(400)
	return func() int {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		f := must(w.CreateRaw(&zip.FileHeader{Name: "a", Method: zip.Store, CRC32: crc32.ChecksumIEEE(data)}))
		f.Write(data)
		w.Close()
		return out.Len()
	}
}

func NewAESGCM() func() int {
	sealer := must(cipher.NewGCM(must(aes.NewCipher(noise(16)))))
	nonce, data := noise(12), noise(1200)
	var out []byte
	return func() int {
		out = sealer.Seal(out[:0], nonce, data, nil)
		return len(out)
	}
}

func NewAESCTR() func() int {
	block := must(aes.NewCipher(noise(32)))
	iv, data := noise(16), noise(1000)
	out := make([]byte, len(data))
	return func() int {
		cipher.NewCTR(block, iv).XORKeyStream(out, data)
		return int(out[5])
	}
}

func NewEd25519() func() int {
	key, data := ed25519.NewKeyFromSeed(noise(32)), noise(100)
	return func() int { return len(ed25519.Sign(key, data)) }
}

func NewX25519() func() int {
	a := must(ecdh.X25519().NewPrivateKey(noise(32)))
	b := must(ecdh.X25519().NewPrivateKey(noise(64)[32:])).PublicKey()
	return func() int { return int(must(a.ECDH(b))[0]) }
}

func NewPNG() func() int {
	m := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		m.SetGray(i%8, i/8, color.Gray{uint8(i)})
	}
	encoder := png.Encoder{CompressionLevel: png.NoCompression}
	return func() int {
		var out bytes.Buffer
		if err := encoder.Encode(&out, m); err != nil {
			panic(err)
		}
		return out.Len()
	}
}

func NewImageBlend() func() int {
	m := image.NewRGBA(image.Rect(0, 0, 20, 20))
	return func() int {
		sum := 0
		for i := range 400 {
			m.Set(i%20, i/20, color.NRGBA{uint8(i), 7, 9, 100})
			r, _, _, _ := m.At(i%20, i/20).RGBA()
			sum += int(r >> 8)
		}
		return sum
	}
}

func NewSuffixArray() func() int {
	index := suffixarray.New([]byte(prose))
	asked := [][]byte{[]byte("of"), []byte("truth"), []byte("the"), []byte("zzz")}
	return func() int {
		n := 0
		for _, a := range asked {
			n += len(index.Lookup(a, -1))
		}
		return n
	}
}

func NewPaths() func() int {
	return func() int {
		n := 0
		for _, p := range []string{"/a/b/../c", "x//y/./z", "../../q"} {
			n += len(path.Clean(p)) + len(filepath.Join(p, "k")) + len(path.Base(p))
		}
		return n
	}
}

func NewGlob() func() int {
	return func() int {
		n := 0
		for _, p := range []string{"*.go", "a?c*[x-z]", "*/b/*"} {
			for _, name := range []string{"main.go", "abcdefx", "a/b/c"} {
				if must(path.Match(p, name)) {
					n++
				}
			}
		}
		return n
	}
}

func NewNetip() func() int {
	prefix := netip.MustParsePrefix("10.0.0.0/8")
	return func() int {
		n := 0
		for _, s := range []string{"10.1.2.3", "192.168.0.1", "2001:db8::1", "::ffff:1.2.3.4"} {
			a := netip.MustParseAddr(s)
			n += len(a.String())
			if prefix.Contains(a) {
				n++
			}
		}
		return n
	}
}

func NewErrorsIs() func() int {
	err := io.EOF
	for i := range 10 {
		err = fmt.Errorf("layer %d: %w", i, err)
	}
	return func() int {
		n := 0
		for range 5 {
			if errors.Is(err, io.EOF) {
				n++
			}
		}
		return n
	}
}

func NewErrorWrap() func() int {
	return func() int { return len(fmt.Errorf("open %s: %w", "file", io.ErrUnexpectedEOF).Error()) }
}

func NewContextValues() func() int {
	type key int
	ctx := context.Background()
	for i := range 12 {
		ctx = context.WithValue(ctx, key(i), i)
	}
	return func() int {
		sum := 0
		for i := range 12 {
			sum += ctx.Value(key(i)).(int)
		}
		return sum
	}
}

func NewContextCancel() func() int {
	return func() int {
		ctx, cancel := context.WithCancel(context.Background())
		inner, stop := context.WithCancel(ctx)
		cancel()
		<-inner.Done()
		stop()
		return 1
	}
}

func NewChannelBuffered() func() int {
	c := make(chan int, 32)
	return func() int {
		sum := 0
		for i := range 32 {
			c <- i
		}
		for range 32 {
			sum += <-c
		}
		return sum
	}
}

func NewSelect() func() int {
	a, b := make(chan int, 1), make(chan int, 1)
	return func() int {
		sum := 0
		for i := range 20 {
			if i%2 == 0 {
				a <- i
			} else {
				b <- i
			}
			select {
			case x := <-a:
				sum += x
			case x := <-b:
				sum += 2 * x
			}
		}
		return sum
	}
}

func NewGoroutines() func() int {
	return func() int {
		var wg sync.WaitGroup
		var sums [4]int
		for i := range sums {
			wg.Go(func() {
				for k := range 200 {
					sums[i] += k
				}
			})
		}
		wg.Wait()
		return sums[0] + sums[3]
	}
}

func NewPingPong() func() int {
	return func() int {
		there, back := make(chan int), make(chan int)
		go func() {
			for x := range there {
				back <- x + 1
			}
			close(back)
		}()
		sum := 0
		for i := range 6 {
			there <- i
			sum += <-back
		}
		close(there)
		<-back
		return sum
	}
}

func NewPipeline() func() int {
	return func() int {
		squares := make(chan int, 8)
		go func() {
			defer close(squares)
			for i := range 30 {
				squares <- i * i
			}
		}()
		sum := 0
		for x := range squares {
			sum += x
		}
		return sum
	}
}

func NewWorkers() func() int {
	return func() int {
		work, done := make(chan []byte, 4), make(chan uint32, 4)
		for range 2 {
			go func() {
				for b := range work {
					done <- crc32.ChecksumIEEE(b) & 0xff
				}
			}()
		}
		data, sum := make([]byte, 512), 0
		for range 4 {
			work <- data
		}
		close(work)
		for range 4 {
			sum += int(<-done)
		}
		return sum
	}
}
