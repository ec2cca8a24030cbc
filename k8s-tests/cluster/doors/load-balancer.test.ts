import assert from 'node:assert/strict'
import test from 'node:test'
import { assignAddresses, type LoadBalancerService, loadBalancerServices, targetOf } from './load-balancer.ts'

const range = ['10.0.0.1', '10.0.0.2', '10.0.0.3']

const service = (name: string, more: Partial<LoadBalancerService> = {}): LoadBalancerService => ({
  namespace: 'default',
  name,
  createdAt: '2026-01-01T00:00:00Z',
  ports: [80],
  ...more,
})

test('the oldest Service gets the first address', () => {
  const assigned = assignAddresses([service('young', { createdAt: '2026-01-02T00:00:00Z' }), service('old')], range)
  assert.deepEqual(
    assigned.map(({ name, address }) => [name, address]),
    [
      ['old', '10.0.0.1'],
      ['young', '10.0.0.2'],
    ],
  )
})

test('an address once given is kept and not given again', () => {
  const assigned = assignAddresses(
    [service('new', { createdAt: '2025-01-01T00:00:00Z' }), service('kept', { address: '10.0.0.1' })],
    range,
  )
  assert.deepEqual(assigned, [{ namespace: 'default', name: 'new', address: '10.0.0.2' }])
})

test('an address of another range is replaced', () => {
  assert.deepEqual(assignAddresses([service('moved', { address: '192.168.0.9' })], range), [
    { namespace: 'default', name: 'moved', address: '10.0.0.1' },
  ])
})

test('of two Services with the same address the older keeps it', () => {
  const [assigned] = assignAddresses(
    [service('b', { address: '10.0.0.1', createdAt: '2026-01-02T00:00:00Z' }), service('a', { address: '10.0.0.1' })],
    range,
  )
  assert.deepEqual(assigned, { namespace: 'default', name: 'b', address: '10.0.0.2' })
})

test('a used-up range leaves the youngest waiting', () => {
  assert.deepEqual(assignAddresses([service('a', { address: '10.0.0.1' }), service('b')], ['10.0.0.1']), [])
})

test('only Services of type LoadBalancer without a class of their own are served', () => {
  const metadata = { namespace: 'default', name: 'x', creationTimestamp: '2026-01-01T00:00:00Z' }
  const ports = [{ port: 80 }, { port: 53, protocol: 'UDP' }]
  const list = {
    items: [
      { metadata, spec: { type: 'ClusterIP', ports } },
      { metadata, spec: { type: 'LoadBalancer', loadBalancerClass: 'other', ports } },
      { metadata, spec: { type: 'LoadBalancer', ports }, status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } } },
    ],
  }
  assert.deepEqual(loadBalancerServices(list), [service('x', { address: '10.0.0.1' })])
})

test('a door leads to the oldest Service that has its port and an address', () => {
  const services = [
    service('no-address', { ports: [1935] }),
    service('rtmp', { ports: [1935, 1936], address: '10.0.0.2', createdAt: '2026-01-02T00:00:00Z' }),
    service('web', { ports: [80], address: '10.0.0.1' }),
  ]
  assert.deepEqual(targetOf(1935, services), { address: '10.0.0.2', port: 1935 })
  assert.equal(targetOf(443, services), undefined)
})
