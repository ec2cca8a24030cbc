import { fileURLToPath } from 'node:url'

/** Where this service's migrations are, for `migrate` of platform/mysql.ts. */
export const migrations = fileURLToPath(new URL('../migrations', import.meta.url))
