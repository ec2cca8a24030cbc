/**
 * The `Broadcast` and `MediaPool` custom resources as the operator, the media processes and commerce see them.
 * The apiserver validates them (chart: templates/crds); these shapes are what the code may rely on afterwards.
 */
import { z } from 'zod'

/** API group, version and plural names, as used in every request path. */
export const liveApi = Object.freeze({
  group: 'live.mytaek1.dev',
  version: 'v1alpha1',
  apiVersion: 'live.mytaek1.dev/v1alpha1',
  broadcasts: 'broadcasts',
  mediaPools: 'mediapools',
})

/**
 * Condition types of a Broadcast, each written by one owner only (server-side apply, list map keyed by `type`):
 * the operator owns PodAssigned, KeyAccepted, Draining, Ready and, of what it cannot read, Readable; the stream Pod owns
 * Publishing, Playable and, where the spec was edited under it, SpecApplied.
 */
export const broadcastConditionTypes = Object.freeze([
  'PodAssigned',
  'KeyAccepted',
  'Publishing',
  'Playable',
  'Draining',
  'Ready',
  'Readable',
  'SpecApplied',
] as const)

/** A Kubernetes condition (KEP-1623). `lastTransitionTime` is RFC 3339 with seconds. */
export const conditionShape = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string().default(''),
  lastTransitionTime: z.string(),
  observedGeneration: z.number().int().optional(),
})
export type Condition = z.infer<typeof conditionShape>

/**
 * One transcoded quality: `height` in pixels of the short side, which are lines unless the picture is upright, `bitrateBps`
 * the video encoder's cap in bits per second.
 */
export const rungShape = z.object({
  height: z.number().int().min(144).max(2160),
  bitrateBps: z.number().int().min(100_000).max(20_000_000),
})
export type RungSpec = z.infer<typeof rungShape>

/** x264 presets worth having live, fastest first: a slower one makes a better picture of the same bits, for more CPU. */
export const encoderPresets = Object.freeze(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'] as const)
export type EncoderPreset = (typeof encoderPresets)[number]

/**
 * What the seller or the platform team asks for. `dvrWindow` and `reconnectWindow` are Go durations ("10m", "60s").
 * Absent `ladder` and `encoderPreset` are the release's choice, and without one the stream process's.
 */
export const broadcastSpecShape = z.object({
  title: z.string(),
  seller: z.string(),
  streamKey: z.object({
    sha256: z.string().optional(), // lower-case hex of the key's SHA-256
    secretRef: z.object({ name: z.string(), key: z.string() }).optional(),
  }),
  state: z.enum(['Open', 'Ended']).default('Open'),
  ladder: z.array(rungShape).optional(),
  encoderPreset: z.enum(encoderPresets).optional(), // of the ladder's rungs; the source is never encoded
  latency: z.enum(['Low', 'Ultra']).default('Low'),
  dvrWindow: z.string().default('10m'),
  reconnectWindow: z.string().default('60s'),
  recording: z.boolean().default(false),
})
export type BroadcastSpec = z.infer<typeof broadcastSpecShape>

/** Who publishes now; written by the ingest Pod with compare-and-swap, so there is one at a time. */
export const publisherShape = z.object({
  sessionId: z.string(),
  ingestPod: z.string(),
  connectedAt: z.string(),
  disconnectedAt: z.string().optional(), // present: the encoder is gone, the reconnect window runs
})
export type Publisher = z.infer<typeof publisherShape>

/**
 * The encoder's stream as the stream Pod measures it, every 10 s while it publishes: JSON in the annotation of the Pod's
 * Lease. Not in a status: what is measured all the time would wake everybody who follows Broadcasts.
 */
export const streamHealthShape = z.object({
  bitrateBps: z.number(),
  frameRate: z.number(),
  keyFrameIntervalSeconds: z.number(),
  width: z.number().int(),
  height: z.number().int(),
  droppedFrames: z.number().int(),
  rungs: z.array(z.string()), // names of the rungs running, e.g. "source", "480p"
})

export type StreamHealth = z.infer<typeof streamHealthShape>
export const streamHealthAnnotation = 'live.mytaek1.dev/health'

/**
 * How far the media playlists have come: segment `number` began at `at`, and one lasts `segmentSeconds`. The stream Pod
 * keeps it true to less than a segment, so that a Pod which takes over can go on counting.
 */
export const mediaSequenceShape = z.object({
  number: z.number().int().min(0),
  discontinuity: z.number().int().min(0).default(0), // its discontinuity sequence number
  at: z.string(),
  segmentSeconds: z.number().positive(),
})
export type MediaSequence = z.infer<typeof mediaSequenceShape>

/**
 * The stream Pod whose process takes the encoder and viewers since `at`. It says so itself, and so a second or two before
 * kubelet, which looks at new containers and at their probes once a second each.
 */
export const listeningShape = z.object({ podName: z.string(), podIP: z.string(), at: z.string() })
export type Listening = z.infer<typeof listeningShape>

/**
 * What becomes of `spec.recording`: `Closed` once all is stored. A Pod that died leaves `Recording`; the recording is
 * served as a closed one nevertheless, once its broadcast is over.
 */
export const recordingShape = z.object({ state: z.enum(['Recording', 'Closed']) })

export const broadcastStatusShape = z.object({
  observedGeneration: z.number().int().optional(),
  phase: z.enum(['Open', 'Starting', 'Live', 'Interrupted', 'Ended', 'Failed']).optional(),
  conditions: z.array(conditionShape).optional(),
  streamKeySha256: z.string().optional(), // resolved by the operator, also from a secretRef
  streamKeySecret: z.string().optional(), // where from: `name/key` of the Secret; absent: the spec
  publisher: publisherShape.nullish(),
  podName: z.string().optional(), // selectable field: the stream Pod watches the Broadcast that names it
  podIP: z.string().optional(),
  podUID: z.string().optional(),
  playlistUrl: z.string().optional(),
  endedAt: z.string().optional(),
  mediaSequence: mediaSequenceShape.optional(), // written by the stream Pod
  listening: listeningShape.optional(), // written by the stream Pod
  recording: recordingShape.optional(), // written by the stream Pod
})
export type BroadcastStatus = z.infer<typeof broadcastStatusShape>

const metadataShape = z.looseObject({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number().int().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
})

/**
 * Never on the object itself: paths of what a reader of this version had to leave out, because a later one wrote it. Absent:
 * nothing. What they lead to may not be taken for absent.
 */
const unreadShape = z.array(z.string()).optional()

/** A Broadcast as read from the apiserver. */
export const broadcastShape = z.object({
  apiVersion: z.string(),
  kind: z.literal('Broadcast'),
  metadata: metadataShape,
  spec: broadcastSpecShape,
  status: broadcastStatusShape.optional(),
  unread: unreadShape,
})
export type Broadcast = z.infer<typeof broadcastShape>

/** A pool of warm stream Pods: at least `min`, at most `max` Pods in all, `buffer` of them warm. */
export const mediaPoolSpecShape = z.object({
  min: z.number().int().min(0),
  max: z.number().int().min(1),
  buffer: z.number().int().min(0),
  refillPerSecond: z.number().min(0.1).max(100).default(5),
  template: z.record(z.string(), z.unknown()).optional(), // strategic overrides of the Pod template
})

export const mediaPoolShape = z.object({
  apiVersion: z.string(),
  kind: z.literal('MediaPool'),
  metadata: metadataShape,
  spec: mediaPoolSpecShape,
  status: z
    .object({
      observedGeneration: z.number().int().optional(),
      warm: z.number().int().optional(),
      live: z.number().int().optional(),
      replicas: z.number().int().optional(),
      selector: z.string().optional(),
      conditions: z.array(conditionShape).optional(),
    })
    .optional(),
  unread: unreadShape,
})
export type MediaPool = z.infer<typeof mediaPoolShape>

/** Labels and annotations that more than one process reads. */
export const labels = Object.freeze({
  name: 'app.kubernetes.io/name', // always "mytaek1"
  component: 'app.kubernetes.io/component', // commerce | payment | storefront | operator | ingest | stream | edge
  instance: 'app.kubernetes.io/instance',
  broadcast: 'live.mytaek1.dev/broadcast', // on a stream Pod: the Broadcast it serves
  pool: 'live.mytaek1.dev/pool', // on a stream Pod: the MediaPool that made it
})

/** `"true"` on a Secret that Broadcasts may refer to by `spec.streamKey.secretRef`. */
export const streamKeyLabel = 'live.mytaek1.dev/stream-key'

/** Set on a Broadcast by the operator with its first Pod; removed once it has ended, or is deleted, and the Pods are gone. */
export const broadcastFinalizer = 'live.mytaek1.dev/stream'

/** Ports of a stream Pod. */
export const streamPorts = Object.freeze({ rtmp: 1935, http: 8080, admin: 9090 })
