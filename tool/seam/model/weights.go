package model

import (
	"math"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// The weights of a cut: one set for all programs, in units of one call that can
// be remote as it is. The table of seam.md, section 3, has the first group, but
// for types: hundreds of small ones, each of them shared, would outweigh what
// parts a program. Calls into hubs are not damped, as they are there: that made
// calling a large shared package cheaper than having it, and hid its tables.
// Hubs are cheap to copy instead. The other weights say what is behind them.
const (
	costM0    = 1.0  // remote as it is
	costM1    = 2.0  // after a context or an error result is added
	costM2    = 4.0  // after an adapter: stream, callback, open interface
	costB     = 15.0 // blocked: the code has to change first
	costTx    = 25.0 // a call under a transaction
	costVar   = 15.0 // a mutable package variable that would exist twice, or is reached into
	costTable = 25.0 // a table written by both halves, in all
	costRead  = 5.0  // of these, what one that is only read by one half costs

	hubShare       = 0.10 // of packages: more users make a hub
	hubMinPackages = 20   // below that, a tenth of the packages says nothing
)

// Copies are cheap beside crossings: programs that were split by hand link much
// code into several of their services (8 to 56 % of it in those of
// docs/seam-evaluation.md, beside what all of them run), and each process has its
// own caches and loops then. So these are fractions of a call.
const (
	// costMemory is memory under a lock that would exist twice: a cache, a
	// registry, a limiter. It is less than a variable, since staleness may do.
	costMemory = 0.3
	// costField is memory of a value without a lock, made at start.
	costField = 0.1
	// costHandle is code that holds only a handle (of a database, a client): each
	// half opens its own.
	costHandle = 0.01
	// costService is one RPC service that both halves would serve a part of, and
	// costServed what each of its methods adds: its clients would have to know
	// which half to call for which.
	costService, costServed = 10.0, 1.0
	// costSite and costRoute are the same for a type whose methods handle HTTP: a
	// proxy can tell routes apart, but what they share is edited.
	costSite, costRoute = 3.0, 0.1
	// costLoop is a background loop that would run twice, if it isn't an entry
	// point by itself.
	costLoop = 1.5
	// costSpawn is code that starts a goroutine for each call of it.
	costSpawn = 0.1
	// costCode is a function that is linked twice: nearly nothing, so that of two
	// equal cuts the one without copies wins.
	costCode = 0.001
	// costPackage is a package that both halves own a part of, and costMember what
	// one declaration outside of its package's half counts.
	costPackage, costMember = 0.1, 0.05
	// costWiring is a startup function that starts entry points of both halves,
	// times the square root of how many it starts.
	costWiring = 0.8
	// costType is a data type that both halves use, and costTypeUse one user of it
	// that is not in its half.
	costType, costTypeUse = 0.003, 0.003
	// insidePackage and insideType multiply what a call costs that would cross
	// between code of one package, or methods of one type: a boundary there parts
	// what was written as one. insideEntry is for calls of entry points, which are
	// there to be called from outside.
	insidePackage, insideType, insideEntry = 3.0, 5.0, 1.0 / 6
	// hubCopy is how much cheaper it is to copy the state of a hub, which is there
	// for everybody, than that of one part.
	hubCopy = 0.1
)

var never = math.Inf(1)

// Classes say what it takes to make a crossing reference a remote one.
const (
	classR  = "R"
	classM0 = "M0"
	classM1 = "M1"
	classM2 = "M2"
	classB  = "B"
)

func classCost(class string) float64 {
	switch class {
	case classM0:
		return costM0
	case classM1:
		return costM1
	case classM2:
		return costM2
	case classB:
		return costB
	}
	return 0
}

// entryWeight is what an entry point counts among entry points.
func entryWeight(k facts.EntryKind) float64 {
	if k == facts.EntryCommand {
		return 0.5 // people wait for it, but rarely
	}
	return 1
}
