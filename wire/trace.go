package wire

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
)

// Trace is a W3C trace context (https://www.w3.org/TR/trace-context/) as it
// travels: 25 bytes.
type Trace struct {
	// ID is the trace; all zero means no trace.
	ID [16]byte
	// Span is the caller's span.
	Span [8]byte
	// Flags: bit 0 is "sampled".
	Flags byte
}

type traceKey struct{}

// WithTrace returns ctx with t.
func WithTrace(ctx context.Context, t Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceOf returns the trace in ctx and whether there is one.
func TraceOf(ctx context.Context) (Trace, bool) {
	t, ok := ctx.Value(traceKey{}).(Trace)
	return t, ok && t.ID != [16]byte{}
}

// TraceKey reports whether key is the context key of the trace, for contexts
// that let the trace through and nothing else.
func TraceKey(key any) bool { _, ok := key.(traceKey); return ok }

// String returns the traceparent header value, or "" if there is no trace.
func (t Trace) String() string {
	if t.ID == [16]byte{} {
		return ""
	}
	b := make([]byte, 0, 55)
	b = append(b, "00-"...)
	b = hex.AppendEncode(b, t.ID[:])
	b = append(b, '-')
	b = hex.AppendEncode(b, t.Span[:])
	b = append(b, '-')
	return string(hex.AppendEncode(b, []byte{t.Flags}))
}

// ParseTrace reads a traceparent header value of version 00. Its errors quote s
// up to 64 bytes.
func ParseTrace(s string) (Trace, error) {
	var t Trace
	var flags [1]byte
	fail := fmt.Errorf("hemilith: traceparent %.64q: want 00-<32 hex>-<16 hex>-<2 hex>, lower case, ids not zero", s)
	if len(s) != 55 || s[:3] != "00-" || s[35] != '-' || s[52] != '-' || s != strings.ToLower(s) {
		return t, fail
	}
	for _, p := range []struct {
		to   []byte
		from string
	}{{t.ID[:], s[3:35]}, {t.Span[:], s[36:52]}, {flags[:], s[53:]}} {
		if _, err := hex.Decode(p.to, []byte(p.from)); err != nil {
			return Trace{}, fail
		}
	}
	t.Flags = flags[0]
	if t.ID == [16]byte{} || t.Span == [8]byte{} {
		return Trace{}, fail
	}
	return t, nil
}
