/**
 * The least that accepting anything durably over HTTP costs here: a request, one INSERT a commit, an answer. No checks, no order, no
 * gateway. `MYSQL_URL` is the database, `PORT` where it listens.
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { connectMysql } from '@mytaek1/platform/mysql.ts'
import { listen } from '@mytaek1/platform/health.ts'

const db = connectMysql({ url: process.env.MYSQL_URL ?? '', poolMax: 64 })
await db.raw('CREATE TABLE ref_accepted (id CHAR(36) PRIMARY KEY, body TEXT NOT NULL)')
const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => (body += chunk))
  request.on('end', () => {
    db.raw('INSERT INTO ref_accepted VALUES (?, ?)', [randomUUID(), body]).then(
      () => response.writeHead(202, { 'content-length': '2' }).end('{}'),
      () => response.writeHead(500, { 'content-length': '2' }).end('{}'),
    )
  })
})
await listen(server, Number(process.env.PORT), '127.0.0.1')
