/** The browser's entry: draws the site and takes up the visitor's session. */
import { render } from 'preact'
import { resumeSession } from './api/session.ts'
import { App } from './app.tsx'
import { followLocale } from './i18n/translate.ts'
import { keepFocus } from './ui/keep-focus.ts'

followLocale()
keepFocus(document)
void resumeSession() // its failure leaves the visitor anonymous
const root = document.getElementById('app')
if (root) render(<App />, root)
