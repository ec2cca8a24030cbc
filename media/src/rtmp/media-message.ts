/** What the RTMP server, the client and everything behind them hand to each other: one FLV tag with its timestamp. */

/**
 * One audio, video or metadata message of a publisher, in the order it was sent.
 *
 * `timestampMs` is the RTMP timestamp as sent: unsigned 32 bits, so it wraps after 49.7 days, and may jump.
 * `body` is the FLV tag's body as on the wire (FLV 10.1, E.4.2.1, E.4.3.1); for metadata it is the AMF0 values
 * `"onMetaData"` and its object, with a leading `"@setDataFrame"` removed. The buffer is the receiver's to keep:
 * nobody writes into it again.
 */
export interface MediaMessage {
  readonly type: 'audio' | 'video' | 'metadata'
  readonly timestampMs: number
  readonly body: Buffer
}
