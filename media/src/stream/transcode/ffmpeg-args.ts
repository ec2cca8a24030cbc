/** Builds ffmpeg's arguments; the only importer of fluent-ffmpeg, which builds and never runs them. */
import type { EncoderPreset } from '@mytaek1/contracts/broadcast-resource.ts'
import ffmpeg from 'fluent-ffmpeg'
import type { Rung } from './ladder.ts'

export interface LadderCommand {
  rungs: readonly Rung[]
  frameRate: number
  preset: EncoderPreset
  interlaced: boolean // of the source
}

/** The file descriptor of the first rung's output; the others follow. */
export const firstRungDescriptor = 3

/** One picture of two fields each; those that were taken at once stay as they are. */
const deinterlace = 'yadif=mode=send_frame:deint=interlaced,'

/**
 * Arguments of the ladder: FLV with H.264 on standard input, one FLV pipe a rung from descriptor 3 on.
 *
 * FLV and not fragmented MP4, because the MP4 muxer writes a frame only when the next one is there; FLV writes each at once.
 * Key frames are the source's own and no others, so every rung can be cut where the source is. Without `-fflags nobuffer`:
 * it throws the first packets away, the key frame with them, and a rung began a whole GOP late.
 */
export function ladderArguments({ rungs, frameRate, preset, interlaced }: LadderCommand): string[] {
  const command = ffmpeg('pipe:0').inputOptions(
    words(
      '-hide_banner -nostats -loglevel error -copyts -flags low_delay -probesize 32 -analyzeduration 0 -threads 1 -f flv',
    ),
  )
  const splits = rungs.map((_, index) => `[s${index}]`).join('')
  command.complexFilter([
    `[0:v]${interlaced ? deinterlace : ''}split=${rungs.length}${splits}`,
    ...rungs.map(({ width, height }, index) => {
      return `[s${index}]scale=${width}:${height}:flags=fast_bilinear,setsar=1,format=yuv420p[v${index}]`
    }),
  ])
  for (const [index, { bitrateBps: rate }] of rungs.entries()) {
    const fps = `${Math.round(frameRate * 1000)}/1000`
    command
      .output(`pipe:${firstRungDescriptor + index}`)
      .outputOptions([
        '-map',
        `[v${index}]`,
        ...words(`-an -c:v libx264 -preset ${preset} -tune zerolatency -threads 1 -profile:v main`),
        ...words(`-b:v ${rate} -maxrate ${rate} -bufsize ${rate}`),
        ...words(`-force_key_frames source -forced-idr 1 -x264-params keyint=infinite:scenecut=0:fps=${fps}`),
        ...words('-fps_mode passthrough -enc_time_base 1/1000 -flush_packets 1 -flvflags no_duration_filesize -f flv'),
      ])
  }
  return argumentsOf(command)
}

/** A JPEG's size in square pixels, and whether its picture may be two fields. */
export interface ThumbnailCommand {
  width: number
  height: number
  interlaced: boolean
}

/** Arguments that turn one key frame (FLV on standard input) into a JPEG on standard output. */
export function thumbnailArguments({ width, height, interlaced }: ThumbnailCommand): string[] {
  const command = ffmpeg('pipe:0')
    .inputOptions(words('-hide_banner -nostats -loglevel error -threads 1 -f flv'))
    .output('pipe:1')
    .outputOptions([
      ...words('-an -frames:v 1 -vf'),
      `${interlaced ? deinterlace : ''}scale=${width}:${height},setsar=1`,
      ...words('-q:v 5 -f mjpeg'),
    ])
  return argumentsOf(command)
}

function words(text: string): string[] {
  return text.split(' ')
}

/** fluent-ffmpeg keeps the finished argument list to itself; it is all that is wanted of it. */
function argumentsOf(command: ffmpeg.FfmpegCommand): string[] {
  return command._getArguments()
}
