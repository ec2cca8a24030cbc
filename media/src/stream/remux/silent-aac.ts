/**
 * An AAC access unit of digital silence for any of the seven channel configurations: every channel has a window without a
 * single scale factor band (max_sfb 0), so there is nothing to code, whatever the sample rate and the frame length.
 *
 * @see ISO/IEC 14496-3 table 1.19 (channel configurations), 4.4.2.1 (raw_data_block), 4.4.2.7 (individual_channel_stream)
 */

type Element = 'single' | 'pair' | 'lfe'

const elementIds: Readonly<Record<Element, string>> = Object.freeze({ single: '000', pair: '001', lfe: '011' })
const endOfBlock = '111'

/** Which elements a channel configuration has, in their order: centre, front, side and back pairs, low frequencies. */
const layouts: Readonly<Record<number, readonly Element[]>> = Object.freeze({
  1: ['single'],
  2: ['pair'],
  3: ['single', 'pair'],
  4: ['single', 'pair', 'single'],
  5: ['single', 'pair', 'pair'],
  6: ['single', 'pair', 'pair', 'lfe'],
  7: ['single', 'pair', 'pair', 'pair', 'lfe'],
})

/** ics_info: 1 bit reserved, 2 for one long window, 1 for its sine shape, 6 of max_sfb 0, 1 for no prediction. */
const icsInfo = '00000000000'
/** global_gain 0; ics_info where it is not shared; no pulses, no noise shaping, no gain control. */
const channelStream = (ownInfo: string) => '00000000' + ownInfo + '000'

/** @returns one access unit; undefined for a layout that the configuration's number does not tell. */
export function silentAac(channelConfiguration: number): Buffer | undefined {
  const layout = layouts[channelConfiguration]
  if (layout === undefined) return undefined
  const seen: Record<Element, number> = { single: 0, pair: 0, lfe: 0 }
  let bits = ''
  for (const element of layout) {
    const instanceTag = seen[element].toString(2).padStart(4, '0')
    seen[element] += 1
    bits += elementIds[element] + instanceTag
    // A pair shares one ics_info (common_window 1, ms_mask_present 0).
    if (element === 'pair') bits += '1' + icsInfo + '00' + channelStream('') + channelStream('')
    else bits += channelStream(icsInfo)
  }
  bits += endOfBlock
  const bytes = bits.match(/.{1,8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)))
}
