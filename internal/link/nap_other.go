//go:build !linux

package link

import "time"

// naps says that nap is there.
const naps = false

func nap(time.Duration) {}
