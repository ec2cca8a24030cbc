/** The reference of the race: a Koa that reads a JSON body, does nothing, and answers 201. Prints its port. */
import Koa from 'koa'
import { z } from 'zod'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { readJson } from '@mytaek1/platform/json-body.ts'

const app = new Koa()
app.use(async (ctx) => {
  await readJson(ctx, z.unknown(), 64 * 1024)
  ctx.status = 201
  ctx.body = { id: 'nothing', state: 'RESERVED' }
})
const { port } = await startHttpServer(app, { port: 0, host: '127.0.0.1' })
process.send?.({ port })
process.on('disconnect', () => process.exit(0))
