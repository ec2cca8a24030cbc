import { Component, type ComponentChildren } from 'preact'
import { t } from '../i18n/translate.ts'

/** Shows a way on where what it holds cannot be drawn: an exception takes no more than its page. */
export class ErrorBoundary extends Component<{ children: ComponentChildren }, { broken: boolean }> {
  override state = { broken: false }

  static override getDerivedStateFromError() {
    return { broken: true }
  }

  override componentDidCatch(error: unknown): void {
    reportError(error) // as if nobody had caught it: tests, and whoever looks at the console, see it
  }

  override render() {
    if (!this.state.broken) return this.props.children
    return (
      <p class="panel narrow" role="alert">
        {t('site.broken')}{' '}
        <button type="button" class="link-button" onClick={() => location.reload()}>
          {t('site.reload')}
        </button>
      </p>
    )
  }
}
