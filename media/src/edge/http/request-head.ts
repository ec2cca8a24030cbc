/**
 * Reads the head of an HTTP/1.1 request that has no body. Strict, because what stands in front of us may read it
 * differently: whatever is doubtful (bare CR or LF, folded lines, spaces before a colon, a body of any framing) is
 * refused, and the connection ends. HTTP/1.0 is answered and closed: some proxies' and health checks' default.
 *
 * @see RFC 9112 sections 2.2, 3 and 5; RFC 9110 section 5
 */

/** What the edge wants to know of the header fields; the rest is not kept. */
export interface RequestFields {
  readonly keepAlive: boolean
  readonly takesGzip: boolean
  readonly cookie: string | undefined
  readonly forwardedFor: string | undefined // its last hop is what the proxy before us wrote
  readonly isCounted: boolean // a door in front of us tells whom it answers: see door-log.ts
  readonly secure: boolean // the viewer came by HTTPS
}

export interface RequestHead {
  readonly method: string
  readonly target: string
  readonly fields: RequestFields
}

/** Thrown for a head that cannot be answered but with `status`. */
export class BadRequestError extends Error {
  override readonly name = 'BadRequestError'
  readonly status: 400 | 413 | 431 | 505
  constructor(status: 400 | 413 | 431 | 505, message: string) {
    super(message)
    this.status = status
  }
}

const requestLine = /^([A-Z]{1,16}) ([\x21-\x7e]{1,4096}) HTTP\/1\.([01])$/
const fieldLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/

/** Reads "GET /x HTTP/1.1". @throws {BadRequestError} */
export function parseRequestLine(line: string): { method: string; target: string; isOld: boolean } {
  // What nearly every line is: 0.1 us instead of 1 us. What its target may hold, the edge's own pattern tells.
  if (line.startsWith('GET /') && line.endsWith(' HTTP/1.1') && line.indexOf(' ', 4) === line.length - 9) {
    return { method: 'GET', target: line.slice(4, -9), isOld: false }
  }
  const [, method, target, minor] = requestLine.exec(line) ?? []
  if (method === undefined || target === undefined) {
    throw new BadRequestError(/ HTTP\/(?!1\.[01]$)\d/.test(line) ? 505 : 400, 'malformed request line')
  }
  return { method, target, isOld: minor === '0' }
}

/** Reads the lines after the request line, separated by CRLF. `isOld`: HTTP/1.0. @throws {BadRequestError} */
export function parseFields(block: string, isOld = false): RequestFields {
  const seen = new Map<string, string>()
  let hosts = 0
  for (const line of block === '' ? [] : block.split('\r\n')) {
    const [, name, value = ''] = fieldLine.exec(line) ?? []
    if (name === undefined) throw new BadRequestError(400, 'malformed header field')
    const key = name.toLowerCase()
    if (key === 'transfer-encoding') throw new BadRequestError(413, 'a body is not taken here')
    if (key === 'content-length' && value !== '0') throw new BadRequestError(413, 'a body is not taken here')
    if (key === 'host') hosts += 1
    seen.set(key, value)
  }
  if (hosts > 1 || (hosts === 0 && !isOld)) throw new BadRequestError(400, 'one Host field is needed')
  const connection = (seen.get('connection') ?? '').toLowerCase()
  return {
    keepAlive: !isOld && !connection.includes('close'),
    takesGzip: /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s|$))/i.test(seen.get('accept-encoding') ?? ''),
    cookie: seen.get('cookie'),
    forwardedFor: seen.get('x-forwarded-for'),
    isCounted: seen.has('x-viewer-counted'),
    secure: seen.get('x-forwarded-proto')?.toLowerCase() === 'https',
  }
}
