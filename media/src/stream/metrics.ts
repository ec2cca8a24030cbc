/** What Prometheus sees of one stream. A Pod has one stream, so no label names it. */
import { Gauge, type Registry } from 'prom-client'
import type { StreamProcess } from './stream-process.ts'

/** Registers the stream's gauges; they read the process when scraped. */
export function registerStreamMetrics(registry: Registry, stream: StreamProcess): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  gauge(
    'media_source_bitrate_bits_per_second',
    "Bit rate of the encoder's stream",
    () => stream.pipeline?.meter.bitrateBps(Date.now()) ?? 0,
  )
  gauge(
    'media_source_frame_rate',
    'Pictures per second from the encoder',
    () => stream.pipeline?.meter.frameRate(Date.now()) ?? 0,
  )
  gauge(
    'media_source_key_frame_interval_seconds',
    'Seconds between the last two key frames',
    () => stream.pipeline?.meter.keyFrameIntervalSeconds ?? 0,
  )
  gauge(
    'media_source_dropped_frames',
    'Pictures that could not be placed on the timeline',
    () => stream.pipeline?.meter.droppedFrames ?? 0,
  )
  gauge(
    'media_renditions_running',
    'Renditions that have an encoder or are the source',
    () => stream.pipeline?.runningRungs.length ?? 0,
  )
  gauge(
    'media_requests_held',
    'Playlist and part requests waiting for media',
    () => stream.pipeline?.publish.waiting ?? 0,
  )
  gauge(
    'media_recording_segments_stored',
    'Segments of all renditions that are in the object store and listed, or about to be',
    () => stream.recorder?.stored ?? 0,
  )
  gauge('media_recording_segments_waiting', 'Segments that wait for their upload', () => stream.recorder?.waiting ?? 0)
  gauge(
    'media_recording_segments_lost',
    'Segments that had left the DVR window before the object store took them: gaps in the recording',
    () => stream.recorder?.lost ?? 0,
  )
  gauge(
    'media_transcoder_restarts',
    "Times that the ladder's encoder was started again",
    () => stream.pipeline?.transcoderRestarts ?? 0,
  )
}
