import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

// For people to say: whether a video needs captions (live ones are not taken yet, WCAG 1.2.4). That it begins without sound
// axe reads from an attribute, which says nothing: layout.browser.test.ts looks at the video itself.
const forPeople = ['video-caption', 'no-autoplay-audio']
const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * Faults against WCAG 2.2 AA that axe finds on the page as it is, and what it could not decide, each with the page's name and
 * the element. Over a picture nobody can say what a text's contrast is: so it is asked for over white and over black.
 */
export async function faultsOf(page: Page, name: string): Promise<string[]> {
  const over = (await page.locator('.stage').count()) > 0 ? ['#fff', '#000'] : ['']
  const faults: string[] = []
  for (const colour of over) faults.push(...(await askAxe(page, `${name} ${colour}`.trim(), colour)))
  return [...new Set(faults)]
}

const whyOf = (checks: readonly { message?: string }[]) => checks.map(({ message = '' }) => message).join('; ')

async function askAxe(page: Page, name: string, colour: string): Promise<string[]> {
  await page.evaluate(axe.source)
  await page.evaluate((paint) => {
    for (const picture of document.querySelectorAll<HTMLElement>('.stage')) {
      picture.style.background = paint
    }
    document.querySelector('.sheet')?.scrollTo(0, 0) // what is half scrolled away is no question of colours
    // nor is a colour half on its way, or one that sets out while axe reads: a page behind another is painted no frames, and
    // stays at a transition's beginning
    for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish()
    const still = new CSSStyleSheet()
    still.replaceSync('*, ::before, ::after { transition: none !important }')
    document.adoptedStyleSheets = [still]
    for (const each of document.querySelectorAll<HTMLElement>('video, .stage-poster')) each.style.visibility = 'hidden'
  }, colour)
  const options = { runOnly, rules: Object.fromEntries(forPeople.map((id) => [id, { enabled: false }])) }
  const answer: AxeResults = await page.evaluate(`axe.run(${JSON.stringify(options)})`)
  await page.evaluate(() => {
    for (const each of document.querySelectorAll<HTMLElement>('.stage, video, .stage-poster'))
      each.removeAttribute('style')
    document.adoptedStyleSheets = []
  })
  return [...answer.violations, ...answer.incomplete].map(
    ({ id, nodes }) =>
      `${name}: ${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 160)} ${whyOf(any)}`).join(' | ')}`,
  )
}
