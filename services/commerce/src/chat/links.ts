/**
 * Whether a text has what people would follow: an address with its scheme, `www.`, or a name that ends as web addresses do.
 * Not every name with a dot in it: "5.5kg" and "좋아요.네" are none.
 */
export function hasLink(text: string): boolean {
  return scheme.test(text) || named.test(text.normalize('NFKC').toLowerCase().replaceAll(ignorable, ''))
}

const ignorable = /\p{Default_Ignorable_Code_Point}/gu
const scheme = /\b(?:https?|kakaotalk|intent):\/\/|\bwww\./iu
const endings =
  'com|net|org|kr|io|me|gg|gl|gy|ly|to|tv|co|cc|us|jp|cn|vn|ru|in|app|dev|biz|info|shop|store|mall|site|link|live|online|page|click|top|xyz'
const named = new RegExp(String.raw`[\p{L}\p{N}-][.。](?:${endings})(?![\p{L}\p{N}])`, 'u')
