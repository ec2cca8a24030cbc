/**
 * Who is signed in. The access token lives in this page's memory only; the refresh cookie, which no script can read,
 * brings a new one.
 *   unknown    the page just loaded and a refresh is under way
 *   anonymous  no cookie, or the session ended
 *   signed in  an account and a token; the token is renewed when a call finds it (nearly) expired
 */
import { signal } from '@preact/signals'
import { call } from './http.ts'
import type { Account, Session } from './model.ts'
import { requestOf, type Answer, type Input, type Method, type PathOf } from './operation.ts'
import { ApiProblem } from './problem.ts'
import { serverNow } from './server-clock.ts'

const base = '/api/commerce/v1'
const hintKey = 'mytaek1.signed-in' // only says that asking for a refresh is worth a request; holds no secret
const earlyMs = 30_000 // renewed this long before its end, so that no call meets the end on its way

/** The account, null when anonymous, undefined while unknown. */
export const account = signal<Account | null | undefined>(undefined)

let session: Session | undefined
let refreshing: Promise<boolean> | undefined

/** Takes up the session of an earlier visit, if there is one. Call once at start. */
export async function resumeSession(): Promise<void> {
  if (localStorage.getItem(hintKey) === null) {
    account.value = null
    return
  }
  try {
    if (await refresh()) await readAccount()
  } catch {
    account.value ??= null // the service does not answer: browse as anonymous, sign in later
  }
}

/** Signs in; throws ApiProblem with code of the refusal. */
export async function signIn(body: { email: string; password: string }): Promise<void> {
  keep(await operate('post', `${base}/sessions`, { body }))
  await readAccount()
}

/** Signs out here and at the service; the page forgets the token even when the service does not answer. */
export async function signOut(): Promise<void> {
  const token = session?.accessToken
  forget()
  if (token === undefined) return
  await call({ ...requestOf('delete', `${base}/sessions/current`, {}), token, keepalive: true })
}

/** Calls an operation that anybody may. */
export async function operate<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  input: Input<M, P>,
): Promise<Answer<M, P>> {
  return (await call(requestOf(method, path, input))) as Answer<M, P> // the border: the documents vouch for the shape
}

/** Calls an operation as the signed-in account: renews the token when needed, once more on 401. */
export async function operateSignedIn<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  input: Input<M, P>,
): Promise<Answer<M, P>> {
  const request = requestOf(method, path, input)
  const nearlyOver = session !== undefined && Date.parse(session.expiresAt) - serverNow() < earlyMs
  if (session === undefined || nearlyOver) await refresh()
  try {
    return (await call({ ...request, token: session?.accessToken })) as Answer<M, P>
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 401 || !(await refresh())) throw error
    return (await call({ ...request, token: session?.accessToken })) as Answer<M, P>
  }
}

async function readAccount(): Promise<void> {
  account.value = await operateSignedIn('get', `${base}/accounts/me`, {})
}

/** Renews the token; false when the session has ended. One at a time in all tabs: the service takes each cookie once. */
function refresh(): Promise<boolean> {
  refreshing ??= inOneTab(async () => {
    try {
      keep(await operate('post', `${base}/sessions/refresh`, { keepalive: true }))
      return true
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status >= 500) throw error
      forget()
      return false
    }
  }).finally(() => {
    refreshing = undefined
  })
  return refreshing
}

function inOneTab(work: () => Promise<boolean>): Promise<boolean> {
  // Web Locks exist in secure contexts only; without them two tabs may meet, which costs a sign-in, nothing more.
  return 'locks' in navigator ? navigator.locks.request('mytaek1.refresh', work) : work()
}

function keep(next: Session): void {
  session = next
  localStorage.setItem(hintKey, '1')
}

function forget(): void {
  session = undefined
  account.value = null
  localStorage.removeItem(hintKey)
}
