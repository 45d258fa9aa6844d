package units

import (
	"bufio"
	"bytes"
	"fmt"
	"go/parser"
	"go/scanner"
	"go/token"
	"html"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"text/template"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

func NewRegexpMatch() func() int {
	re := regexp.MustCompile(`\b\d{1,2} (June|July) 18\d\d\b`)
	return func() int { return len(re.FindString(prose)) }
}

func NewRegexpSubmatch() func() int {
	re := regexp.MustCompile(`^(\w+)://([^/:]+)(?::(\d+))?(/\S*)?$`)
	return func() int { return len(re.FindStringSubmatch("https://example.com:8443/path/to/it")) }
}

func NewRegexpReplace() func() int {
	re := regexp.MustCompile(`[aeiou]+`)
	return func() int { return len(re.ReplaceAllString(prose[:120], "<$0>")) }
}

func NewRegexpCompile() func() int {
	return func() int { return regexp.MustCompile(`(a|b)*c{2,5}[x-z]+$`).NumSubexp() }
}

func NewRegexpBacktrack() func() int {
	re := regexp.MustCompile(`(a+)+b`)
	text := strings.Repeat("a", 24)
	return func() int {
		if re.MatchString(text) {
			return 1
		}
		return 0
	}
}

func NewStringsBuilder() func() int {
	list := words(100)
	return func() int {
		var b strings.Builder
		for _, w := range list {
			b.WriteString(w)
			b.WriteByte(' ')
		}
		return b.Len()
	}
}

func NewStringsConcat() func() int {
	list := words(30)
	return func() int {
		s := ""
		for _, w := range list {
			s += w
		}
		return len(s)
	}
}

func NewStringsSplit() func() int {
	return func() int { return len(strings.Split(prose, " ")) }
}

func NewStringsFields() func() int {
	return func() int { return len(strings.Fields(prose)) }
}

func NewStringsReplacer() func() int {
	r := strings.NewReplacer("truth", "lie", "man", "woman", "<", "&lt;", "good", "bad")
	return func() int { return len(r.Replace(prose)) }
}

func NewStringsUpper() func() int {
	return func() int { return len(strings.ToUpper(prose)) }
}

func NewStringsIndex() func() int {
	text := strings.Repeat("abcabcabd", 150)
	return func() int { return strings.Index(text, "abcabcabcabd") + strings.Count(text, "bd") }
}

func NewStringsMap() func() int {
	return func() int {
		return len(strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return unicode.ToLower(r)
		}, prose[:150]))
	}
}

func NewEqualFold() func() int {
	a, b := strings.ToUpper(prose), strings.ToLower(prose)
	return func() int {
		if strings.EqualFold(a, b) {
			return 1
		}
		return 0
	}
}

func NewUTF8() func() int {
	text := strings.Repeat("héllo wörld, 日本語 ", 20)
	return func() int {
		n := 0
		for _, r := range text {
			n += utf8.RuneLen(r)
		}
		return n + utf8.RuneCountInString(text)
	}
}

func NewUTF16() func() int {
	runes := []rune(strings.Repeat("héllo 日本語 𝄞", 15))
	return func() int { return len(utf16.Decode(utf16.Encode(runes))) }
}

func NewAtoi() func() int {
	list := make([]string, 50)
	for i, n := range numbers(50, 1e9) {
		list[i] = strconv.Itoa(n)
	}
	return func() int {
		sum := 0
		for _, s := range list {
			sum += must(strconv.Atoi(s)) & 0xff
		}
		return sum
	}
}

func NewParseFloat() func() int {
	list := []string{"3.14159", "2.718281828459045", "1e-7", "6.02214076e23", "0.1", "123456.789"}
	return func() int {
		sum := 0.0
		for _, s := range list {
			sum += must(strconv.ParseFloat(s, 64)) / 1e24
		}
		return int(sum * 100)
	}
}

func NewFormatFloat() func() int {
	var out []byte
	return func() int {
		out = out[:0]
		for i := range 12 {
			out = strconv.AppendFloat(out, float64(i)*1.1+0.037, 'g', -1, 64)
		}
		return len(out)
	}
}

func NewQuote() func() int {
	return func() int { return len(strconv.Quote(prose[:200])) }
}

func NewSprintf() func() int {
	return func() int {
		return len(fmt.Sprintf("%d %s %5.2f %v %q %x", 42, "word", 3.14159, true, "quoted", 48879))
	}
}

func NewSprintStruct() func() int {
	o := orders(1)[0]
	return func() int { return len(fmt.Sprintf("%+v", o)) }
}

func NewSscanf() func() int {
	return func() int {
		var a, b int
		var s string
		return must(fmt.Sscanf("17 apples 23", "%d %s %d", &a, &s, &b)) + a + b
	}
}

func NewTemplate() func() int {
	t := template.Must(template.New("").Parse(`{{range .}}{{.ID}}: {{.Name}} {{printf "%.2f" .Price}}{{if .Tags}} tagged{{end}}
{{end}}`))
	list := orders(3)
	var b bytes.Buffer
	return func() int {
		b.Reset()
		if err := t.Execute(&b, list); err != nil {
			panic(err)
		}
		return b.Len()
	}
}

func NewHTMLEscape() func() int {
	text := strings.Repeat(`<a href="x">it's & that</a> `, 8)
	return func() int { return len(html.UnescapeString(html.EscapeString(text))) }
}

func NewTabwriter() func() int {
	var b bytes.Buffer
	return func() int {
		b.Reset()
		w := tabwriter.NewWriter(&b, 0, 8, 1, ' ', 0)
		for range 5 {
			fmt.Fprint(w, "a\tbcd\tefghi\n")
		}
		w.Flush()
		return b.Len()
	}
}

func NewScanLines() func() int {
	text := strings.Repeat("a line of text\n", 40)
	return func() int {
		n := 0
		for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
			n += len(s.Bytes())
		}
		return n
	}
}

func NewScanWords() func() int {
	return func() int {
		s, n := bufio.NewScanner(strings.NewReader(prose)), 0
		for s.Split(bufio.ScanWords); s.Scan(); {
			n++
		}
		return n
	}
}

func NewBufioWriter() func() int {
	list := words(60)
	return func() int {
		var b bytes.Buffer
		w := bufio.NewWriterSize(&b, 64)
		for _, s := range list {
			w.WriteString(s)
		}
		w.Flush()
		return b.Len()
	}
}

func NewBytesSplit() func() int {
	data := []byte(prose)
	return func() int { return len(bytes.Join(bytes.Split(data, []byte(" ")), []byte("_"))) }
}

const source = "package p\n\nfunc f(a, b int) (c int) {\n\tfor i := range a {\n\t\tc += i * b // more\n\t}\n\treturn c\n}\n"

func NewGoParser() func() int {
	return func() int {
		return len(must(parser.ParseFile(token.NewFileSet(), "p.go", source, parser.SkipObjectResolution)).Decls)
	}
}

func NewGoScanner() func() int {
	return func() int {
		var s scanner.Scanner
		set := token.NewFileSet()
		s.Init(set.AddFile("", set.Base(), len(source)), []byte(source), nil, 0)
		for n := 0; ; n++ {
			if _, t, _ := s.Scan(); t == token.EOF {
				return n
			}
		}
	}
}

func NewTimeFormat() func() int {
	at := time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)
	return func() int { return len(at.Format(time.RFC1123)) + len(at.Format(time.RFC3339Nano)) }
}

func NewTimeParse() func() int {
	return func() int {
		return must(time.Parse(time.RFC1123, "Wed, 04 Mar 2026 05:06:07 UTC")).Second() + must(time.Parse("2006-01-02", "2026-03-04")).Day()
	}
}
