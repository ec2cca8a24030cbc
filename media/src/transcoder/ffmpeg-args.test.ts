import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ffmpegArguments } from './ffmpeg-args.ts'

const run = '0123456789ab'
const quiet = '-hide_banner -nostats -nostdin -loglevel error'

test("the ladder's command line (golden)", () => {
  const rungs = [
    { width: 854, height: 480, bitrateBps: 1_200_000 },
    { width: 640, height: 360, bitrateBps: 600_000 },
  ]
  const job = { kind: 'ladder', run, rungs, frameRate: 30, preset: 'veryfast', interlaced: false } as const
  const line = ffmpegArguments({ ...job }, '/run/t').join(' ')
  const rung = (index: number, rate: number) =>
    `-map [v${index}] -an -c:v libx264 -preset veryfast -tune zerolatency -threads 1 -profile:v main -b:v ${rate} -maxrate ${rate} -bufsize ${rate} ` +
    `-force_key_frames source -forced-idr 1 -x264-params keyint=infinite:scenecut=0:fps=30000/1000 -fps_mode passthrough -enc_time_base 1/1000 ` +
    `-flush_packets 1 -flvflags no_duration_filesize -f flv unix:/run/t/${run}-${index}`
  assert.equal(
    line,
    `${quiet} -copyts -flags low_delay -probesize 32 -analyzeduration 0 -threads 1 -f flv -i unix:/run/t/${run}-in ` +
      '-filter_complex [0:v]split=2[s0][s1];[s0]scale=854:480:flags=fast_bilinear,setsar=1,format=yuv420p[v0];[s1]scale=640:360:flags=fast_bilinear,setsar=1,format=yuv420p[v1] ' +
      `${rung(0, 1_200_000)} ${rung(1, 600_000)}`,
  )
  const filter = ffmpegArguments({ ...job, interlaced: true }, '/run/t').find((word) => word.startsWith('[0:v]'))
  assert.match(filter ?? '', /^\[0:v\]yadif=mode=send_frame:deint=interlaced,split=2/)
})

test("the thumbnail's command line (golden)", () => {
  assert.equal(
    ffmpegArguments({ kind: 'thumbnail', run, width: 640, height: 360, interlaced: false }, '/run/t').join(' '),
    `${quiet} -threads 1 -f flv -i unix:/run/t/${run}-in -an -frames:v 1 -vf scale=640:360,setsar=1 -q:v 5 -f mjpeg unix:/run/t/${run}-0`,
  )
})
