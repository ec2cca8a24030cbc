/**
 * What is compared when products are searched for. Pure.
 *
 * Case, width, composition and everything but letters and digits are taken away, from names and from what is searched for:
 * "여름 원피스" is found by "여름원피스" and the other way round. Of a word that is still being typed the last syllable may be
 * unfinished, and an input method may have given its next consonant to the syllable before: "원피ㅅ", "원피" and "원핏" all
 * find "원피스". A word of consonants alone is compared with the initial ones of the syllables: "ㅇㅍㅅ".
 */
const nameCharacters = 200 // as compared; a compatibility character may stand for many
const words = { most: 6, characters: 30 }
const lookupsMost = 12

const last = '\u{10FFFF}' // sorts behind every character
const syllables = { first: 0xac00, end: 0xd7a4, ofInitial: 588, ofVowel: 28 }
const initials = { first: 0x1100, count: 19 }
// By the number of a final consonant: what stays of it when its last letter begins the next syllable, and that letter's number
// as an initial one (Unicode 3.12, conjoining jamo).
const finals: readonly (readonly [stays: number, initial: number] | undefined)[] = [
  undefined,
  [0, 0],
  [0, 1],
  [1, 9],
  [0, 2],
  [4, 12],
  [4, 18],
  [0, 3],
  [0, 5],
  [8, 0],
  [8, 6],
  [8, 7],
  [8, 9],
  [8, 16],
  [8, 17],
  [8, 18],
  [0, 6],
  [0, 7],
  [17, 9],
  [0, 9],
  [0, 10],
  [0, 11],
  [0, 12],
  [0, 14],
  [0, 15],
  [0, 16],
  [0, 17],
  [0, 18],
]

/** Grams from one to another, both included. */
export interface GramRange {
  from: string
  to: string
}

/** What a search asks for. */
export interface Wanted {
  /** What all that is found matches: expressions over `searchTextOf`, in the syntax that PCRE and JavaScript share. */
  patterns: string[]
  /** What is found has a gram of each; the caller looks up the rarest. Empty: nothing is found. */
  lookups: GramRange[][]
}

/** What a name is found by: all its characters without a gap, and after a space the initial consonants of its syllables. */
export function searchTextOf(name: string): string {
  const characters = Array.from(wordsOf(name).join('')).slice(0, nameCharacters)
  return [characters.join(''), characters.map(initialOf).join('')].filter((part) => part !== '').join(' ')
}

/** Every character of a text with the one behind it, each once. */
export function gramsOf(text: string): Set<string> {
  const found = new Set<string>()
  for (const part of text.split(' ')) {
    const characters = Array.from(part)
    for (const [index, character] of characters.entries()) found.add(character + (characters[index + 1] ?? ''))
  }
  return found
}

/** What somebody searches for, as compared: words that differ in nothing that counts are equal. */
export function queryWordsOf(query: string): string[] {
  return wordsOf(query)
    .slice(0, words.most)
    .map((word) => Array.from(word).slice(0, words.characters).join(''))
}

/** What the words of a search ask for: all of them are to be in a name, in any order. */
export function wantedOf(queryWords: readonly string[]): Wanted {
  const wanted: Wanted = { patterns: [], lookups: [] }
  for (const word of queryWords) {
    const characters = Array.from(word)
    const ends = characters.every(isInitial) ? [exactly(characters.at(-1) ?? '')] : endsOf(characters.at(-1) ?? '')
    const before = characters.slice(0, -1)
    wanted.patterns.push(`${before.join('')}(?:${ends.map(({ pattern }) => pattern).join('|')})`)
    for (const [index, character] of before.slice(0, -1).entries()) {
      const gram = `${character}${before[index + 1]}`
      wanted.lookups.push([{ from: gram, to: gram }])
    }
    const lead = before.at(-1)
    wanted.lookups.push(
      lead === undefined
        ? ends.map(({ from, to }) => ({ from, to: to + last }))
        : ends.map(({ from, to }) => ({ from: lead + from, to: lead + to })),
    )
  }
  return { ...wanted, lookups: wanted.lookups.slice(0, lookupsMost) }
}

interface End extends GramRange {
  pattern: string
}

const exactly = (character: string): End => ({ pattern: character, from: character, to: character })
const between = (from: number, to: number): End => {
  const [first, final] = [String.fromCodePoint(from), String.fromCodePoint(to)]
  return { pattern: `[${first}-${final}]`, from: first, to: final }
}

/** What the last character of a word may become when its writer goes on; `from` and `to` of the first character of it. */
function endsOf(character: string): End[] {
  if (isInitial(character)) return [exactly(character), beginning(codeOf(character) - initials.first)]
  if (!isSyllable(character)) return [exactly(character)]
  const code = codeOf(character)
  const final = (code - syllables.first) % syllables.ofVowel
  if (final === 0) return [between(code, code + syllables.ofVowel - 1)]
  const moved = finals[final]
  if (moved === undefined) return [exactly(character)]
  const [stays, initial] = moved
  const open = String.fromCodePoint(code - final + stays)
  return [exactly(character), { pattern: open + beginning(initial).pattern, from: open, to: open }]
}

// All syllables that begin with a consonant.
function beginning(initial: number): End {
  const from = syllables.first + initial * syllables.ofInitial
  return between(from, from + syllables.ofInitial - 1)
}

const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .match(/[\p{L}\p{N}\p{M}]+/gu) ?? []

const codeOf = (character: string) => character.codePointAt(0) ?? 0
const isSyllable = (character: string) => codeOf(character) >= syllables.first && codeOf(character) < syllables.end
const isInitial = (character: string) =>
  codeOf(character) >= initials.first && codeOf(character) < initials.first + initials.count

function initialOf(character: string): string {
  if (!isSyllable(character)) return ''
  const number = Math.floor((codeOf(character) - syllables.first) / syllables.ofInitial)
  return String.fromCodePoint(initials.first + number)
}
