import type { Address } from './address.ts'

/**
 * Postal codes of Jeju and of islands without a bridge, to which carriers charge more: each a code, or the first and the last
 * of a range. Sellers and carriers publish the same list (도서산간 우편번호); a bridge that is built takes a code out of it.
 */
const remoteCodes: readonly (readonly [number, number?])[] = [
  [22386, 22388], // Incheon, Jung-gu
  [23004, 23010], // Ganghwa
  [23100, 23116], // Ongjin
  [23124, 23136],
  [31708], // Dangjin
  [32133], // Taean
  [33411], // Boryeong
  [40200, 40240], // Ulleung
  [46768, 46771], // Busan, Gangseo-gu
  [52570, 52571], // Sacheon
  [53031, 53033], // Tongyeong
  [53089, 53104],
  [54000], // Gunsan
  [56347, 56349], // Buan
  [57068, 57069], // Yeonggwang
  [58760, 58762], // Mokpo
  [58800, 58810], // Sinan
  [58816, 58818],
  [58826],
  [58832],
  [58839, 58841],
  [58843, 58866],
  [58953, 58958], // Jindo
  [59102, 59103], // Wando
  [59106],
  [59127],
  [59129],
  [59137, 59145],
  [59149, 59170],
  [59421], // Boseong
  [59531], // Goheung
  [59551],
  [59563],
  [59568],
  [59650], // Yeosu
  [59766],
  [59781, 59790],
  [63000, 63644], // Jeju
]

/** Whether carriers charge more to go there; of other countries than Korea that is not known, and not so. */
export function isRemoteArea({ country, postalCode }: Pick<Address, 'country' | 'postalCode'>): boolean {
  if (country !== 'KR') return false
  const code = Number(postalCode)
  return remoteCodes.some(([first, last = first]) => code >= first && code <= last)
}
