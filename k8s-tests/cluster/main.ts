import process from 'node:process'
import { once } from 'node:events'
import { startLocalApiserver } from './local-apiserver.ts'

const apiserver = await startLocalApiserver()
console.log(apiserver.kubeconfigPath)
await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
await apiserver.stop()
