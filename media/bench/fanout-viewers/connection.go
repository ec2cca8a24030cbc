package main

import (
	"bytes"
	"strconv"
	"syscall"
	"time"
)

const (
	headBytes       = 2048 // of a response are copied here; the rest is counted where the kernel has it
	sourceAddresses = 100  // one has 28,000 ports
	neverComplete   = 1 << 40
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
