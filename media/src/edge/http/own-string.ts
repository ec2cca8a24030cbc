/**
 * A copy of `text` that stands alone. What is cut out of a received text keeps all of that text in memory: a name of
 * twenty characters as a Map's key would hold 64 KiB.
 *
 * @param text characters up to U+00FF, as heads have them.
 */
export const ownString = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')
