package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"syscall"
	"time"
)

const (
	headBytes       = 2048 // of a response are copied here; the rest is counted where the kernel has it
	checkEveryNth   = 100  // viewer reads its parts whole and compares them
	eventsPerPoll   = 512
	sourceAddresses = 100     // one has 28,000 ports
	edgeTriggered   = 1 << 31 // EPOLLET, whose constant is negative in package syscall
	neverComplete   = 1 << 40
	fewEvents       = 64
	gatherFor       = 200 * time.Microsecond
)

// viewer is one kept-alive connection with at most one request on its way.
type viewer struct {
	fd      int
	done    func(now time.Time) // after each whole response
	missing int                 // bytes of the body still to come; -1 while the head is
	head    []byte              // what of a head is here, where it came in pieces
	body    []byte              // of those who compare: what is here
	checks  bool
	cookie  string
	// What it asked for last is a part, of which every byte is known.
	getsPart bool
}

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

func dial(port int, index int) (int, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	const bindAddressNoPort = 24 // the port is chosen when the peer is known: more connections than ports
	_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, bindAddressNoPort, 1)
	from := &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 1, byte(1 + index%sourceAddresses)}}
	if err := syscall.Bind(fd, from); err != nil {
		return 0, err
	}
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, err
	}
	if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1); err != nil {
		return 0, err
	}
	return fd, syscall.SetNonblock(fd, true)
}

// ask sends a request with the fields that a browser's player sends.
func (a *audience) ask(v *viewer, target string) {
	a.request = append(append(append(a.request[:0], "GET "...), target...), browserFields...)
	if v.cookie != "" {
		a.request = append(append(append(a.request, "Cookie: "...), v.cookie...), "\r\n"...)
	}
	if a.Mode != "closed" {
		a.request = append(a.request, "Accept-Encoding: gzip\r\n"...)
	}
	a.request = append(a.request, "\r\n"...)
	if n, err := syscall.Write(v.fd, a.request); n != len(a.request) || err != nil {
		a.lose(v)
	}
}

const browserFields = " HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n" +
	"Accept: */*\r\nAccept-Language: ko-KR,ko;q=0.9\r\nOrigin: http://bench.example\r\nReferer: http://bench.example/\r\n"

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

// read takes what is there: the head into memory, the body of most viewers nowhere.
func (a *audience) read(v *viewer) {
	for {
		into := a.buffer[:headBytes]
		discards := v.missing > 0 && !v.checks
		if v.missing > 0 {
			into = a.buffer[:v.missing]
		}
		var count int
		var err error
		if discards {
			count, err = discard(v.fd, v.missing)
		} else {
			count, err = syscall.Read(v.fd, into)
		}
		if err == syscall.EAGAIN {
			return
		}
		if err != nil || count == 0 {
			a.lose(v)
			return
		}
		a.bytes += count
		if v.missing < 0 {
			if !a.readHead(v, into[:count]) {
				continue
			}
		} else {
			v.missing -= count
			if v.checks {
				v.body = append(v.body, into[:count]...)
			}
		}
		if v.missing == 0 {
			a.complete(v)
			return // one request at a time: nothing more can be there
		}
	}
}

// discard counts bytes without copying them (tcp(7), MSG_TRUNC): a viewer on another machine costs this one no copy.
func discard(fd int, count int) (int, error) {
	const msgTrunc = 0x20
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd), 0, uintptr(count), msgTrunc, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// readHead tells whether the head is whole; then missing says how much of the body is to come.
func (a *audience) readHead(v *viewer, received []byte) bool {
	head := received
	if len(v.head) > 0 {
		v.head = append(v.head, received...)
		head = v.head
	}
	end := bytes.Index(head, []byte("\r\n\r\n"))
	if end < 0 {
		if len(v.head) == 0 {
			v.head = append(v.head, received...)
		}
		return false
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 200 ")) {
		a.errors++
	}
	length, err := strconv.Atoi(field(head[:end+2], "\r\nContent-Length: ", "\r\n"))
	if err != nil {
		a.errors++
		length = neverComplete
	}
	if v.cookie == "" {
		v.cookie = field(head[:end+2], "\r\nSet-Cookie: ", ";")
	}
	body := head[end+4:]
	v.missing = length - len(body)
	if v.missing < 0 {
		a.errors++ // more than was asked for
		v.missing = 0
	}
	if v.checks {
		v.body = append(v.body[:0], body...)
	}
	v.head = v.head[:0]
	return true
}

func field(head []byte, name string, until string) string {
	_, after, found := bytes.Cut(head, []byte(name))
	if !found {
		return ""
	}
	value, _, _ := bytes.Cut(after, []byte(until))
	return string(value)
}

func (a *audience) complete(v *viewer) {
	a.requests++
	v.missing = -1
	if v.checks && v.getsPart && !bytes.Equal(v.body, a.partBody) {
		a.errors++
	}
	v.done(time.Now())
}

// lose notes a connection that failed; its viewer is gone.
func (a *audience) lose(v *viewer) {
	a.errors++
	a.byFd[v.fd] = nil
	_ = syscall.Close(v.fd)
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
