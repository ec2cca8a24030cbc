/**
 * Saves a text as a file of the visitor's: what comes with an access token has no address of its own. It begins with a byte
 * order mark, which the browser takes away from what it loads, and without which Excel garbles Korean.
 */
export function saveFile(name: string, text: string): void {
  const content = `\uFEFF${text.replace(/^\uFEFF/, '')}`
  const url = URL.createObjectURL(new Blob([content], { type: 'text/csv;charset=utf-8' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000) // the browser has begun to read it by then
}
