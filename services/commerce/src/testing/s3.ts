import { existsSync } from 'node:fs'
import { after } from 'node:test'
import { startS3 } from '@mytaek1/platform/testing/parts.ts'

/** Where the test's S3 is. */
export interface TestS3 {
  endpoint: string
  accessKeyId: string
  secretAccessKey: string
}

/** The run's S3 server (TEST_S3_ENDPOINT), or one started for this file from the binary in TEST_S3_BINARY. */
export async function testS3(): Promise<TestS3> {
  const keys = { accessKeyId: 'test', secretAccessKey: 'test-secret' }
  if (process.env.TEST_S3_ENDPOINT) return { endpoint: process.env.TEST_S3_ENDPOINT, ...keys }
  const binary = process.env.TEST_S3_BINARY
  // tests that store nothing run without; one that does fails on connecting
  if (binary === undefined || !existsSync(binary)) return { endpoint: 'http://127.0.0.1:9', ...keys }
  const own = await startS3({ binary })
  after(() => own.stop())
  return { endpoint: own.url, ...keys }
}
