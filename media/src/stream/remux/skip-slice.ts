/**
 * The data of a P slice whose every macroblock is skipped, in either entropy coding: the picture before, once more.
 *
 * @see ITU-T H.264 7.3.4 (slice data), 9.3.4.2 (encoding engine)
 */
import type { BitWriter } from './bit-writer.ts'

/** CAVLC: one run of skipped macroblocks. */
export function writeSkippedRun(out: BitWriter, macroblocks: number): void {
  out.unsignedGolomb(macroblocks)
  out.bit(1) // rbsp_stop_one_bit
}

/** The quantiser for which a skipped macroblock is what the context expects from the first one on. */
export const skipQp = 51

/** Of mb_skip_flag's first context at cabac_init_idc 0 and QP 51: m 23, n 33 (table 9-13), so 106 - 64. */
const firstState = 42
const lastState = 62
/** rangeTabLPS (table 9-44) from `firstState` on; the states below are never met. */
const rangeLps: readonly (readonly number[])[] = [
  [16, 20, 23, 27],
  [15, 19, 22, 25],
  [14, 18, 21, 24],
  [14, 17, 20, 23],
  [13, 16, 19, 22],
  [12, 15, 18, 21],
  [12, 14, 17, 20],
  [11, 14, 16, 19],
  [11, 13, 15, 18],
  [10, 12, 15, 17],
  [10, 12, 14, 16],
  [9, 11, 13, 15],
  [9, 11, 12, 14],
  [8, 10, 12, 14],
  [8, 9, 11, 13],
  [7, 9, 11, 12],
  [7, 9, 10, 12],
  [7, 8, 10, 11],
  [6, 8, 9, 11],
  [6, 7, 9, 10],
  [6, 7, 8, 9],
]

/**
 * CABAC: a flag and an end_of_slice_flag for each macroblock. The neighbours of each are skipped too, so all flags have one
 * context, and every bin is the likelier one: the interval only shrinks at its top, and what comes out is zeros until the end.
 */
export function writeSkippedCabac(out: BitWriter, macroblocks: number): void {
  while (!out.isAligned) out.bit(1) // cabac_alignment_one_bit
  let range = 510
  let state = firstState
  let isFirst = true
  const renormalize = () => {
    for (; range < 256; range *= 2) {
      if (!isFirst) out.bit(0)
      isFirst = false
    }
  }
  for (let left = macroblocks; left > 0; left -= 1) {
    range -= rangeLps[state - firstState]?.[(range >> 6) & 3] ?? 0
    state = Math.min(lastState, state + 1)
    renormalize()
    range -= 2
    if (left > 1) renormalize()
  }
  // The last macroblock ends the slice: the interval's low end moves for the first time, and is written out.
  let low = range
  range = 2
  for (; range < 256; range *= 2) {
    if (!isFirst) out.bit(low >> 9)
    isFirst = false
    low = (low & 0x1ff) << 1
  }
  out.bits(low >> 9, 1)
  out.bits(((low >> 7) & 3) | 1, 2) // its last bit is rbsp_stop_one_bit
}
