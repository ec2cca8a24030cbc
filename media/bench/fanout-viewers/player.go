package main

import "time"

// followPlaylists is a player that asks for a part when a playlist lists it: one request at a time.
func (a *audience) followPlaylists(v *viewer) {
	var part int64
	var asks string
	v.done = func(now time.Time) {
		switch asks {
		case "part":
			a.arrived(part, now)
			part++
			asks = "playlist"
			a.ask(v, a.playlistPath(part))
		case "playlist":
			asks = "part"
			a.ask(v, a.partPath(part))
		default:
			part = a.newest(now) + 1
			asks = "playlist"
			a.ask(v, a.playlistPath(part))
		}
		v.getsPart = asks == "part"
	}
	a.ask(v, a.Base+"/index.m3u8")
}

// followHints is a player that asks for a part as soon as it is announced (EXT-X-PRELOAD-HINT, draft-pantos-hls-rfc8216bis
// section 4.4.5.3): the next playlist is held on one connection and the next part on another.
func (a *audience) followHints(playlists *viewer, parts *viewer) {
	var listed, asked int64 // newest part that a playlist lists; part that was asked for last
	idle := true
	parts.getsPart = true
	askPart := func() {
		idle = false
		asked = listed + 1
		a.ask(parts, a.partPath(asked))
	}
	parts.done = func(now time.Time) {
		a.arrived(asked, now)
		idle = true
		if asked <= listed {
			askPart()
		}
	}
	playlists.done = func(now time.Time) {
		if listed == 0 {
			listed = a.newest(now)
			parts.cookie = playlists.cookie
		} else {
			listed++
		}
		a.ask(playlists, a.playlistPath(listed+1))
		if idle {
			askPart()
		}
	}
	a.ask(playlists, a.Base+"/index.m3u8")
}
