package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// secure is an audience over TLS 1.3 and HTTP/2: one connection a viewer, on which the next playlist and the next part are
// held side by side. It costs this process ten times what the other audience does: what is measured is the server's.
type secure struct {
	order
	requests atomic.Int64
	errors   atomic.Int64
	bytes    atomic.Int64
	mutex    sync.Mutex
	samples  []int32
}

func watchSecure(asked order) (report, error) {
	runtime.UnlockOSThread()
	debug.SetGCPercent(400)
	s := &secure{order: asked}
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for index := 0; index < s.Viewers; index++ {
		client := s.client(index)
		all.Add(1)
		go func() {
			defer all.Done()
			s.follow(ctx, client)
		}()
		time.Sleep(time.Second / time.Duration(min(s.ConnectPerSecond, 200)))
	}
	time.Sleep(time.Duration(s.WarmUpSeconds * float64(time.Second)))
	s.mutex.Lock()
	s.samples = s.samples[:0]
	s.mutex.Unlock()
	fmt.Fprintln(os.Stderr, "begin")
	requests, errors, bytes, cpu, began := s.requests.Load(), s.errors.Load(), s.bytes.Load(), cpuTime(), time.Now()
	time.Sleep(time.Duration(s.Seconds * float64(time.Second)))
	result := report{
		Requests:       int(s.requests.Load() - requests),
		Errors:         int(s.errors.Load() - errors),
		Bytes:          int(s.bytes.Load() - bytes),
		ElapsedSeconds: time.Since(began).Seconds(),
		CPUSeconds:     (cpuTime() - cpu).Seconds(),
	}
	fmt.Fprintln(os.Stderr, "end")
	s.mutex.Lock()
	slices.Sort(s.samples)
	at := func(share float64) float64 {
		if len(s.samples) == 0 {
			return -1
		}
		return float64(s.samples[min(len(s.samples)-1, int(float64(len(s.samples))*share))]) / 1000
	}
	result.Lateness = &lateness{P50: at(0.5), P99: at(0.99), Max: at(1)}
	s.mutex.Unlock()
	stop()
	all.Wait()
	return result, nil
}

func (s *secure) client(index int) *http.Client {
	from := &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+index%sourceAddresses))}
	return &http.Client{Transport: &http.Transport{
		DialContext:       (&net.Dialer{LocalAddr: from}).DialContext,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}, // a certificate of the bench's own
		ForceAttemptHTTP2: true,
	}}
}

// follow asks for the next playlist and, once it is here, for the part that it announces.
func (s *secure) follow(ctx context.Context, client *http.Client) {
	cookie, ok := s.get(ctx, client, s.Base+"/index.m3u8", "")
	if !ok {
		return
	}
	part := (time.Now().UnixMilli()-s.Epoch)/s.PartMs + 1
	announced := make(chan int64, 64)
	var parts sync.WaitGroup
	parts.Add(1)
	go func() {
		defer parts.Done()
		for number := range announced {
			if _, ok := s.get(ctx, client, fmt.Sprintf("%s/source/part-%d.%d.m4s", s.Base, number/s.PartsPerSegment, number%s.PartsPerSegment), cookie); ok {
				s.arrived(number)
			}
		}
	}()
	for ctx.Err() == nil {
		path := fmt.Sprintf("%s/source/media.m3u8?_HLS_msn=%d&_HLS_part=%d", s.Base, part/s.PartsPerSegment, part%s.PartsPerSegment)
		if _, ok := s.get(ctx, client, path, cookie); !ok {
			break
		}
		part++
		announced <- part
	}
	close(announced)
	parts.Wait()
}

func (s *secure) arrived(part int64) {
	late := int32(time.Since(time.UnixMilli(s.Epoch + (part+1)*s.PartMs)).Microseconds())
	s.mutex.Lock()
	s.samples = append(s.samples, late)
	s.mutex.Unlock()
}

// get reads a whole answer. Returns the cookie that came with it.
func (s *secure) get(ctx context.Context, client *http.Client, path string, cookie string) (string, bool) {
	request, err := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("https://127.0.0.1:%d%s", s.Port, path), nil)
	if err != nil {
		fail(err)
	}
	request.Header.Set("Accept-Encoding", "gzip") // and then the transport does not unpack it
	if cookie != "" {
		request.Header.Set("Cookie", cookie)
	}
	response, err := client.Do(request)
	if err == nil {
		var count int64
		count, err = io.Copy(io.Discard, response.Body)
		s.bytes.Add(count)
		_ = response.Body.Close()
	}
	if ctx.Err() != nil {
		return "", false
	}
	if err == nil && (response.StatusCode != 200 || response.ProtoMajor != 2 || response.TLS.Version != tls.VersionTLS13) {
		err = fmt.Errorf("%s over %s and %s", response.Status, response.Proto, tls.VersionName(response.TLS.Version))
	}
	if err != nil {
		if s.errors.Add(1) == 1 {
			fmt.Fprintf(os.Stderr, "%s: %s\n", path, err)
		}
		return "", false
	}
	s.requests.Add(1)
	if cookies := response.Cookies(); len(cookies) > 0 {
		return cookies[0].Name + "=" + cookies[0].Value, true
	}
	return "", true
}
