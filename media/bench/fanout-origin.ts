/**
 * The stream Pod of the fan-out bench: parts of 37,500 bytes every half second by the wall clock, 600 kb/s, four to a
 * segment. Blocks as the draft asks; tells how often each thing was asked for.
 *
 * Arguments: port, epoch (milliseconds since 1970 of part 0).
 */
import { type ServerResponse, createServer } from 'node:http'

export const partMs = 500
export const partsPerSegment = 4
export const partBytes = 37_500
const listedSegments = 6
const noise = Buffer.from(Array.from({ length: partBytes }, (_, index) => (index * 2_654_435_761) >>> 24))

/** Path of the nth part, and of the playlist that first lists it. */
export const partPath = (n: number) => `/source/part-${Math.floor(n / partsPerSegment)}.${n % partsPerSegment}.m4s`
export const playlistPath = (n: number) =>
  `/source/media.m3u8?_HLS_msn=${Math.floor(n / partsPerSegment)}&_HLS_part=${n % partsPerSegment}`

if (import.meta.main) serve(Number(process.argv[2]), Number(process.argv[3]))

function serve(port: number, epoch: number): void {
  const asked = new Map<string, number>()
  const waiting: { n: number; go: () => void }[] = []
  const newest = () => Math.floor((Date.now() - epoch) / partMs) - 1 // part n is complete half a second after it began
  const tick = () => {
    const last = newest()
    for (const held of waiting.splice(0)) {
      if (held.n <= last) held.go()
      else waiting.push(held)
    }
    setTimeout(tick, epoch + (last + 2) * partMs - Date.now())
  }
  tick()
  createServer((request, response) => {
    const url = request.url ?? ''
    if (url === '/stats') return void response.end(JSON.stringify(Object.fromEntries(asked)))
    asked.set(url, (asked.get(url) ?? 0) + 1)
    if (url === '/index.m3u8') return sendIndex(response)
    const [, segment, part] = /(?:part-|_HLS_msn=)(\d+)(?:\.|&_HLS_part=)(\d+)/.exec(url) ?? []
    const n = Number(segment) * partsPerSegment + Number(part)
    const go = () => (url.includes('.m3u8') ? sendPlaylist(response, n) : sendPart(response))
    if (n <= newest()) go()
    else waiting.push({ n, go })
  }).listen(port, '127.0.0.1')
}

function sendIndex(response: ServerResponse): void {
  const lines = [
    '#EXTM3U',
    '#EXT-X-STREAM-INF:BANDWIDTH=600000,CODECS="avc1.64001f,mp4a.40.2"',
    'source/media.m3u8',
    '',
  ]
  response
    .writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl', 'cache-control': 'public, max-age=5' })
    .end(lines.join('\n'))
}

function sendPart(response: ServerResponse): void {
  response
    .writeHead(200, { 'content-type': 'video/mp4', 'cache-control': 'public, max-age=3600, immutable' })
    .end(noise)
}

function sendPlaylist(response: ServerResponse, n: number): void {
  const last = Math.floor(n / partsPerSegment)
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    '#EXT-X-TARGETDURATION:2',
    `#EXT-X-MEDIA-SEQUENCE:${last - listedSegments}`,
  ]
  lines.push('#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=6,PART-HOLD-BACK=1.506')
  lines.push('#EXT-X-PART-INF:PART-TARGET=0.502', '#EXT-X-MAP:URI="init-0.mp4"')
  for (let segment = last - listedSegments; segment <= last; segment++) {
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment * partsPerSegment * partMs).toISOString()}`)
    const parts = segment === last ? (n % partsPerSegment) + 1 : partsPerSegment
    for (let part = 0; part < parts; part++) lines.push(`#EXT-X-PART:DURATION=0.5,URI="part-${segment}.${part}.m4s"`)
    if (segment < last) lines.push('#EXTINF:2,', `seg-${segment}.m4s`)
  }
  lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${partPath(n + 1).slice('/source/'.length)}"`)
  const body = `${lines.join('\n')}\n`
  response
    .writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl', 'cache-control': 'public, max-age=12' })
    .end(body)
}
