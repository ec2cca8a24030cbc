/** Who speaks the PROXY protocol to ingest: what is told to its Pods, and that load balancer and Pods agree. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { chartFolder, find, objectsOf, podsOf, renderValues, type Rendered } from './helm.ts'

const trusted = (objects: readonly Rendered[]) =>
  podsOf(objects)
    .get('Deployment/mytaek1-ingest')
    ?.spec.containers[0]?.env.find(({ name }) => name === 'RTMP_TRUSTED_PROXIES')?.value

test('as delivered nobody is trusted, and blocks of addresses reach ingest alone', async () => {
  assert.equal(trusted(objectsOf(await renderValues({}))), undefined)
  const trustedProxies = ['10.0.0.0/16', '2001:db8::/32']
  const text = await renderValues({ ingest: { proxyProtocol: { trustedProxies } } })
  assert.equal(trusted(objectsOf(text)), '10.0.0.0/16,2001:db8::/32')
  assert.equal(text.match(/RTMP_TRUSTED_PROXIES/g)?.length, 1)
})

test('an address without a prefix is refused by its place', async () => {
  await assert.rejects(
    renderValues({ ingest: { proxyProtocol: { trustedProxies: ['10.0.0.1'] } } }),
    /\/ingest\/proxyProtocol\/trustedProxies\/0'/,
  )
})

test('on EKS the load balancer writes the header, from addresses of its own, and ingest reads it', async () => {
  const values = z.looseObject({}).parse(parse(await readFile(path.join(chartFolder, 'values-eks.yaml'), 'utf8')))
  const objects = objectsOf(await renderValues(values))
  const prefix = 'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes'
  const attributes = (service: string) =>
    find(objects, 'Service', service).metadata.annotations[prefix]?.split(',') ?? []
  assert.ok(attributes('mytaek1-rtmp').includes('proxy_protocol_v2.enabled=true'))
  assert.ok(attributes('mytaek1-rtmp').includes('preserve_client_ip.enabled=false'))
  // health checks begin with the header, which the admin port does not know
  const { annotations } = find(objects, 'Service', 'mytaek1-rtmp').metadata
  const check = (what: string) => annotations[`service.beta.kubernetes.io/aws-load-balancer-healthcheck-${what}`]
  assert.deepEqual([check('protocol'), check('port'), check('path')], ['TCP', 'traffic-port', undefined])
  assert.match(trusted(objects) ?? '', /^[\d.]+\/\d+$/)
})
