import assert from 'node:assert/strict'

const base = '/api/commerce/v1'

/** An answer as a test looks at it. */
export interface Answer {
  status: number
  body: any // oxlint-disable-line typescript/no-explicit-any -- a test asserts on whatever came
  headers: Headers
}

/** Calls the API as one caller: keeps its access token and its cookies. */
export class ApiClient {
  readonly url: string
  token: string | undefined
  cookie: string | undefined

  constructor(url: string) {
    this.url = url
  }

  /** Sends JSON, or bytes with their content type. */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const bytes = body instanceof Uint8Array
    const answer = await fetch(
      this.url + (path.startsWith('/images') || path.startsWith('/internal') ? '' : base) + path,
      {
        method,
        headers: {
          ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
          ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
          ...(body === undefined || bytes ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : bytes ? Buffer.from(body) : JSON.stringify(body),
        signal: AbortSignal.timeout(60_000),
      },
    )
    const [setCookie] = answer.headers.getSetCookie()
    if (setCookie !== undefined) this.cookie = setCookie.split(';')[0]
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false
    return { status: answer.status, body: isJson ? JSON.parse(text) : text, headers: answer.headers }
  }

  get = (path: string, headers?: Record<string, string>) => this.call('GET', path, undefined, headers)
  post = (path: string, body?: unknown, headers?: Record<string, string>) => this.call('POST', path, body, headers)

  /** Calls and answers the body; fails the test when the status is another. */
  async expect(status: number, method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    const answer = await this.call(method, path, body, headers)
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
}
