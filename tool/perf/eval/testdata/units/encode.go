package units

import (
	"bytes"
	"encoding/ascii85"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"net/url"
	"strings"
)

type order struct {
	ID    int      `json:"id" xml:"id,attr"`
	Name  string   `json:"name" xml:"name"`
	Price float64  `json:"price" xml:"price"`
	Tags  []string `json:"tags" xml:"tag"`
}

func orders(n int) []order {
	list := make([]order, n)
	for i, w := range words(n) {
		list[i] = order{i, w, float64(i) * 1.25, []string{w, "x"}}
	}
	return list
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func NewJSONMarshal() func() int {
	list := orders(6)
	return func() int { return len(must(json.Marshal(list))) }
}

func NewJSONUnmarshal() func() int {
	data := must(json.Marshal(orders(3)))
	return func() int {
		var list []order
		if err := json.Unmarshal(data, &list); err != nil {
			panic(err)
		}
		return len(list)
	}
}

func NewJSONAny() func() int {
	data := must(json.Marshal(orders(3)))
	return func() int {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			panic(err)
		}
		return len(v.([]any))
	}
}

func NewJSONIndent() func() int {
	data := must(json.Marshal(orders(4)))
	var out bytes.Buffer
	return func() int {
		out.Reset()
		if err := json.Indent(&out, data, "", "  "); err != nil {
			panic(err)
		}
		return out.Len()
	}
}

func NewJSONValid() func() int {
	data := must(json.Marshal(orders(8)))
	return func() int {
		if !json.Valid(data) {
			panic("not valid")
		}
		return 1
	}
}

func NewJSONStream() func() int {
	data := string(must(json.Marshal(orders(3))))
	return func() int {
		dec, n := json.NewDecoder(strings.NewReader(data)), 0
		for {
			if _, err := dec.Token(); err != nil {
				return n
			}
			n++
		}
	}
}

func NewXMLMarshal() func() int {
	list := orders(2)
	return func() int { return len(must(xml.Marshal(list))) }
}

func NewXMLUnmarshal() func() int {
	data := must(xml.Marshal(orders(1)[0]))
	return func() int {
		var o order
		if err := xml.Unmarshal(data, &o); err != nil {
			panic(err)
		}
		return len(o.Name)
	}
}

func NewGob() func() int {
	list := orders(5)
	return func() int {
		var b bytes.Buffer
		if err := gob.NewEncoder(&b).Encode(list); err != nil {
			panic(err)
		}
		return b.Len()
	}
}

func NewCSVRead() func() int {
	text := strings.Repeat("a,bc,\"d e\",12\n", 10)
	return func() int { return len(must(csv.NewReader(strings.NewReader(text)).ReadAll())) }
}

func NewCSVWrite() func() int {
	row := words(8)
	return func() int {
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		for range 10 {
			if err := w.Write(row); err != nil {
				panic(err)
			}
		}
		w.Flush()
		return b.Len()
	}
}

func NewBase64Encode() func() int {
	data := noise(900)
	out := make([]byte, base64.StdEncoding.EncodedLen(len(data)))
	return func() int {
		base64.StdEncoding.Encode(out, data)
		return int(out[3])
	}
}

func NewBase64Decode() func() int {
	text := base64.StdEncoding.EncodeToString(noise(700))
	return func() int { return len(must(base64.StdEncoding.DecodeString(text))) }
}

func NewBase32() func() int {
	data := noise(400)
	return func() int { return len(base32.StdEncoding.EncodeToString(data)) }
}

func NewAscii85() func() int {
	data := noise(300)
	out := make([]byte, ascii85.MaxEncodedLen(len(data)))
	return func() int { return ascii85.Encode(out, data) }
}

func NewHex() func() int {
	data := noise(500)
	return func() int { return len(must(hex.DecodeString(hex.EncodeToString(data)))) }
}

func NewVarint() func() int {
	list := numbers(200, 1<<40)
	out := make([]byte, 0, 2000)
	return func() int {
		out = out[:0]
		for _, x := range list {
			out = binary.AppendUvarint(out, uint64(x))
		}
		sum := 0
		for rest := out; len(rest) > 0; {
			x, n := binary.Uvarint(rest)
			sum += int(x & 0xff)
			rest = rest[n:]
		}
		return sum
	}
}

func NewBinaryWrite() func() int {
	list := make([]struct {
		A uint32
		B int16
		C [4]byte
	}, 12)
	var b bytes.Buffer
	return func() int {
		b.Reset()
		if err := binary.Write(&b, binary.BigEndian, list); err != nil {
			panic(err)
		}
		return b.Len()
	}
}

func NewPEM() func() int {
	text := pem.EncodeToMemory(&pem.Block{Type: "DATA", Bytes: noise(300)})
	return func() int {
		block, _ := pem.Decode(text)
		return len(block.Bytes)
	}
}

func NewURLParse() func() int {
	return func() int {
		u := must(url.Parse("https://user:secret@example.com:8080/a/b%20c/d?q=1&r=two%20words&s=3#there"))
		return len(u.Query())
	}
}

func NewURLEscape() func() int {
	return func() int { return len(url.QueryEscape(prose)) }
}
