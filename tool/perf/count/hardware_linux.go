package count

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/hemilith/hemilith/tool/perf/run"
)

// hardware counts with a counter of the kernel (perf_event_open(2)), as for the
// instructions that the processor retires in user mode.
type hardware struct {
	dir    string
	typ    uint32
	config uint64
}

// findHardware returns nil where there is no counter, as in most virtual machines,
// or where we may not read it, as in most containers.
func findHardware(dir string) tool {
	h := &hardware{dir, unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_INSTRUCTIONS}
	if !h.works() {
		return nil
	}
	return h
}

// works counts ourselves for a moment: some machines have a counter that stands still.
func (h *hardware) works() bool {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	e, err := h.open(0)
	if err != nil {
		return false
	}
	n, err := e.read()
	return errors.Join(err, e.close()) == nil && n > 0
}

// count implements tool.
func (h *hardware) count(ctx context.Context, name string, bin run.Binary, n int) (total float64, err error) {
	var e event
	start := func(cmd *exec.Cmd) (err error) {
		// The garbage collector rests, since when it works is not the benchmark's doing.
		cmd.Env = append(cmd.Env, "GOGC=off", "GOMEMLIMIT="+memoryLimit)
		// A counter of this thread goes over to the process that it starts.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if e, err = h.open(unix.PerfBitDisabled | unix.PerfBitInherit | unix.PerfBitEnableOnExec); err != nil {
			return fmt.Errorf("no counter: %w", err)
		}
		return cmd.Start()
	}
	runner := &run.Runner{Dir: h.dir, Timeout: maxRun, Start: start}
	_, err = runner.Once(ctx, bin, name, 1, n)
	if e.file == nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	if err != nil {
		return 0, err
	}
	if total, err = e.read(); err != nil {
		return 0, fmt.Errorf("%s: %w (%w)", name, err, errUnfit)
	}
	return total, nil
}

// open opens a counter of the calling thread.
func (h *hardware) open(bits uint64) (event, error) {
	attr := unix.PerfEventAttr{
		Type: h.typ, Config: h.config, Size: unix.PERF_ATTR_SIZE_VER0,
		Read_format: unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING,
		Bits:        bits | unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv,
	}
	fd, err := unix.PerfEventOpen(&attr, 0, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return event{}, err
	}
	return event{os.NewFile(uintptr(fd), "counter")}, nil
}

// event is an open counter.
type event struct{ file *os.File }

func (e event) close() error { return e.file.Close() }

// read returns the count of all that has ended. A counter that others use, too, gives
// estimates, which are no counts.
func (e event) read() (float64, error) {
	const words = 3 // the count, the time it was wanted, the time it ran
	var b [8 * words]byte
	if _, err := io.ReadFull(e.file, b[:]); err != nil {
		return 0, fmt.Errorf("the counter cannot be read: %w", err)
	}
	count, wanted, ran := binary.NativeEndian.Uint64(b[:]), binary.NativeEndian.Uint64(b[8:]), binary.NativeEndian.Uint64(b[16:])
	if ran < wanted {
		return 0, errors.New("another program uses the processor's counters")
	}
	return float64(count), nil
}
