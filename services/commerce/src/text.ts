import { z } from 'zod'

// C0 and C1 controls, and the bidirectional overrides that make a name read as another (Unicode TR 36).
// oxlint-disable-next-line no-control-regex -- refusing them is the point
const forbidden = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/
// oxlint-disable-next-line no-control-regex
const forbiddenInText = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/

/** One line that people read: outer space cut, NFC, no control characters; bounds in characters. */
export function lineOfText(min: number, max: number) {
  return bounded(min, max).refine((text) => !forbidden.test(text), 'must not have control characters')
}

/** Text of several lines; tabs and line feeds are allowed. */
export function linesOfText(min: number, max: number) {
  return bounded(min, max).refine((text) => !forbiddenInText.test(text), 'must not have control characters')
}

const bounded = (min: number, max: number) => z.string().trim().normalize('NFC').min(min).max(max)
