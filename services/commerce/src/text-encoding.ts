import iconv from 'iconv-lite'

/** How a file's characters were written; `euc-kr` is CP949, which is what Excel in Korea writes. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'euc-kr'

/** Why a file's characters are not known. */
export type EncodingFault = 'encoding' | 'encoding_unclear'

/**
 * Reads a file's bytes as text, without ever showing one character as another: what is valid in no encoding is refused, and
 * so is what is valid in two of them, unless its sender says which.
 *
 * CP949 by iconv-lite: Node's own decoder of that name, `fatal` or not, reads the 8,822 syllables that CP949 has beyond
 * KS X 1001 as Latin letters.
 *
 * @param charset what the sender says, e.g. by Content-Type
 */
export function decodeText(
  bytes: Buffer,
  charset?: string,
): { text: string; encoding: TextEncoding } | { fault: EncodingFault } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decoded(bytes.subarray(2), 'utf-16le')
  if (bytes.subarray(0, 3).equals(utf8Mark)) return decoded(bytes.subarray(3), 'utf-8')
  if (charset !== undefined) return decoded(bytes, charsets[charset.toLowerCase()])
  const utf8 = decoded(bytes, 'utf-8')
  if (!('text' in utf8)) return decoded(bytes, 'euc-kr')
  return couldBeKorean(utf8.text, bytes) ? { fault: 'encoding_unclear' } : utf8
}

const utf8Mark = Buffer.from([0xef, 0xbb, 0xbf])

const charsets: Readonly<Record<string, TextEncoding>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  'utf-16le': 'utf-16le',
  'euc-kr': 'euc-kr',
  cp949: 'euc-kr',
  ms949: 'euc-kr',
  uhc: 'euc-kr',
  'ks_c_5601-1987': 'euc-kr',
  'windows-949': 'euc-kr',
}

function decoded(
  bytes: Buffer,
  encoding: TextEncoding | undefined,
): { text: string; encoding: TextEncoding } | { fault: EncodingFault } {
  const text = encoding === undefined ? undefined : textOf(bytes, encoding)
  // NUL: no text, or one of two bytes a character without its mark
  const isText = text !== undefined && !/[\uFFFD\0]/.test(text)
  return isText && encoding !== undefined ? { text, encoding } : { fault: 'encoding' }
}

function textOf(bytes: Buffer, encoding: TextEncoding): string | undefined {
  if (encoding === 'euc-kr') return iconv.decode(bytes, 'cp949')
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined // not valid
  }
}

// Two bytes of UTF-8 may be a syllable of CP949: é is 챕. Whole Korean texts are hardly ever UTF-8 by accident, for most
// syllables begin with bytes that do not; a word may be.
function couldBeKorean(utf8: string, bytes: Buffer): boolean {
  const foreign = utf8.replaceAll(/[\0-\x7F]/g, '') // oxlint-disable-line no-control-regex -- ASCII is meant
  if (foreign === '' || /[^\u0080-\u07FF]/.test(foreign)) return false
  return /^[가-힣]+$/.test(iconv.decode(bytes, 'cp949').replaceAll(/[\0-\x7F]/g, '')) // oxlint-disable-line no-control-regex
}
