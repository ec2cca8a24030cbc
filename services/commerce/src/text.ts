import { z } from 'zod'

// Lines end at U+2028 and U+2029, too; C0 and C1 are controls; overrides make a text read as another (Unicode TR 36);
// who has a font for private characters, and for which, nobody knows.
const refused =
  /[\p{Cc}\p{Co}\p{Noncharacter_Code_Point}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFF9-\uFFFB]/u
// Default ignorable ones show nothing (zero width spaces, Hangul fillers, tags). Some shape what stands before them:
// joiners and selectors in emoji and in Indic, Persian and Mongolian writing, tags behind a black flag.
const ignorable = /\p{Default_Ignorable_Code_Point}/u
const shaping = /\p{Join_Control}|\p{Variation_Selector}|(?<=\u{1F3F4}[\u{E0020}-\u{E007E}]*)[\u{E0020}-\u{E007F}]/gu
// Braille's blank pattern is a symbol by category and shows nothing.
const visible = /(?!\u2800)[\p{L}\p{N}\p{P}\p{S}]/u
// The stream-safe format allows 30 (UAX 15); no writing stacks more than a few, and more reach into other lines.
const stacked = /\p{M}{9}/u

/**
 * One line that people read: names, titles, messages. Outer space cut, NFC; bounds in UTF-16 units.
 *
 * Refused are texts that show nothing or show themselves as another: see the rules above. Everything that people read
 * and other people wrote goes through here or `linesOfText`.
 */
export function lineOfText(min: number, max: number) {
  return bounded(min, max).check((context) => tell(context, faultOf(context.value)))
}

/** Text of several lines; tabs and line feeds are allowed, and what ends lines elsewhere becomes a line feed. */
export function linesOfText(min: number, max: number) {
  return bounded(min, max)
    .overwrite((text) => text.replaceAll(/\r\n?/g, '\n'))
    .check((context) => tell(context, faultOf(context.value.replaceAll(/[\t\n]/g, ' '))))
}

const bounded = (min: number, max: number) => z.string().trim().normalize('NFC').min(min).max(max)

function faultOf(text: string): string | undefined {
  if (!text.isWellFormed()) return 'must be well-formed Unicode: half of a surrogate pair stands alone'
  if (refused.test(text)) return 'must not have control, direction or private characters'
  if (ignorable.test(text.replaceAll(shaping, ''))) return 'must not have characters that show nothing'
  if (stacked.test(text)) return 'must not stack more than 8 marks on a character'
  if (text !== '' && !visible.test(text.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')))
    return 'must show something'
  return undefined
}

function tell(context: z.core.ParsePayload<string>, message: string | undefined): void {
  if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value })
}
