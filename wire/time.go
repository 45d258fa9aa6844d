package wire

import (
	"encoding/binary"
	"time"
)

// A time is a google.protobuf.Timestamp {1 seconds, 2 nanos} with {3 offset from
// UTC in seconds, 4 name of the zone} unless it is UTC. An empty message is the
// zero time, so every other one has its seconds, be they zero.

// AppendTime appends a time unless it is the zero time.
func AppendTime(b []byte, num uint32, t time.Time) []byte {
	from := len(b)
	b = Open(b, num)
	at := len(b)
	return CloseOmit(appendTime(b, t), at, from)
}

// PutTime appends a time, the zero time as well.
func PutTime(b []byte, num uint32, t time.Time) []byte {
	b = Open(b, num)
	at := len(b)
	return Close(appendTime(b, t), at)
}

func appendTime(b []byte, t time.Time) []byte {
	utc := t.Location() == time.UTC
	if utc && t.IsZero() {
		return b
	}
	b = binary.AppendUvarint(appendTag(b, 1, typeVarint), uint64(t.Unix()))
	if n := t.Nanosecond(); n != 0 {
		b = binary.AppendUvarint(appendTag(b, 2, typeVarint), uint64(n))
	}
	if !utc {
		name, offset := t.Zone()
		b = AppendString(PutInt(b, 3, offset), 4, name)
	}
	return b
}

// ReadTime reads a time. One that was in another zone than UTC is in a fixed
// zone of the same offset and name; it has no monotonic clock reading.
func ReadTime(d *Decoder, t *time.Time) {
	var seconds int64
	var nanos uint64
	var offset int32
	var zone string
	empty, utc := true, true
	end := d.Open()
	for n := d.Next(); n != 0; n = d.Next() {
		switch n {
		case 1:
			if d.want(typeVarint) {
				seconds, empty = int64(d.uvarint()), false
			}
		case 2:
			ReadUint(d, &nanos)
			empty = false
		case 3:
			ReadInt(d, &offset)
			utc = false
		case 4:
			ReadString(d, &zone)
			utc = false
		default:
			d.Skip()
		}
	}
	d.Close(end)
	if nanos > 999_999_999 {
		d.fail("%d nanoseconds", nanos)
	}
	switch {
	case d.err != nil || empty && utc:
		*t = time.Time{}
	case utc:
		*t = time.Unix(seconds, int64(nanos)).UTC()
	default:
		*t = time.Unix(seconds, int64(nanos)).In(time.FixedZone(zone, int(offset)))
	}
}
