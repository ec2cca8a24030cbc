import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import test from 'node:test'
import { assertDoorsFree, PortTakenError } from './forward.ts'
import { BadSettingsError, readPorts } from '../host/settings.ts'

test('without variables the doors are at their usual ports', () => {
  assert.deepEqual(readPorts({}), { http: 8080, https: 8443, rtmp: 1935, rtmps: 1936 })
})

test('a variable moves one door', () => {
  assert.equal(readPorts({ MYTAEK1_RTMP_PORT: '2935' }).rtmp, 2935)
})

test('every bad port is named with its variable', () => {
  assert.throws(
    () => readPorts({ MYTAEK1_HTTP_PORT: 'eighty', MYTAEK1_RTMP_PORT: '70000' }),
    (error) =>
      error instanceof BadSettingsError &&
      /MYTAEK1_HTTP_PORT=eighty/.test(error.message) &&
      /MYTAEK1_RTMP_PORT=70000/.test(error.message),
  )
})

test('two doors cannot share a port', () => {
  assert.throws(
    () => readPorts({ MYTAEK1_HTTPS_PORT: '8080' }),
    /MYTAEK1_HTTPS_PORT and MYTAEK1_HTTP_PORT are both 8080/,
  )
})

test('a taken port is told by its number and by the variable that moves it', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.after(() => other.close())
  await once(other, 'listening')
  const address = other.address()
  assert.ok(address !== null && typeof address !== 'string')
  const ports = { http: address.port, https: 0, rtmp: 0, rtmps: 0 }
  await assert.rejects(assertDoorsFree(ports), (error) => {
    assert.ok(error instanceof PortTakenError)
    assert.match(error.message, new RegExp(`port ${address.port} of 127\\.0\\.0\\.1 .*MYTAEK1_HTTP_PORT`))
    return true
  })
})
