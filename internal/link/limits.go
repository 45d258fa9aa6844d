package link

import "time"

// What a peer can make us hold or do, per connection unless it says otherwise.
const (
	maxMessage  = 4 << 20   // an argument or result message
	maxFrame    = 256 << 10 // the payload of one frame
	maxHello    = 64 << 10
	maxText     = 256 // text that a peer sends us
	maxCalls    = 1024
	maxWorkers  = 100       // handlers in goroutines
	maxInbox    = 16 << 20  // requests, from their first byte until they are answered
	maxQueue    = 512 << 10 // frames waiting for the socket, before senders wait
	maxControls = 100       // control frames among them
	maxMethods  = 2048      // in a HELLO; fits maxHello
	maxRemain   = 365 * 24 * time.Hour

	// maxConns, maxUnproven and maxPeerConns bound a server: connections, those of
	// them that have not proved who they are, and those of one service.
	maxConns, maxUnproven, maxPeerConns = 16384, 512, 256
	// maxRefusals bounds the refused peers, and the calls that went wrong, logged
	// each second; the others are counted. maxReason and maxStack bound the text
	// of one.
	maxRefusals, maxReason, maxStack = 10, 512, 4096
)

// Sizes of our own.
const (
	readSize  = 16 << 10 // the read buffer: one TLS record
	pieceSize = 64 << 10 // what is encrypted and written at a time
	chunkSize = 64 << 10
	aheadSize = 64 << 10 // allocated ahead of received bytes
	keepSize  = 256 << 10
)

// Times, by reliability.md sections 1.2 and 1.3.
const (
	handshakeLimit = 5 * time.Second
	helloLimit     = 5 * time.Second
	frameLimit     = 5 * time.Second // for a frame, and a second per frameStep
	frameStep      = 16 << 10
	writeLimit     = 10 * time.Second
	silence        = 5 * time.Second // with calls open: then a PING
	pongLimit      = 2 * time.Second
	// DefaultTimeout is the deadline of a call whose context has none.
	DefaultTimeout = 10 * time.Second

	// patience is how long a caller's or a reader's own goroutine stays in a
	// write; then a goroutine of the connection goes on with it.
	patience = 20 * time.Millisecond
	// leadSlice is how long a leading caller reads before it looks at its
	// context, spareSlice the same for the spare reader and the sweep.
	leadSlice, spareSlice = 4 * time.Millisecond, 50 * time.Millisecond
	// idleAfter is how long a connection has no calls before the spare reader
	// watches it.
	idleAfter = 100 * time.Millisecond

	minBackoff, maxBackoff = 50 * time.Millisecond, 500 * time.Millisecond
	// closeLimit is how long a drained server waits for a dialer to hang up.
	closeLimit = time.Second
)

// Inlining, by rpc.md section 6.
const (
	inlineMean  = 10 * time.Microsecond // methods above are given a goroutine
	inlineBatch = 50 * time.Microsecond // of inline work before answers leave
	maxSample   = 80 * time.Microsecond // a longer sample counts as this
	sampleEvery = 16
	minSamples  = 8
	crowdCalls  = 64                   // calls that are not lonely after two were open
	crowdGap    = 8 * time.Microsecond // a request that is read sooner was waiting
	slowCalls   = 256                  // a robbed method is slow for so many calls
	robAfter    = time.Millisecond
)
