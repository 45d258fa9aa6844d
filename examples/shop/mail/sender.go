package mail

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"os"
	"sync"
	"time"

	"github.com/hemilith/hemilith/examples/shop/config"
)

// LogSender writes a line for each mail instead of sending it.
type LogSender struct{ Log *slog.Logger }

// Send logs m.
func (s LogSender) Send(_ context.Context, m Message) error {
	s.Log.Info("mail", "id", m.ID, "to", m.To, "subject", m.Subject)
	return nil
}

// FileSender appends each mail to a file, which only its owner may read. It is
// safe for concurrent use, also by several processes.
type FileSender struct {
	Path string
	From string
	mu   sync.Mutex
}

// Send writes m with one system call, so that mails of two processes do not mix.
func (s *FileSender) Send(_ context.Context, m Message) error {
	text, err := format(s.From, m)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := os.OpenFile(s.Path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(text, "\r\n.\r\n"...)); err != nil {
		_ = f.Close() // the write failed already
		return err
	}
	return f.Close()
}

// SMTPSender hands mails to a mail server.
type SMTPSender struct {
	Addr string // host:port
	From string // a mailbox, such as Shop <shop@shop.example>
}

const smtpPatience = 10 * time.Second // for one mail

// Send delivers m, or fails after at most ten seconds.
func (s SMTPSender) Send(ctx context.Context, m Message) error {
	text, err := format(s.From, m)
	if err != nil {
		return err
	}
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return err
	}
	dialer := net.Dialer{Timeout: smtpPatience}
	conn, err := dialer.DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(smtpPatience)); err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	return deliver(c, from.Address, m.To, text)
}

func deliver(c *smtp.Client, from, to string, text []byte) error {
	if err := c.Mail(from); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

// format writes an RFC 5322 message. Header values are encoded or refused, so
// no name can smuggle a header in.
func format(from string, m Message) ([]byte, error) {
	to, err := mail.ParseAddress(m.To)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", m.To, err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: %s\r\n", from)
	fmt.Fprintf(&b, "To: %s\r\n", to)
	fmt.Fprintf(&b, "Subject: %s\r\n", mime.QEncoding.Encode("utf-8", m.Subject))
	fmt.Fprintf(&b, "Message-ID: <%d@shop.example>\r\n", m.ID)
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n")
	b.WriteString("Content-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(&b)
	if _, err := q.Write([]byte(m.Body)); err != nil {
		return nil, err
	}
	if err := q.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// NewSender returns the sender that the configuration asks for: a mail server,
// a file, or the log.
func NewSender(cfg config.Config, log *slog.Logger) Sender {
	switch {
	case cfg.SMTP != "":
		return SMTPSender{Addr: cfg.SMTP, From: cfg.MailFrom}
	case cfg.MailFile != "":
		return &FileSender{Path: cfg.MailFile, From: cfg.MailFrom}
	default:
		return LogSender{Log: log}
	}
}
