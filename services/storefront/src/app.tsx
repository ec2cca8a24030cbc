import { useEffect } from 'preact/hooks'
import { Link, Redirect, Route, Switch, useLocation } from 'wouter-preact'
import { setMailLocale } from './api/commerce.ts'
import { account, signOut } from './api/session.ts'
import { locale, t, toggleLocale } from './i18n/translate.ts'
import { HomePage } from './shop/home-page.tsx'
import { testIds } from './testing/test-ids.ts'
import { ErrorBoundary } from './ui/error-boundary.tsx'
import { lazyPage } from './ui/lazy-page.tsx'

// The list is what most visits begin with; everything else is loaded when it is gone to.
const AccountPage = lazyPage(() => import('./accounts/account-page.tsx').then((module) => module.AccountPage))
const WatchPage = lazyPage(() => import('./watch/watch-page.tsx').then((module) => module.WatchPage))
const OrdersPage = lazyPage(() => import('./shop/orders-page.tsx').then((module) => module.OrdersPage))
const ReceiptPage = lazyPage(() => import('./shop/receipt-page.tsx').then((module) => module.ReceiptPage))
const AdminPage = lazyPage(() => import('./admin/admin-page.tsx').then((module) => module.AdminPage))
const PayPage = lazyPage(() => import('./shop/pay-page.tsx').then((module) => module.PayPage))
const SecurityPage = lazyPage(() => import('./accounts/security-page.tsx').then((module) => module.SecurityPage))
const BarredPage = lazyPage(() => import('./studio/barred-page.tsx').then((module) => module.BarredPage))
const ChatPage = lazyPage(() => import('./studio/chat-page.tsx').then((module) => module.ChatPage))
const ReportPage = lazyPage(() => import('./studio/report-page.tsx').then((module) => module.ReportPage))
const OrdersDesk = lazyPage(() => import('./studio/orders-desk.tsx').then((module) => module.OrdersDesk))
const ForgotPage = lazyPage(() => import('./accounts/forgot-page.tsx').then((module) => module.ForgotPage))
const ResetPage = lazyPage(() => import('./accounts/reset-page.tsx').then((module) => module.ResetPage))
const VerifyPage = lazyPage(() => import('./accounts/verify-page.tsx').then((module) => module.VerifyPage))
const MailStopPage = lazyPage(() => import('./accounts/mail-stop-page.tsx').then((module) => module.MailStopPage))
const CataloguePages = lazyPage(() => import('./shop/catalogue-pages.tsx').then((module) => module.CataloguePages))
const StudioPage = lazyPage(() => import('./studio/studio-page.tsx').then((module) => module.StudioPage))

/** The whole site: header, and the page that the address names. */
export function App() {
  const [path] = useLocation()
  const watching = path.startsWith('/watch/')
  useEffect(() => {
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', watching ? '#000000' : '#ffffff')
  }, [watching])
  return (
    <div class={`site ${watching ? 'site-dark' : ''}`}>
      <a class="skip-link" href="#content">
        {t('site.skip')}
      </a>
      <Header />
      <main id="content" tabIndex={-1}>
        <ErrorBoundary key={path}>
          <Switch>
            <Route path="/" component={HomePage} />
            <Route path="/watch/:id">{({ id }) => <WatchPage key={id} id={id} />}</Route>
            <Route path="/products/:id">{({ id }) => <CataloguePages products={id} />}</Route>
            <Route path="/sellers/:id">{({ id }) => <CataloguePages sellers={id} />}</Route>
            <Route path="/search">{() => <CataloguePages />}</Route>
            <Route path="/orders">{() => <OrdersPage />}</Route>
            <Route path="/orders/:id/receipt">{({ id }) => <ReceiptPage id={id} />}</Route>
            <Route path="/admin">{() => <AdminPage />}</Route>
            <Route path="/pay/:id">{({ id }) => <PayPage key={id} id={id} />}</Route>
            <Route path="/studio">{() => <StudioPage />}</Route>
            <Route path="/studio/orders">{() => <OrdersDesk />}</Route>
            <Route path="/studio/report/:id">{({ id }) => <ReportPage key={id} id={id} />}</Route>
            <Route path="/studio/chat">{() => <ChatPage />}</Route>
            <Route path="/studio/barred">{() => <BarredPage />}</Route>
            <Route path="/account/forgot">{() => <ForgotPage />}</Route>
            <Route path="/account/reset">{() => <ResetPage />}</Route>
            <Route path="/account/verify">{() => <VerifyPage />}</Route>
            <Route path="/account/mail-stop">{() => <MailStopPage />}</Route>
            <Route path="/account">{() => <SecurityPage />}</Route>
            <Route path="/sign-in">{() => <AccountPage start="signIn" />}</Route>
            <Route path="/sign-up">{() => <AccountPage start="signUp" />}</Route>
            <Route path="/index.html">{() => <Redirect to="/" replace />}</Route>
            <Route>{() => <p class="panel narrow">{t('site.notFound')}</p>}</Route>
          </Switch>
        </ErrorBoundary>
      </main>
    </div>
  )
}

// Mails follow the page's language; when that cannot be said now, they stay in the one before.
function changeLanguage() {
  const other = locale.value === 'ko' ? 'en' : 'ko'
  toggleLocale()
  if (account.value) setMailLocale(other).catch(() => undefined)
}

function Header() {
  return (
    <header class="header">
      <Link href="/" class="logo" aria-label="MyTaek1">
        <img src="/favicon.svg" alt="" width={28} height={28} />
        <span>MyTaek1</span>
      </Link>
      <nav class="nav" aria-label={t('nav.main')}>
        <NavLink href="/" text={t('nav.live')} />
        <NavLink href="/search" text={t('nav.search')} />
        <NavLink href="/orders" text={t('nav.orders')} />
        <NavLink href="/studio" text={t('nav.studio')} />
        {account.value?.role === 'admin' && <NavLink href="/admin" text={t('nav.admin')} />}
      </nav>
      <div class="header-end">
        <button
          type="button"
          class="button button-quiet language"
          aria-label={t('site.language')}
          data-testid={testIds.languageToggle}
          onClick={changeLanguage}
        >
          {t('site.languageShort')}
        </button>
        <AccountCorner />
      </div>
    </header>
  )
}

function NavLink({ href, text }: { href: string; text: string }) {
  const [path] = useLocation()
  return (
    <Link href={href} class="nav-link" aria-current={path === href ? 'page' : undefined}>
      {text}
    </Link>
  )
}

function AccountCorner() {
  if (account.value === undefined) return null
  if (account.value === null) {
    return (
      <Link href="/sign-in" class="button button-small">
        {t('nav.signIn')}
      </Link>
    )
  }
  const leave = () => {
    signOut().catch(() => undefined) // forgotten here either way; the session ends by itself at the service
  }
  return (
    <>
      <Link href="/account" class="account-name" data-testid={testIds.accountName}>
        {account.value.displayName}
      </Link>
      <button type="button" class="button button-quiet" data-testid={testIds.signOut} onClick={leave}>
        {t('nav.signOut')}
      </button>
    </>
  )
}
