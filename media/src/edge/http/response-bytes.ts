/**
 * The bytes of one response, ready to be written. Small ones are one piece; a large body that several responses share
 * stays where it is, and `rest` points to it: a copy for each slow reader would be memory without bound.
 */
export interface ResponseBytes {
  readonly first: Buffer // all of it, or the head
  readonly rest: Buffer | undefined // the body
  readonly length: number // of both
}

/** A response of a head, or of all in one piece, and maybe a body after it. */
export const responseBytes = (first: Buffer, rest?: Buffer): ResponseBytes => ({
  first,
  rest,
  length: first.length + (rest?.length ?? 0),
})
