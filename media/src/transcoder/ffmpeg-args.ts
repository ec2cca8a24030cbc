/** Builds ffmpeg's arguments; the only importer of fluent-ffmpeg, which builds and never runs them. */
import ffmpeg from 'fluent-ffmpeg'
import { inputOf, outputOf, type Job, type LadderJob, type ThumbnailJob } from './job.ts'

const quiet = '-hide_banner -nostats -nostdin -loglevel error'

/** One picture of two fields each; those that were taken at once stay as they are. */
const deinterlace = 'yadif=mode=send_frame:deint=interlaced,'

/** Arguments of a job whose sockets are in `directory`. */
export function ffmpegArguments(job: Job, directory: string): string[] {
  return job.kind === 'ladder' ? ladderArguments(job, directory) : thumbnailArguments(job, directory)
}

/**
 * The ladder: FLV with H.264 goes in, and each rung comes out as FLV.
 *
 * FLV and not fragmented MP4, because the MP4 muxer writes a frame only when the next one is there; FLV writes each at once.
 * Key frames are the source's own and no others, so every rung can be cut where the source is. Without `-fflags nobuffer`:
 * it throws the first packets away, the key frame with them, and a rung began a whole GOP late.
 */
function ladderArguments({ run, rungs, frameRate, preset, interlaced }: LadderJob, directory: string): string[] {
  const command = ffmpeg(`unix:${inputOf(directory, run)}`).inputOptions(
    words(`${quiet} -copyts -flags low_delay -probesize 32 -analyzeduration 0 -threads 1 -f flv`),
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
      .output(`unix:${outputOf(directory, run, index)}`)
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

/** One key frame in FLV becomes a JPEG. */
function thumbnailArguments({ run, width, height, interlaced }: ThumbnailJob, directory: string): string[] {
  const command = ffmpeg(`unix:${inputOf(directory, run)}`)
    .inputOptions(words(`${quiet} -threads 1 -f flv`))
    .output(`unix:${outputOf(directory, run, 0)}`)
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
