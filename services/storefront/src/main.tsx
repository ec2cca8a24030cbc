/** The browser's entry: draws the site in the visitor's language and takes up the visitor's session. */
import { render } from 'preact'
import { resumeSession } from './api/session.ts'
import { App } from './app.tsx'
import { watchPage } from './beacon/watch-page.ts'
import { followLocale, loadLocale } from './i18n/translate.ts'
import { keepFocus } from './ui/keep-focus.ts'

watchPage()
followLocale()
keepFocus(document)
void resumeSession() // its failure leaves the visitor anonymous
const root = document.getElementById('app')
loadLocale().then(
  () => root && render(<App />, root),
  // a file of this deployment that did not come: without its texts a page can say this only
  () => root?.append('새로 고침해 주세요. Please load the page again.'),
)
