/**
 * RTMP into the Pod: the second key check, then media to the pipeline. One publisher at a time; a newer one, which has
 * the same key, ends the older.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Authorization, PublishRequest, PublishSession } from '../../rtmp/publishing.ts'
import { publishRejected } from '../../rtmp/status-code.ts'
import type { Assignment } from '../assignment/assignment.ts'
import type { Pipeline } from '../pipeline.ts'
import { TidyAvc } from '../remux/tidy-avc.ts'

export interface PublisherDoorOptions {
  /** The assignment and its pipeline, as soon as there is one; undefined after `signal` aborts or a deadline. */
  assigned: (signal: AbortSignal) => Promise<{ assignment: Assignment; pipeline: Pipeline } | undefined>
  onChange: () => void
}

/** Decides who may publish to this Pod. */
export class PublisherDoor {
  readonly #options: PublisherDoorOptions
  #session: PublishSession | undefined

  constructor(options: PublisherDoorOptions) {
    this.#options = options
  }

  get isPublishing(): boolean {
    return this.#session !== undefined
  }

  /** Ends the publisher that is there, telling it why. */
  endPublisher(description: string): void {
    this.#session?.end({ code: 'NetStream.Publish.Failed', description })
  }

  async authorize(request: PublishRequest, session: PublishSession): Promise<Authorization> {
    const assigned = await this.#options.assigned(session.signal)
    if (assigned === undefined) return refuse('NetStream.Publish.Failed', 'No broadcast is assigned to this Pod')
    const { assignment, pipeline } = assigned
    if (assignment.state !== 'open') return refuse('NetStream.Publish.BadName', 'The broadcast has ended')
    if (!matches(request.streamName, assignment.streamKeySha256)) {
      return refuse('NetStream.Publish.Unauthorized', "The stream key is not this broadcast's")
    }
    const previous = this.#session
    this.#session = session
    previous?.end({ code: 'NetStream.Publish.BadName', description: 'Another session publishes with the same key' })
    const connection = pipeline.connect()
    pipeline.unsupportedCodec = undefined // of the encoder before
    const avc = new TidyAvc()
    this.#options.onChange()
    return {
      accept: true,
      sink: {
        write: (message) => {
          for (const tidied of avc.take(message)) pipeline.push(connection, tidied)
          if (pipeline.unsupportedCodec === undefined) return
          session.end({
            code: publishRejected, // the ingest passes it on to the encoder; every other end it tries again
            description: `${pipeline.unsupportedCodec} is not supported: send H.264 (8 bits, 4:2:0) and AAC`,
          })
        },
        close: () => {
          pipeline.disconnect(connection)
          if (this.#session === session) this.#session = undefined
          this.#options.onChange()
        },
      },
    }
  }
}

function refuse(
  code: 'NetStream.Publish.BadName' | 'NetStream.Publish.Unauthorized' | 'NetStream.Publish.Failed',
  description: string,
): Authorization {
  return { accept: false, code, description }
}

/** Compares in constant time: what differs must not show in how long the answer takes. */
function matches(streamName: string, sha256: string | undefined): boolean {
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) return false
  return timingSafeEqual(createHash('sha256').update(streamName).digest(), Buffer.from(sha256, 'hex'))
}
