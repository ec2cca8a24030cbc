/** A cloud's web-identity endpoint on loopback (STS, AssumeRoleWithWebIdentity): keys of the run's S3 server for a token. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

/** What it was asked for. */
export interface Asked {
  action: string | null
  role: string | null
  token: string | null
}

/** A running one. */
export interface TokenService {
  url: string
  asked: readonly Asked[]
  stop(): Promise<void>
}

/**
 * Starts one that knows some tokens, and gives for each keys that live so many seconds.
 *
 * @param lifeSeconds by token; another token is refused as a cloud refuses it.
 * @param session what the keys are good with only; versitygw knows no sessions and refuses requests that name one.
 */
export async function startTokenService(
  lifeSeconds: Readonly<Record<string, number>>,
  session?: string,
): Promise<TokenService> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const form = new URLSearchParams(body)
      const token = form.get('WebIdentityToken')
      asked.push({ action: form.get('Action'), role: form.get('RoleArn'), token })
      const life = lifeSeconds[token ?? '']
      response.writeHead(life === undefined ? 403 : 200, { 'content-type': 'text/xml' })
      response.end(life === undefined ? refusal : grant(new Date(Date.now() + life * 1_000), session))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const refusal = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>
<Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error><RequestId>1</RequestId></ErrorResponse>`

const grant = (
  expires: Date,
  session: string | undefined,
) => `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>test</AccessKeyId><SecretAccessKey>test-secret</SecretAccessKey>
${session === undefined ? '' : `<SessionToken>${session}</SessionToken>`}<Expiration>${expires.toISOString()}</Expiration></Credentials>
<AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/shop/pod</Arn><AssumedRoleId>A:pod</AssumedRoleId></AssumedRoleUser>
</AssumeRoleWithWebIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>`
