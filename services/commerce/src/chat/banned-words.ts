/**
 * Finds words that a seller does not want, also where they are written so that a plain search misses them: with blanks,
 * signs or digits between the letters (시 발, 시1발), with characters that show nothing, in wide or small letters, or taken
 * apart (ㅅㅣㅂㅏㄹ). Both sides are made plain in the same way: NFKC, lower case, Hangul as its letters.
 *
 * Two rules keep other words free. A find begins and ends with whole characters: ㅅㅂ is not in 옷봐. And one that reaches
 * over a blank or a sign is whole words on both sides: 시발 is in "시 발", and not in "다시 발송".
 */

/** Words, made ready to be looked for. */
export type BannedWords = readonly string[]

/** A text as its letters, and which of them begin and end characters and words. */
interface PlainText {
  letters: string
  /** For each letter: which character and which word it is of. */
  characters: readonly number[]
  words: readonly number[]
}

// NFKC leaves consonants that end a syllable, and clusters, as letters of their own
const finals = 'ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ'
  .normalize('NFKD')
  .split(' ')
const firstFinal = 0x11a8
const clusters: ReadonlyMap<string, string> = new Map([
  ...finals.map((initials, index) => [String.fromCodePoint(firstFinal + index), initials] as const),
  ['\u1121', 'ㅂㅅ'.normalize('NFKD')], // ㅄ alone
])
const showsNothing = /[\p{Default_Ignorable_Code_Point}\u0300-\u036F]/u
const separates = /[^\p{L}\p{N}]/u
const digit = /\p{N}/u

/** Makes words ready; one that has no letter and no digit is nothing to look for. */
export function compileWords(words: readonly string[]): BannedWords {
  return [...new Set(words.map((word) => plain(word, false).letters))].filter((word) => word !== '')
}

/** Whether a text has one of the words. */
export function hasBannedWord(words: BannedWords, text: string): boolean {
  if (words.length === 0) return false
  const asWritten = plain(text, false)
  const withoutDigits = digit.test(text) ? plain(text, true) : undefined
  return words.some((word) => isIn(asWritten, word) || (withoutDigits !== undefined && isIn(withoutDigits, word)))
}

function isIn(text: PlainText, word: string): boolean {
  const { letters, characters, words } = text
  const begins = (at: number, of: readonly number[]) => of[at] !== of[at - 1]
  for (let at = letters.indexOf(word); at !== -1; at = letters.indexOf(word, at + 1)) {
    const end = at + word.length
    if (!begins(at, characters) || !begins(end, characters)) continue
    if (words[at] === words[end - 1] || (begins(at, words) && begins(end, words))) return true
  }
  return false
}

function plain(text: string, digitsSeparate: boolean): PlainText {
  let letters = ''
  let word = 0
  let character = 0
  const characters: number[] = []
  const words: number[] = []
  for (const one of text.normalize('NFKC').toLowerCase().normalize('NFKC')) {
    if (showsNothing.test(one)) continue
    if (separates.test(one) || (digitsSeparate && digit.test(one))) {
      word += 1
      continue
    }
    character += 1
    for (const letter of one.normalize('NFKD')) {
      if (showsNothing.test(letter)) continue
      const initials = clusters.get(letter) ?? letter
      letters += initials
      for (let unit = 0; unit < initials.length; unit += 1) {
        characters.push(character)
        words.push(word)
      }
    }
  }
  return { letters, characters, words }
}
