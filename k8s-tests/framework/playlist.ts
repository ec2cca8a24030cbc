import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { doors } from './platform-under-test.ts'

/** The URL that viewers open. */
export const multivariantUrl = (broadcastId: string) => `${doors.http}/hls/${broadcastId}/index.m3u8`

/** One rendition as the multivariant playlist lists it. */
export interface Rendition {
  url: string
  attributes: string
}

/** Reads the multivariant playlist and gives back its renditions (RFC 8216 section 4.3.4.2). */
export async function readRenditions(broadcastId: string): Promise<Rendition[]> {
  const url = multivariantUrl(broadcastId)
  const lines = (await readText(url)).split('\n')
  return lines.flatMap((line, index) =>
    line.startsWith('#EXT-X-STREAM-INF:') ? [{ attributes: line, url: new URL(lines[index + 1] ?? '', url).href }] : [],
  )
}

/** The media sequence number of a media playlist. */
export async function readMediaSequence(url: string): Promise<number> {
  const found = /#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(await readText(url))
  if (!found) throw new Error(`${url} has no EXT-X-MEDIA-SEQUENCE`)
  return Number(found[1])
}

/** Reads a text over HTTP, or fails with status and body. */
export async function readText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) })
  const body = await response.text()
  if (response.status !== 200) throw new Error(`GET ${url} answered ${response.status}: ${body.slice(0, 300)}`)
  return body
}

/** What ffprobe reads from a playlist: one line a stream, `codec_name,width,height` or `codec_name` for audio. */
export async function probe(url: string): Promise<string[]> {
  const args = ['-v', 'error', '-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0', url]
  const child = spawn('ffprobe', args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 })
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  if (child.exitCode !== 0) throw new Error(`ffprobe could not read ${url}: ${errors}`)
  return [...new Set(out.split('\n').filter((line) => line !== ''))] // named again as those of the playlist's programme
}
