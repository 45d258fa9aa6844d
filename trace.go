package hemilith

import (
	"context"

	"github.com/hemilith/hemilith/wire"
)

// WithTraceparent returns ctx with the trace that the W3C header value s names
// (https://www.w3.org/TR/trace-context/). It crosses every boundary. A
// malformed value is an error and leaves ctx as it is.
func WithTraceparent(ctx context.Context, s string) (context.Context, error) {
	t, err := wire.ParseTrace(s)
	if err != nil {
		return ctx, err
	}
	return wire.WithTrace(ctx, t), nil
}

// Traceparent returns the trace in ctx as a traceparent header value, or "".
func Traceparent(ctx context.Context) string {
	t, _ := wire.TraceOf(ctx)
	return t.String()
}
