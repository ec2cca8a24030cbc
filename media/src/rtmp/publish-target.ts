/**
 * What an encoder asked to publish, however its user filled in the fields: the server's URL with or without a slash, the
 * application there or before the key, the key with what was pasted along with it.
 */

/** The application, the stream key (a secret), and what followed its first "?". */
export interface PublishTarget {
  readonly app: string
  readonly streamName: string
  readonly query: string
}

const blank = '(?:[\\s\\p{Cc}\\u200b-\\u200d\\u2060]|%(?:20|0[9ad]|c2%a0|00))'
const blanks = new RegExp(`^${blank}+|${blank}+$`, 'giu')
const serverUrl = /^rtmps?:\/\/[^/]*\/*/i
const wowzaInstance = '_definst_' // Wowza's name for an application's one instance, in many encoders' presets

/**
 * Joins what `connect` and `publish` said and takes it apart again: the first part of the path is the application.
 *
 * @param app as in `connect`; may end in slashes, a query, or carry the key.
 * @param name as in `publish`; may be a whole URL, or begin with the application.
 * @returns undefined where there is no key. Blanks around the key, plain or percent-encoded, are nobody's.
 */
export function publishTarget(app: string, name: string): PublishTarget | undefined {
  const isUrl = serverUrl.test(name.trim())
  const [path = '', ...query] = (isUrl ? name.trim().replace(serverUrl, '') : name).split('?')
  const base = partsOf(app.split('?')[0] ?? '')
  const given = partsOf(path)
  const repeated = isUrl || (given.length > base.length && base.every((part, index) => part === given[index]))
  const [first = '', ...rest] = (repeated ? given : [...base, ...given]).filter((part) => part !== wowzaInstance)
  const streamName = rest.join('/')
  return streamName === '' ? undefined : { app: first, streamName, query: query.join('?').replace(blanks, '') }
}

/** The application in a `tcUrl`, for encoders that say it nowhere else. */
export function appOf(tcUrl: string): string {
  return serverUrl.test(tcUrl) ? tcUrl.replace(serverUrl, '') : ''
}

function partsOf(path: string): string[] {
  return path
    .split('/')
    .map((part) => part.replace(blanks, ''))
    .filter((part) => part !== '')
}
