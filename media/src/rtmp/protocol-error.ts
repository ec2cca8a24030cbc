/** What a peer did that RTMP or our limits forbid; it ends that one session. */

/** `code` is stable and goes to logs and metrics; the message never holds a stream key. */
export class RtmpProtocolError extends Error {
  override readonly name = 'RtmpProtocolError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
