package build

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
)

// The compiled packages are read as the linker reads them: symbols with their
// bytes, and for each place in those bytes that holds an address, whose. There
// is no address yet, so what did not change is equal byte for byte, wherever the
// linker will put it. The format is that of cmd/internal/goobj, the same in
// go1.20 to go1.26; with any other, or if something in it is odd, every
// benchmark that is linked from other inputs is run.

var errObject = errors.New("object file is not of a known format")

const objectMagic = "\x00go120ld"

// Blocks of an object file, in their order.
const (
	blockPackages  = 1
	blockSymbols   = 3
	blockHashed64  = 4
	blockHashed    = 5
	blockNamed     = 6
	blockNamedRefs = 7
	blockHash64    = 9
	blockHash      = 10
	blockRelocIdx  = 11
	blockDataIdx   = 13
	blockRelocs    = 14
	blockData      = 16
	blocks         = 19
)

// Sizes of what the blocks consist of.
const (
	symbolSize = 21
	relocSize  = 23
	hash64Size = 8
	hashSize   = 16
	stringSize = 8
)

// Values of the package index in a reference that name no package.
const (
	refNone = (1<<31 - 1) - iota
	refHashed64
	refHashed
	refBuiltin
	refSelf
)

// staticABI marks symbols that only their own package names.
const staticABI = ^uint16(0)

// object is a file of an archive that the compiler or the assembler wrote.
type object struct {
	path     string // of the package
	data     []byte
	blocks   [blocks]uint32
	packages []string
	// counts are the numbers of symbols, hashed64, hashed and named definitions,
	// and of named references.
	counts [5]uint32
	bad    bool // something points outside of the file
	names  []string
	task   uint32 // number of the package's inittask, counts[0] for none
}

// archiveObjects returns the object files in an archive, and whether there is
// anything else that the linker would use, such as what a C compiler wrote.
func archiveObjects(path string, data []byte) (objects []*object, native bool, err error) {
	const magic, header = "!<arch>\n", 60
	if !bytes.HasPrefix(data, []byte(magic)) {
		return nil, false, errObject
	}
	for data = data[len(magic):]; len(data) > 0; {
		if len(data) < header {
			return nil, false, errObject
		}
		name := strings.TrimSpace(string(data[:16]))
		size, err := strconv.Atoi(strings.TrimSpace(string(data[48:58])))
		if err != nil || size < 0 || size > len(data)-header {
			return nil, false, errObject
		}
		body := data[header : header+size]
		data = data[min(len(data), header+size+size%2):]
		if name == "__.PKGDEF" {
			continue // for the compiler
		}
		o, err := readObject(path, body)
		if err != nil {
			return nil, false, err
		}
		if o == nil {
			native = true
		} else {
			objects = append(objects, o)
		}
	}
	return objects, native, nil
}

// readObject reads the head of an object file. It returns nil for a file of
// another compiler.
func readObject(path string, data []byte) (*object, error) {
	if !bytes.HasPrefix(data, []byte("go object ")) {
		return nil, nil // not ours
	}
	_, body, ok := bytes.Cut(data, []byte("\n!\n"))
	if !ok || !bytes.HasPrefix(body, []byte(objectMagic)) {
		return nil, errObject
	}
	o := &object{path: path, data: body}
	const offsets = uint32(len(objectMagic) + 8 + 4)
	for i := range o.blocks {
		o.blocks[i] = o.u32(offsets + 4*uint32(i))
		if int64(o.blocks[i]) > int64(len(o.data)) || i > 0 && o.blocks[i] < o.blocks[i-1] {
			return nil, errObject
		}
	}
	for at := o.blocks[blockPackages]; at < o.blocks[blockPackages+1]; at += stringSize {
		o.packages = append(o.packages, o.text(at))
	}
	for i := range o.counts {
		o.counts[i] = (o.blocks[blockSymbols+i+1] - o.blocks[blockSymbols+i]) / symbolSize
	}
	for o.task = 0; o.task < o.counts[0]; o.task++ {
		if strings.HasSuffix(o.name(o.task), "..inittask") {
			break
		}
	}
	if o.bad {
		return nil, errObject
	}
	return o, nil
}

// bytes returns a part of the file; outside of it there are none.
func (o *object) bytes(at, n uint32) []byte {
	if int64(at)+int64(n) > int64(len(o.data)) {
		o.bad = true
		return nil
	}
	return o.data[at : at+n]
}

func (o *object) u32(at uint32) uint32 {
	b := o.bytes(at, 4)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

func (o *object) text(at uint32) string { return string(o.bytes(o.u32(at+4), o.u32(at))) }

// symbols is the number of definitions. They are numbered through: the
// package's own, hashed64, hashed, named.
func (o *object) symbols() uint32 {
	return o.counts[0] + o.counts[1] + o.counts[2] + o.counts[3]
}

// name returns the name of a definition (or of a named reference, which follow
// them) with what else tells it from others.
func (o *object) name(i uint32) string {
	at := o.blocks[blockSymbols] + i*symbolSize
	name := o.text(at)
	b := o.bytes(at+stringSize, 2)
	if b == nil {
		return ""
	}
	switch abi := binary.LittleEndian.Uint16(b); abi {
	case staticABI:
		return o.path + "\x00" + name
	case 0:
		return name
	default:
		return name + "<" + strconv.Itoa(int(abi)) + ">"
	}
}

// kind returns a definition's type and flags, and its size.
func (o *object) kind(i uint32) []byte {
	return o.bytes(o.blocks[blockSymbols]+i*symbolSize+10, 7)
}

// namedDefs returns the names of the definitions that can be named from
// everywhere.
func (o *object) namedDefs() []string {
	if o.names == nil {
		first := o.symbols() - o.counts[3]
		for i := range o.counts[3] {
			o.names = append(o.names, o.name(first+i))
		}
	}
	return o.names
}

// Flags of a definition.
const (
	flagReflects = 1 << 5 // calls methods by reflection
	flagType     = 1 << 6 // describes a Go type
)

func (o *object) flag(i uint32, flag byte) bool {
	k := o.kind(i)
	return k != nil && k[1]&flag != 0
}

// content returns a definition's bytes.
func (o *object) content(i uint32) []byte {
	at := o.blocks[blockDataIdx] + 4*i
	from, to := o.u32(at), o.u32(at+4)
	if to < from {
		o.bad = true
		return nil
	}
	return o.bytes(o.blocks[blockData]+from, to-from)
}

// ref is a reference to a symbol.
type ref struct{ pkg, sym uint32 }

// reloc is a place in a symbol that refers to another.
type reloc struct {
	what []byte // where, how many bytes, how, and what is added
	to   ref
}

// The kinds of reloc that are more than a reference.
const (
	useType        = 22 // for debuggers
	useIface       = 23 // the type is converted to an interface
	useIfaceMethod = 24 // a method of the interface type is called
	useNamedMethod = 25 // a method of that name is called, by a generic function
	methodOff      = 26 // three of a method of a type: its type, and its code twice
)

func (r reloc) offset() uint32 { return binary.LittleEndian.Uint32(r.what) }
func (r reloc) kind() uint16   { return binary.LittleEndian.Uint16(r.what[5:]) &^ (1 << 15) }
func (r reloc) weak() bool     { return r.what[6]&0x80 != 0 }
func (r reloc) add() uint32    { return binary.LittleEndian.Uint32(r.what[7:]) }

// relocs returns where a definition's references start and end.
func (o *object) relocs(i uint32) (from, to uint32) {
	at := o.blocks[blockRelocIdx] + 4*i
	from, to = o.u32(at), o.u32(at+4)
	if to < from || to > (o.blocks[blockRelocs+1]-o.blocks[blockRelocs])/relocSize {
		o.bad = true
		return 0, 0
	}
	return from, to
}

func (o *object) reloc(n uint32) reloc {
	b := o.bytes(o.blocks[blockRelocs]+n*relocSize, relocSize)
	if b == nil {
		return reloc{what: make([]byte, relocSize)}
	}
	return reloc{b[:15], ref{binary.LittleEndian.Uint32(b[15:]), binary.LittleEndian.Uint32(b[19:])}}
}

// hash returns what identifies a content-addressed definition.
func (o *object) hash(i uint32) string {
	if i -= o.counts[0]; i < o.counts[1] {
		return "hash64 " + hex.EncodeToString(o.bytes(o.blocks[blockHash64]+i*hash64Size, hash64Size))
	}
	i -= o.counts[1]
	return "hash " + hex.EncodeToString(o.bytes(o.blocks[blockHash]+i*hashSize, hashSize))
}

// find returns the definition or named reference that a reference in this file
// means, if it is in this file.
func (o *object) find(r ref) (uint32, bool) {
	switch r.pkg {
	case refSelf:
		return r.sym, r.sym < o.counts[0]
	case refHashed64:
		return o.counts[0] + r.sym, r.sym < o.counts[1]
	case refHashed:
		return o.counts[0] + o.counts[1] + r.sym, r.sym < o.counts[2]
	case refNone:
		return o.counts[0] + o.counts[1] + o.counts[2] + r.sym, r.sym < o.counts[3]+o.counts[4]
	}
	return 0, false
}
