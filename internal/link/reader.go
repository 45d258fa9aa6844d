package link

import (
	"io"
	"slices"
)

// reader turns what it reads into frames. Its state is the connection's and not
// a goroutine's: whoever leads goes on where the last one stopped, in the
// middle of a frame too. It is not safe for concurrent use.
type reader struct {
	src  io.Reader
	buf  []byte // readSize; frames up to half of it are read in place
	r, w int
	// big is a frame that is read into a buffer of its own; length tells how
	// long it will be.
	big header
	own []byte
}

func newReader(src io.Reader) *reader {
	return &reader{src: src, buf: make([]byte, readSize)}
}

// fork returns a reader that goes on with a copy of what is unread, so that
// frames that the old one handed out stay as they are.
func (rd *reader) fork() *reader {
	next := newReader(rd.src)
	next.w = copy(next.buf, rd.buf[rd.r:rd.w])
	return next
}

// fill reads once. Frames that next handed out in place are void afterwards.
func (rd *reader) fill() error {
	if rd.own != nil {
		return rd.fillOwn()
	}
	if rd.r > 0 {
		rd.w = copy(rd.buf, rd.buf[rd.r:rd.w])
		rd.r = 0
	}
	n, err := rd.src.Read(rd.buf[rd.w:])
	rd.w += n
	if n > 0 {
		return nil // an error comes again
	}
	return err
}

// fillOwn reads into the frame's own buffer, which grows as bytes arrive and is
// never more than aheadSize ahead of them.
func (rd *reader) fillOwn() error {
	if len(rd.own) == cap(rd.own) {
		rd.own = slices.Grow(rd.own, min(rd.big.length-len(rd.own), max(aheadSize, len(rd.own))))
	}
	room := rd.own[len(rd.own):min(cap(rd.own), rd.big.length)]
	n, err := rd.src.Read(room)
	rd.own = rd.own[:len(rd.own)+n]
	if n > 0 {
		return nil
	}
	return err
}

// next returns the next whole frame; !ok means that fill must read more.
func (rd *reader) next() (f frame, ok bool, err error) {
	if rd.own != nil {
		return rd.nextOwn()
	}
	h, ok, err := parseHeader(rd.buf[rd.r:rd.w])
	if !ok || err != nil {
		return frame{}, false, err
	}
	have := rd.w - rd.r - h.size
	switch {
	case have >= h.length:
		body := rd.r + h.size
		rd.r = body + h.length
		h.body = rd.buf[body:rd.r:rd.r]
		return h.frame, true, nil
	case h.size+h.length > readSize/2:
		rd.big = h
		rd.own = make([]byte, have, min(h.length, have+aheadSize))
		copy(rd.own, rd.buf[rd.r+h.size:rd.w])
		rd.r, rd.w = 0, 0
	}
	return frame{}, false, nil
}

func (rd *reader) nextOwn() (frame, bool, error) {
	if len(rd.own) < rd.big.length {
		return frame{}, false, nil
	}
	f := rd.big.frame
	f.body, f.owned = rd.own, true
	rd.own = nil
	return f, true, nil
}

// pending returns the length of the frame that has begun and is not whole, or 0.
func (rd *reader) pending() int {
	switch h, ok, _ := parseHeader(rd.buf[rd.r:rd.w]); {
	case rd.own != nil:
		return rd.big.length
	case ok:
		return h.length + h.size
	case rd.w > rd.r:
		return maxHeader
	}
	return 0
}
