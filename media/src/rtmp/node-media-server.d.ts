/** The part of node-media-server 4.4.3's protocol engine that engine.ts uses; the package ships no types. */
declare module 'node-media-server/src/protocol/rtmp.js' {
  export interface ChunkedPacket {
    header: { fmt: number; cid: number; timestamp: number; length: number; type: number; stream_id: number }
    clock: number
    payload: Buffer
    capacity: number
    bytes: number
  }
  export default class Rtmp {
    static chunksCreate(packet: ChunkedPacket): Buffer
    protected handshakeState: number
    protected handshakePayload: Buffer
    protected handshakeBytes: number
    streams: number
    onOutputCallback: (bytes: Buffer) => void
    outChunkSize: number
    objectEncoding: number
    parserData(bytes: Buffer): string | null
    chunkRead(bytes: Buffer, offset: number, length: number): string | null
    sendACK(bytes: number): void
    sendWindowACK(bytes: number): void
    setPeerBandwidth(bytes: number, limitType: number): void
    setChunkSize(bytes: number): void
    sendStreamStatus(event: number, value: number): void
    sendInvokeMessage(streamId: number, command: Record<string, unknown>): void
    sendStatusMessage(streamId: number, level: string, code: string, description: string): void
    respondConnect(transactionId: number): void
    respondCreateStream(transactionId: number): void
  }
}
