package main

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

const (
	checkEveryNth = 100 // viewer reads its parts whole and compares them
	eventsPerPoll = 512
	edgeTriggered = 1 << 31 // EPOLLET, whose constant is negative in package syscall
	fewEvents     = 64
	gatherFor     = 200 * time.Microsecond
)

type pathKey struct {
	part     int64
	playlist bool
}

type audience struct {
	order
	epoll    int
	viewers  []*viewer
	byFd     []*viewer
	requests int
	errors   int
	bytes    int
	events   []syscall.EpollEvent
	buffer   []byte
	request  []byte
	partBody []byte
	paths    map[pathKey]string
	arrived  func(part int64, now time.Time) // a viewer has all of a part
	came     int                             // events at the last look
}

func newAudience(asked order) (*audience, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	a := &audience{
		order: asked, epoll: epoll,
		events: make([]syscall.EpollEvent, eventsPerPoll),
		buffer: make([]byte, max(64*1024, 2*asked.PartBytes)),
		paths:  map[pathKey]string{},
	}
	for index := 0; index < asked.PartBytes; index++ {
		a.partBody = append(a.partBody, noise(index))
	}
	return a, nil
}

// noise is the byte of every part at an index; the origin of the bench has the same formula.
func noise(index int) byte {
	return byte(uint64(index) * 2_654_435_761 >> 24)
}

// connect opens connections at a steady rate, and answers what comes meanwhile.
func (a *audience) connect(count int) error {
	began := time.Now()
	for index := 0; index < count; index++ {
		fd, err := dial(a.Port, index)
		if err != nil {
			return fmt.Errorf("connection %d: %w", index, err)
		}
		event := syscall.EpollEvent{Events: syscall.EPOLLIN | edgeTriggered, Fd: int32(fd)}
		if err := syscall.EpollCtl(a.epoll, syscall.EPOLL_CTL_ADD, fd, &event); err != nil {
			return err
		}
		v := &viewer{fd: fd, missing: -1, checks: index%checkEveryNth == 0}
		a.viewers = append(a.viewers, v)
		for len(a.byFd) <= fd {
			a.byFd = append(a.byFd, nil)
		}
		a.byFd[fd] = v
		if ahead := time.Duration(index)*time.Second/time.Duration(a.ConnectPerSecond) - time.Since(began); ahead > time.Millisecond {
			time.Sleep(ahead)
		}
	}
	return nil
}

// run answers what comes, for a while.
func (a *audience) run(seconds float64) error {
	until := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	for {
		left := time.Until(until)
		if left <= 0 {
			return nil
		}
		if err := a.poll(left); err != nil {
			return err
		}
	}
}

// poll looks at what came. Where that is little it waits before it looks again, as a network card gathers interrupts:
// a thread that slept until the next packet would have the server's core wake it for every response.
func (a *audience) poll(wait time.Duration) error {
	if a.came < fewEvents {
		pause := syscall.NsecToTimespec(int64(gatherFor))
		_ = syscall.Nanosleep(&pause, nil) // woken early by a signal is no harm
	}
	count, err := syscall.EpollWait(a.epoll, a.events, int(min(wait, time.Second).Milliseconds())+1)
	a.came = count
	if err != nil && !errors.Is(err, syscall.EINTR) {
		return err
	}
	for index := 0; index < count; index++ {
		if v := a.byFd[a.events[index].Fd]; v != nil {
			a.read(v)
		}
	}
	return nil
}

// known is a path of a part; all viewers ask for the same few.
func (a *audience) known(part int64, playlist bool, format string) string {
	key := pathKey{part, playlist}
	path, found := a.paths[key]
	if !found {
		path = fmt.Sprintf(format, a.Base, part/a.PartsPerSegment, part%a.PartsPerSegment)
		a.paths[key] = path
	}
	return path
}
