// Command fanout-viewers is the audience of the fan-out bench: one thread, one epoll, thousands of viewers; over TLS some hundreds, by net/http.
//
// Its argument is one JSON object, an order; it prints one JSON object, a report. On standard error it says "begin" and
// "end" when its measuring does, so that the bench reads the server's CPU time at the same moments.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"time"
)

// order says what the audience does. Modes: "watch" follows the live edge as players do, "watchSecure" over TLS 1.3 and HTTP/2; "closed" asks for Targets in turn, as fast as answers come; "held" asks for playlists of the future.
type order struct {
	Mode    string  `json:"mode"`
	Port    int     `json:"port"`
	Viewers int     `json:"viewers"`
	Seconds float64 `json:"seconds"`
	// Milliseconds since 1970 at which part 0 began; part n is published when it ends.
	Epoch           int64    `json:"epoch"`
	PartMs          int64    `json:"partMs"`
	PartsPerSegment int64    `json:"partsPerSegment"`
	PartBytes       int      `json:"partBytes"`
	Base            string   `json:"base"` // path of the broadcast
	Targets         []string `json:"targets"`
	Part            int64    `json:"part"`   // mode held: the part whose playlist is asked for first
	States          int      `json:"states"` // mode held: how many playlists one after the other
	// Mode watch: asks for the part that a playlist announces when that playlist is here, as Apple's player does, and
	// not when a playlist lists it, as hls.js does.
	Hints            bool    `json:"hints"`
	WarmUpSeconds    float64 `json:"warmUpSeconds"`
	ConnectPerSecond int     `json:"connectPerSecond"`
}

type lateness struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

type report struct {
	Requests       int       `json:"requests"`
	Errors         int       `json:"errors"`
	Bytes          int       `json:"bytes"`
	ElapsedSeconds float64   `json:"elapsedSeconds"`
	CPUSeconds     float64   `json:"cpuSeconds"`
	Lateness       *lateness `json:"lateness,omitempty"`  // milliseconds from the publication of a part to its last byte
	ReleaseMs      []float64 `json:"releaseMs,omitempty"` // the same, of the last viewer of each held playlist
}

func main() {
	runtime.LockOSThread()
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1) // it makes little garbage; a collection would be somebody's lateness
	var asked order
	if err := json.Unmarshal([]byte(os.Args[1]), &asked); err != nil {
		fail(err)
	}
	if asked.Mode == "watchSecure" {
		result, err := watchSecure(asked)
		if err != nil {
			fail(err)
		}
		if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
			fail(err)
		}
		return
	}
	audience, err := newAudience(asked)
	if err != nil {
		fail(err)
	}
	result, err := map[string]func() (report, error){
		"watch": audience.watch, "closed": audience.closed, "held": audience.held,
	}[asked.Mode]()
	if err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fail(err)
	}
}

// watch takes a cookie as a player does with the first playlist, then follows the live edge.
func (a *audience) watch() (report, error) {
	connections := a.Viewers
	if a.Hints {
		connections *= 2
	}
	if err := a.connect(connections); err != nil {
		return report{}, err
	}
	samples := make([]int32, 0, 8+int(float64(a.Viewers)*(a.Seconds+2)*1000/float64(a.PartMs)))
	a.arrived = func(part int64, now time.Time) {
		if len(samples) < cap(samples) {
			samples = append(samples, int32(now.Sub(a.publishedAt(part)).Microseconds()))
		}
	}
	for index := 0; index < a.Viewers; index++ {
		if a.Hints {
			a.followHints(a.viewers[index], a.viewers[a.Viewers+index])
		} else {
			a.followPlaylists(a.viewers[index])
		}
	}
	if err := a.run(a.WarmUpSeconds); err != nil {
		return report{}, err
	}
	samples = samples[:0]
	result, err := a.measured(a.Seconds)
	slices.Sort(samples)
	at := func(share float64) float64 {
		if len(samples) == 0 {
			return -1
		}
		return float64(samples[min(len(samples)-1, int(float64(len(samples))*share))]) / 1000
	}
	result.Lateness = &lateness{P50: at(0.5), P99: at(0.99), Max: at(1)}
	return result, err
}

// closed asks again as soon as an answer is there.
func (a *audience) closed() (report, error) {
	if err := a.connect(a.Viewers); err != nil {
		return report{}, err
	}
	for index, v := range a.viewers {
		next := index
		v.done = func(time.Time) {
			a.ask(v, a.Targets[next%len(a.Targets)])
			next++
		}
		v.done(time.Now())
	}
	if err := a.run(a.WarmUpSeconds); err != nil {
		return report{}, err
	}
	return a.measured(a.Seconds)
}

// held asks for a playlist of the future with every viewer, and for the next one when all have it: who asked at once
// would keep this one core from reading what others were sent long ago, and its own work would be what is measured.
func (a *audience) held() (report, error) {
	if err := a.connect(a.Viewers); err != nil {
		return report{}, err
	}
	state, left := 0, a.Viewers
	last := make([]time.Time, a.States)
	var first time.Time // answer of the state
	var cpuAtFirst time.Duration
	var elapsed, cpu time.Duration // in releases: from the first answer to the last
	askAll := func() {
		for _, v := range a.viewers {
			a.ask(v, a.playlistPath(a.Part+int64(state)))
		}
	}
	for _, v := range a.viewers {
		v.done = func(now time.Time) {
			if left == a.Viewers {
				first, cpuAtFirst = now, cpuTime()
			}
			last[state] = now
			left--
			if left > 0 {
				return
			}
			elapsed += now.Sub(first)
			cpu += cpuTime() - cpuAtFirst
			if state+1 < a.States {
				state++
				left = a.Viewers
				askAll()
			}
		}
	}
	askAll()
	due := a.publishedAt(a.Part)
	if early := time.Until(due); early < 2*time.Second {
		return report{}, fmt.Errorf("connecting took too long: the part comes in %s", early)
	}
	result, err := a.measured(time.Until(due).Seconds() - 0.2)
	for err == nil && left > 0 && a.errors == 0 && time.Since(due) < 20*time.Second {
		err = a.poll(100 * time.Millisecond)
	}
	result.Errors = a.errors + left
	result.ElapsedSeconds, result.CPUSeconds = elapsed.Seconds(), cpu.Seconds()
	for state, at := range last[:state+1] {
		late := at.Sub(a.publishedAt(a.Part + int64(state)))
		result.ReleaseMs = append(result.ReleaseMs, float64(late.Microseconds())/1000)
	}
	return result, err
}

// measured runs the audience for a while and says what it did meanwhile.
func (a *audience) measured(seconds float64) (report, error) {
	fmt.Fprintln(os.Stderr, "begin")
	requests, errors, bytes, cpu, began := a.requests, a.errors, a.bytes, cpuTime(), time.Now()
	err := a.run(seconds)
	result := report{
		Requests:       a.requests - requests,
		Errors:         a.errors - errors,
		Bytes:          a.bytes - bytes,
		ElapsedSeconds: time.Since(began).Seconds(),
		CPUSeconds:     (cpuTime() - cpu).Seconds(),
	}
	fmt.Fprintln(os.Stderr, "end")
	return result, err
}

func (a *audience) newest(now time.Time) int64 {
	return (now.UnixMilli()-a.Epoch)/a.PartMs - 1
}

func (a *audience) publishedAt(part int64) time.Time {
	return time.UnixMilli(a.Epoch + (part+1)*a.PartMs)
}

func (a *audience) partPath(part int64) string {
	return a.known(part, false, "%s/source/part-%d.%d.m4s")
}

func (a *audience) playlistPath(part int64) string {
	return a.known(part, true, "%s/source/media.m3u8?_HLS_msn=%d&_HLS_part=%d")
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "fanout-viewers:", err)
	os.Exit(1)
}
