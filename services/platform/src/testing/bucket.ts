/** A bucket of a test's own, on the run's shared S3 server (TEST_S3_ENDPOINT). */
import { randomBytes } from 'node:crypto'
import type { ObjectStoreConfig } from '../object-store.ts'

/** Where it is; it is made when a first file is written. */
export function testBucket(): ObjectStoreConfig {
  const endpoint = process.env.TEST_S3_ENDPOINT
  if (endpoint === undefined)
    throw new Error('TEST_S3_ENDPOINT is not set: node k8s-tests/run-tests.ts starts a server')
  const bucket = `test-${randomBytes(6).toString('hex')}`
  return { endpoint, region: 'us-east-1', bucket, keys: { accessKeyId: 'test', secretAccessKey: 'test-secret' } }
}
