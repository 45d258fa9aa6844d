// Package pay charges cards through a payment provider's HTTP interface. Every
// request carries an idempotency key, so it may be repeated until its outcome
// is known.
package pay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/hemilith/hemilith/examples/shop/util"
)

const (
	maxAnswer = 64 << 10        // bytes read of one answer
	patience  = 3 * time.Second // for one request
)

// DeclinedError is the provider's final no to a charge.
type DeclinedError struct{ Reason string }

// Error says why.
func (e *DeclinedError) Error() string { return "card declined: " + e.Reason }

// Client talks to one provider. It is safe for concurrent use.
type Client struct {
	base string
	key  string
	http *http.Client
}

// NewClient returns a client of the provider at base, such as
// https://pay.example, that shows key as its bearer token.
func NewClient(base, key string) *Client {
	return &Client{base: base, key: key, http: &http.Client{Timeout: patience}}
}

// Close frees idle connections.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

type chargeBody struct {
	Card   string `json:"card,omitempty"`
	Amount int64  `json:"amount"`
	Charge string `json:"charge,omitempty"`
}

type answer struct {
	Ref      string `json:"ref"`
	Declined string `json:"declined"`
	Error    string `json:"error"`
}

// Charge takes amount from card and returns the provider's reference. The same
// key never charges twice. A *[DeclinedError] is final; after any other error
// the outcome is unknown and Charge is to be repeated with the same key.
func (c *Client) Charge(ctx context.Context, key, card string, amount util.Cents) (string, error) {
	return c.post(ctx, "/v1/charges", key, chargeBody{Card: card, Amount: int64(amount)})
}

// Refund returns the amount of a charge; it may be repeated like [Client.Charge].
func (c *Client) Refund(ctx context.Context, key, charge string, amount util.Cents) (string, error) {
	return c.post(ctx, "/v1/refunds", key, chargeBody{Charge: charge, Amount: int64(amount)})
}

func (c *Client) post(ctx context.Context, path, key string, body chargeBody) (string, error) {
	target, err := url.JoinPath(c.base, path)
	if err != nil {
		return "", fmt.Errorf("pay: %w", err)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return "", fmt.Errorf("pay: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(text))
	if err != nil {
		return "", fmt.Errorf("pay: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.key)
	req.Header.Set("Idempotency-Key", key)
	resp, err := c.http.Do(req)
	if err != nil {
		return "", fmt.Errorf("pay: %w", err)
	}
	defer resp.Body.Close()
	return read(resp)
}

func read(resp *http.Response) (string, error) {
	var a answer
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("pay: status %d: %w", resp.StatusCode, err)
	case resp.StatusCode == http.StatusPaymentRequired:
		return "", &DeclinedError{Reason: a.Declined}
	case resp.StatusCode != http.StatusOK || a.Ref == "":
		return "", fmt.Errorf("pay: status %d: %s", resp.StatusCode, a.Error)
	}
	return a.Ref, nil
}
