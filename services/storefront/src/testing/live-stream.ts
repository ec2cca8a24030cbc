import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A running test pattern: a folder with `index.m3u8`, two renditions, `source` (640×360) and `180p`, and `thumbnail.jpg`. */
export interface LiveStream {
  folder: string
  stop(): Promise<void>
}

/** Starts a real live stream, plain HLS as ffmpeg writes it; resolves when it can be played. */
export async function startLiveStream(size = '640x360'): Promise<LiveStream> {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-hls-'))
  const preview = ['-f', 'lavfi', '-i', `testsrc2=size=${size}`, '-frames:v', '1', join(folder, 'thumbnail.jpg')]
  await promisify(execFile)('ffmpeg', ['-loglevel', 'error', ...preview])
  const picture = ['-f', 'lavfi', '-re', '-i', `testsrc2=size=${size}:rate=25`]
  const sound = ['-f', 'lavfi', '-re', '-i', 'sine=frequency=440:sample_rate=48000']
  const [width = 640, height = 360] = size.split('x').map(Number)
  const encode = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-g',
    '25',
    '-c:a',
    'aac',
    '-ac',
    '1',
  ]
  const ladder = `[0:v]split[a][b];[b]scale=${width / 2}:${height / 2}[c]`
  const maps = ['-filter_complex', ladder, '-map', '[a]', '-map', '1:a', '-map', '[c]', '-map', '1:a']
  const hls = ['-f', 'hls', '-hls_time', '1', '-hls_list_size', '60', '-hls_segment_type', 'fmp4']
  const names = ['-var_stream_map', `v:0,a:0,name:source v:1,a:1,name:${height / 2}p`, '-master_pl_name', 'index.m3u8']
  const flags = ['-hls_flags', 'delete_segments+program_date_time+independent_segments']
  const output = [...hls, ...names, ...flags, join(folder, '%v/media.m3u8')]
  const ffmpeg = spawn('ffmpeg', ['-loglevel', 'error', ...picture, ...sound, ...maps, ...encode, ...output], {
    stdio: 'ignore',
  })
  const exited = once(ffmpeg, 'exit')
  const stop = async () => {
    ffmpeg.kill('SIGKILL')
    await exited
    await rm(folder, { recursive: true, force: true })
  }
  const renditions = ['source', `${height / 2}p`]
  for (let tries = 0; tries < 1_200; tries++) {
    if (ffmpeg.exitCode !== null) throw new Error(`ffmpeg ended with ${ffmpeg.exitCode}`)
    // written once the renditions' playlists are, and not in one moment
    const master = await readFile(join(folder, 'index.m3u8'), 'utf8').catch(() => '')
    if (renditions.every((name) => master.includes(`${name}/media.m3u8\n`))) return { folder, stop }
    await delay(100)
  }
  await stop()
  throw new Error('ffmpeg wrote no playlist within two minutes')
}
