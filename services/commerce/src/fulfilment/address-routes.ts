import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { addAddress, changeAddress, listAddresses, removeAddress } from './address-book.ts'
import type { FulfilmentDeps } from './routes.ts'
import { addressBookShape, addressParams, bookAddressShape, newAddressShape } from './schema.ts'

const refused = { 401: { description: 'No valid access token' } }
const limited = { 429: { description: '`rate_limited`: see Retry-After' } }
const secret = { 'cache-control': 'no-store' }

/** The caller's address book. */
export function addressRoutes({ db, clock, limit }: FulfilmentDeps): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/account/addresses',
      summary: 'The caller’s addresses, the default first',
      access: 'account',
      responses: { 200: { description: 'All of them', schema: addressBookShape }, ...refused },
      handle: async ({ caller }) => ({
        status: 200,
        body: { items: await listAddresses(db, caller.sub) },
        headers: secret,
      }),
    }),
    endpoint({
      method: 'post',
      path: '/account/addresses',
      summary: 'Add an address; the first one is the default',
      access: 'account',
      body: newAddressShape,
      responses: {
        201: { description: 'The address', schema: bookAddressShape },
        409: { description: '`too_many_addresses`' },
        ...refused,
        ...limited,
      },
      handle: async ({ body: { isDefault, ...address }, caller }) => {
        await limit.consume(caller.sub)
        const added = await addAddress({ db, now: clock() }, { accountId: caller.sub, address, isDefault })
        return { status: 201, body: added, headers: secret }
      },
    }),
    endpoint({
      method: 'put',
      path: '/account/addresses/{id}',
      summary: 'Replace an address; orders keep the one that they were given',
      access: 'account',
      params: addressParams,
      body: newAddressShape,
      responses: {
        200: { description: 'The address', schema: bookAddressShape },
        404: { description: '`not_found`' },
        ...refused,
        ...limited,
      },
      handle: async ({ params, body: { isDefault, ...address }, caller }) => {
        await limit.consume(caller.sub)
        const change = { accountId: caller.sub, addressId: params.id, address, isDefault }
        return { status: 200, body: await changeAddress({ db, now: clock() }, change), headers: secret }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/account/addresses/{id}',
      summary: 'Take an address out of the book; may be repeated',
      access: 'account',
      params: addressParams,
      responses: { 204: { description: 'It is not there any more' }, ...refused, ...limited },
      handle: async ({ params, caller }) => {
        await limit.consume(caller.sub)
        await removeAddress(db, { accountId: caller.sub, addressId: params.id })
        return { status: 204 }
      },
    }),
  ]
}
