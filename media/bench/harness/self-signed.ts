import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A certificate for localhost, of our own making, and its key: paths of files in `folder`. Needs openssl. */
export async function selfSigned(folder: string): Promise<{ certificate: string; key: string }> {
  const made = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
  const files = ['-keyout', made.key, '-out', made.certificate]
  const about = ['-days', '2', '-subj', '/CN=localhost']
  await promisify(execFile)('openssl', ['req', '-x509', ...curve, '-nodes', ...files, ...about])
  return made
}
