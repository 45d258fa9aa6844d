package wire

// Decoder reads one message. The zero value reads an empty one. It is not safe
// for concurrent use.
type Decoder struct {
	buf   []byte
	owned bool
}

// Reset makes d read b. Owned says that b is the decoder's for good, so that
// decoded strings and byte slices may refer to it; else they are copies.
func (d *Decoder) Reset(b []byte, owned bool) { *d = Decoder{buf: b, owned: owned} }
