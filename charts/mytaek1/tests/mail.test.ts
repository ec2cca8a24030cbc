/** Where mail goes: to a server, into the sink, or nowhere, and what is refused. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { find, podsOf, renderChart, renderText } from './helm.ts'

const server = ['mail.smtp.host=smtp.example.com', 'mail.from=shop@example.com']
const login = ['mail.smtp.user=shop', 'mail.smtp.existingSecret=smtp-login']

async function variables(...sets: string[]) {
  const pods = podsOf(await renderChart(...sets))
  const env = pods.get('Deployment/mytaek1-commerce')?.spec.containers[0]?.env ?? []
  return new Map(env.map((one) => [one.name, one]))
}

suite('mail', () => {
  test('without a server commerce is told of none, and there is no sink', async () => {
    const env = await variables()
    assert.deepEqual(
      [...env.keys()].filter((name) => /SMTP|MAIL/.test(name)),
      [],
    )
    assert.equal(podsOf(await renderChart()).has('Deployment/mytaek1-mail-sink'), false)
  })

  test('a server, and a password that comes of a Secret only', async () => {
    const env = await variables(...server, ...login)
    assert.equal(env.get('SMTP_HOST')?.value, 'smtp.example.com')
    assert.equal(env.get('SMTP_PORT')?.value, '587')
    assert.equal(env.get('SMTP_TLS')?.value, 'starttls')
    assert.deepEqual(env.get('SMTP_PASSWORD')?.valueFrom?.secretKeyRef, { name: 'smtp-login', key: 'password' })
  })

  test('the sink is a Pod of its own, which commerce sends to and the ingress shows', async () => {
    const objects = await renderChart('mail.sink.enabled=true', 'networkPolicy.enabled=true')
    assert.ok(podsOf(objects).has('Deployment/mytaek1-mail-sink'))
    assert.ok(find(objects, 'Service', 'mytaek1-mail-sink'))
    assert.match(JSON.stringify(find(objects, 'Ingress', 'mytaek1')), /"\/mail-sink"/)
    assert.match(JSON.stringify(find(objects, 'NetworkPolicy', 'mytaek1-mail-sink')), /2525/)
    assert.equal((await variables('mail.sink.enabled=true')).get('SMTP_HOST')?.value, 'mytaek1-mail-sink')
  })

  const wrong: [what: string, sets: string[], says: RegExp][] = [
    ['a server without a sender', [server[0] ?? ''], /mail\.from: say who mails are from/],
    ['a login without its Secret', [...server, login[0] ?? ''], /mail\.smtp\.user: needs existingSecret/],
    ['a password in the clear', [...server, ...login, 'mail.smtp.tls=none'], /mail\.smtp\.tls: none would send/],
    ['a server and the sink', [...server, 'mail.sink.enabled=true'], /mail\.sink: mails go either to/],
    ['a sender that is no address', ['mail.from=the shop'], /\/mail\/from/],
  ]
  for (const [what, sets, says] of wrong) test(`${what} is refused`, () => assert.rejects(renderText(...sets), says))
})
