/**
 * What Prometheus sees of one stream. A Pod has one stream, so no label names it; the Pod's name says nothing of the stream
 * either, where Pods are kept warm. `media_stream_info` joins the two:
 * `media_source_frame_rate * on (pod) group_left (broadcast) media_stream_info`.
 */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { StreamMeter } from './stream-meter.ts'

/** What is read of a stream; a stream process is one. */
export interface MeasuredStream {
  readonly broadcast: string | undefined
  readonly pipeline:
    | {
        readonly meter: StreamMeter
        readonly runningRungs: readonly string[]
        readonly publish: { readonly waiting: number }
        readonly transcoderRestarts: number
      }
    | undefined
  readonly recorder: { readonly stored: number; readonly waiting: number; readonly lost: number } | undefined
}

/** Registers the stream's metrics; they read the stream when scraped. */
export function registerStreamMetrics(registry: Registry, stream: MeasuredStream): void {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset() // the stream counts
        this.inc(read())
      },
    })
  registry.registerMetric(
    new Gauge({
      name: 'media_stream_info',
      help: 'The Broadcast that this Pod streams; absent while the Pod is warm',
      labelNames: ['broadcast'],
      registers: [],
      collect() {
        if (stream.broadcast !== undefined) this.set({ broadcast: stream.broadcast }, 1) // a Pod gets one in its life
      },
    }),
  )
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
    () => stream.pipeline?.meter.keyFrameIntervalSeconds(Date.now()) ?? 0,
  )
  counter(
    'media_source_dropped_frames_total',
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
  counter(
    'media_recording_segments_stored_total',
    'Segments of all renditions that are in the object store and listed, or about to be',
    () => stream.recorder?.stored ?? 0,
  )
  gauge('media_recording_segments_waiting', 'Segments that wait for their upload', () => stream.recorder?.waiting ?? 0)
  counter(
    'media_recording_segments_lost_total',
    'Segments that had left the DVR window before the object store took them: gaps in the recording',
    () => stream.recorder?.lost ?? 0,
  )
  counter(
    'media_transcoder_restarts_total',
    "Times that the ladder's encoder was started again",
    () => stream.pipeline?.transcoderRestarts ?? 0,
  )
}
