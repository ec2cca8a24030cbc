/**
 * Who is signed in. The access token lives in this page's memory only; the refresh cookie, which no script can read and all
 * tabs share, brings a new one.
 *   unknown    the page just loaded and a refresh is under way; a service that does not answer is asked again
 *   anonymous  no cookie, or the service said that the session ended (401); no other answer says so
 *   signed in  an account and a token; the token is renewed when a call finds it (nearly) expired
 *
 * Another tab may sign out, or in as somebody else: then this one follows (the `storage` event of `hintKey`), and what was
 * begun as one account is never sent as another.
 */
import { signal } from '@preact/signals'
import { call } from './http.ts'
import type { Account, Session } from './model.ts'
import { requestOf, type Answer, type Input, type Method, type PathOf } from './operation.ts'
import { ApiProblem } from './problem.ts'
import { serverNow } from './server-clock.ts'

const base = '/api/commerce/v1'
const hintKey = 'mytaek1.signed-in' // the account's id: asking for a refresh is worth a request; holds no secret
const firstAgainMs = 1_000
const longestAgainMs = 15_000
const earlyMs = 30_000 // renewed this long before its end, so that no call meets the end on its way

/** The account, null when anonymous, undefined while unknown. */
export const account = signal<Account | null | undefined>(undefined)

let session: Session | undefined
let refreshing: Promise<boolean> | undefined

/** Takes up the session of an earlier visit, if there is one, and follows the other tabs. Call once at start. */
export async function resumeSession(): Promise<void> {
  addEventListener('storage', ({ key, newValue }) => {
    if (key === hintKey && newValue !== account.value?.id) void followOtherTab(newValue) // it never rejects
  })
  await resume()
}

async function followOtherTab(id: string | null): Promise<void> {
  session = undefined
  account.value = id === null ? null : undefined
  if (id !== null) await resume()
}

/** Asks until the service says whether there is a session: that it does not answer is no reason to be somebody else. */
async function resume(): Promise<void> {
  for (
    let pauseMs = firstAgainMs;
    localStorage.getItem(hintKey) !== null;
    pauseMs = Math.min(2 * pauseMs, longestAgainMs)
  ) {
    try {
      if (await refresh()) await readAccount()
      return
    } catch {
      if (account.value !== undefined) return // signed in or out meanwhile
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.75 + Math.random() / 2)))
    }
  }
  account.value ??= null
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
  if (session === undefined || nearlyOver) await renew()
  try {
    return (await call({ ...request, token: session?.accessToken })) as Answer<M, P>
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 401 || !(await renew())) throw error
    return (await call({ ...request, token: session?.accessToken })) as Answer<M, P>
  }
}

async function readAccount(): Promise<void> {
  const token = session?.accessToken
  const read = await call({ ...requestOf('get', `${base}/accounts/me`, {}), token })
  account.value = read as Account // the border: the documents vouch for the shape
  localStorage.setItem(hintKey, account.value.id)
}

/** @throws {ApiProblem} `session_ended`: the cookie is somebody else's now, because another tab signed in as them. */
async function renew(): Promise<boolean> {
  const before = account.value?.id
  if (!(await refresh())) return false
  if (before === undefined) return true
  await readAccount()
  if (account.value?.id === before) return true
  throw new ApiProblem({ status: 401, code: 'session_ended', title: 'Another account is signed in now' })
}

/** Renews the token; false when the session has ended. One at a time in all tabs: the service takes each cookie once. */
function refresh(): Promise<boolean> {
  refreshing ??= inOneTab(async () => {
    try {
      keep(await operate('post', `${base}/sessions/refresh`, { keepalive: true }))
      return true
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error
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
}

function forget(): void {
  session = undefined
  account.value = null
  localStorage.removeItem(hintKey)
}
