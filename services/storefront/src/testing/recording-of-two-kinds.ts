import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Makes a recording whose encoder came back with other tracks: `seconds` with picture and sound, as many with the picture
 * alone, on one timeline, as an edge lists it.
 *
 * @returns the folder with its `index.m3u8`; whoever asked removes it.
 */
export async function makeRecordingOfTwoKinds(seconds: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-recording-'))
  const source = join(folder, 'source')
  await mkdir(source)
  const lists: string[] = []
  for (const [take, sound] of [true, false].entries()) {
    const picture = `-f lavfi -i testsrc2=size=320x180:rate=25`
    const input = sound ? `${picture} -f lavfi -i sine=frequency=440:sample_rate=48000` : picture
    const encode = '-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -c:a aac -ac 2'
    const output =
      `-t ${seconds} -output_ts_offset ${take * seconds} -f hls -hls_time 2 -hls_playlist_type vod ` +
      `-hls_segment_type fmp4 -hls_fmp4_init_filename init-${take}.mp4 -hls_segment_filename ${source}/seg-${take}-%d.m4s`
    const list = join(source, `take-${take}.m3u8`)
    await run('ffmpeg', `-v error ${input} ${encode} ${output} ${list}`.split(' '))
    const lines = (await readFile(list, 'utf8')).split('\n')
    lists.push(lines.filter((line) => /^#EXT-X-MAP|^#EXTINF|^seg-/.test(line)).join('\n'))
  }
  const head = '#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MEDIA-SEQUENCE:0\n'
  await writeFile(join(source, 'media.m3u8'), `${head}${lists.join('\n#EXT-X-DISCONTINUITY\n')}\n#EXT-X-ENDLIST\n`)
  const variant = 'BANDWIDTH=900000,CODECS="avc1.42c01e,mp4a.40.2",RESOLUTION=320x180,FRAME-RATE=25'
  await writeFile(join(folder, 'index.m3u8'), `#EXTM3U\n#EXT-X-STREAM-INF:${variant}\nsource/media.m3u8\n`)
  return folder
}
