/**
 * The header by which a load balancer says whose connection it passes on, before the first byte of the connection itself.
 *
 * @see https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt (versions 1 and 2)
 */
import { isIPv4, isIPv6 } from 'node:net'

/** How many bytes it has, and of whom the connection is; nobody for the proxy's own, e.g. a health check. */
export type ProxyHeader = { readonly bytes: number; readonly source: string | undefined }

/** A proxy that is trusted began with something else; the message says by which rule it was refused. */
export class ProxyHeaderError extends Error {
  readonly code = 'proxy_header'
}

const line = Buffer.from('PROXY ')
const mostLineBytes = 107 // with its end: the longest that version 1 can be
const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
const fixedBytes = 16
const mostBytes = 2_048 // addresses have 36 bytes at most; what else load balancers say has some hundred
const families = new Map([
  ['TCP4', isIPv4],
  ['TCP6', isIPv6],
])
const mappedIpv4 = Buffer.from('00000000000000000000ffff', 'hex') // RFC 4291 section 2.5.5.2
const addressBytes = { 0x11: 4, 0x21: 16 } as const // of TCP over IPv4, over IPv6

/**
 * Reads the header that a connection begins with.
 *
 * @param bytes all that came so far, also more than the header.
 * @returns undefined while it is not whole; never after `mostBytes`.
 * @throws {ProxyHeaderError} it is none, or one that cannot be.
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  if (beginsAs(bytes, signature)) return bytes.length < fixedBytes ? undefined : readBinary(bytes)
  if (beginsAs(bytes, line)) return readLine(bytes)
  throw new ProxyHeaderError('the connection begins as neither version of the PROXY protocol does')
}

/** Version 1: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 1935`, and a line's end. */
function readLine(bytes: Buffer): ProxyHeader | undefined {
  const end = bytes.subarray(0, mostLineBytes).indexOf('\r\n')
  if (end === -1) {
    if (bytes.length < mostLineBytes) return undefined
    throw new ProxyHeaderError(`version 1: the line has no end within ${mostLineBytes} bytes`)
  }
  const size = end + 2
  const words = bytes.toString('latin1', line.length, end).split(' ')
  const [family, source = '', destination = '', ...ports] = words
  if (family === 'UNKNOWN') return { bytes: size, source: undefined }
  const isAddress = families.get(family ?? '')
  if (isAddress === undefined) throw new ProxyHeaderError('version 1: the family is not TCP4, TCP6 or UNKNOWN')
  if (!isAddress(source) || !isAddress(destination) || source.includes('%'))
    throw new ProxyHeaderError(`version 1: what is said of ${family} are not two addresses of it`)
  if (ports.length !== 2 || !ports.every(isPort)) throw new ProxyHeaderError('version 1: there are not two ports')
  return { bytes: size, source }
}

/** Version 2: the signature, version and command, family, the length of the rest: addresses, ports, and more that is passed over. */
function readBinary(bytes: Buffer): ProxyHeader | undefined {
  const [versionAndCommand = 0, family = 0] = bytes.subarray(signature.length)
  const size = fixedBytes + bytes.readUInt16BE(fixedBytes - 2)
  const command = versionAndCommand & 0x0f
  if (versionAndCommand >> 4 !== 2) throw new ProxyHeaderError(`version ${versionAndCommand >> 4} is not known`)
  if (command > 1) throw new ProxyHeaderError(`version 2: command ${command} is neither LOCAL nor PROXY`)
  if (size > mostBytes) throw new ProxyHeaderError(`version 2: ${size} bytes are more than ${mostBytes}`)
  if (bytes.length < size) return undefined
  if (command === 0 || family === 0) return { bytes: size, source: undefined }
  if (family !== 0x11 && family !== 0x21)
    throw new ProxyHeaderError(
      `version 2: family 0x${family.toString(16).padStart(2, '0')} is not TCP over IPv4 or IPv6`,
    )
  const width = addressBytes[family]
  if (size - fixedBytes < 2 * width + 4)
    throw new ProxyHeaderError(`version 2: ${size - fixedBytes} bytes are too few for two addresses of ${width}`)
  return { bytes: size, source: addressOf(bytes.subarray(fixedBytes, fixedBytes + width)) }
}

/** Whether bytes are a beginning of `start`, or go on after it. */
function beginsAs(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length)
  return bytes.subarray(0, length).equals(start.subarray(0, length))
}

const isPort = (text: string) => /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.subarray(0, 12).equals(mappedIpv4)) return bytes.subarray(12).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16))
  // as the system writes it: 2001:db8::1
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
