/** A buyer's addresses: at most twenty, of which exactly one, if there are any, is the default. */
import type { Knex } from 'knex'
import { AppError, NotFoundError } from '@mytaek1/platform/errors.ts'
import { newId } from '@mytaek1/platform/ids.ts'
import { inTransaction } from '@mytaek1/platform/mysql.ts'
import { addressOf, columnsOf, type Address, type AddressColumns } from '../address.ts'

const addressesMax = 20

/** An address in its owner's book. */
export interface BookAddress extends Address {
  id: string
  isDefault: boolean
}

/** The book is full. */
export class TooManyAddressesError extends AppError {
  readonly kind = 'conflict'
  readonly code = 'too_many_addresses'
  constructor() {
    super(`An address book has room for ${addressesMax} addresses; take one out first`)
  }
}

interface Row extends AddressColumns {
  id: string
  is_default: boolean | number
}

/** An account's addresses, the default first, then the newest. */
export async function listAddresses(db: Knex, accountId: string): Promise<BookAddress[]> {
  const rows: Row[] = await ofAccount(db, accountId).orderBy([
    { column: 'is_default', order: 'desc' },
    { column: 'id', order: 'desc' },
  ])
  return rows.map(present)
}

/** One address of an account. @throws {NotFoundError} */
export async function findAddress(
  db: Knex | Knex.Transaction,
  { accountId, addressId }: { accountId: string; addressId: string },
): Promise<BookAddress> {
  const row: Row | undefined = await ofAccount(db, accountId).where('id', addressId).first()
  if (row === undefined) throw new NotFoundError('address', addressId)
  return present(row)
}

/** Adds an address; the first one is the default. @throws {TooManyAddressesError} */
export async function addAddress(
  { db, now }: { db: Knex; now: Date },
  input: { accountId: string; address: Address; isDefault: boolean },
): Promise<BookAddress> {
  const { accountId, address } = input
  return await inTransaction(db, async (trx) => {
    const known = await lockBook(trx, accountId)
    if (known.length >= addressesMax) throw new TooManyAddressesError()
    const isDefault = input.isDefault || known.length === 0
    if (isDefault) await ofAccount(trx, accountId).update({ is_default: false })
    const id = newId('adr', now.getTime())
    await trx('addresses').insert({
      id,
      account_id: accountId,
      ...columnsOf(address),
      is_default: isDefault,
      created_at: now,
      updated_at: now,
    })
    return { id, ...address, isDefault }
  })
}

/** Replaces an address; one that is the default stays so. Orders keep what they were given. @throws {NotFoundError} */
export async function changeAddress(
  { db, now }: { db: Knex; now: Date },
  input: { accountId: string; addressId: string; address: Address; isDefault: boolean },
): Promise<BookAddress> {
  const { accountId, addressId, address } = input
  return await inTransaction(db, async (trx) => {
    const before = (await lockBook(trx, accountId)).find(({ id }) => id === addressId)
    if (before === undefined) throw new NotFoundError('address', addressId)
    const isDefault = input.isDefault || before.isDefault
    if (isDefault) await ofAccount(trx, accountId).update({ is_default: false })
    const columns = { ...columnsOf(address), is_default: isDefault, updated_at: now }
    await ofAccount(trx, accountId).where('id', addressId).update(columns)
    return { id: addressId, ...address, isDefault }
  })
}

/** Takes an address out; when it was the default, the newest that is left becomes it. May be repeated. */
export async function removeAddress(
  db: Knex,
  { accountId, addressId }: { accountId: string; addressId: string },
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const known = await lockBook(trx, accountId)
    const before = known.find(({ id }) => id === addressId)
    if (before === undefined) return
    await ofAccount(trx, accountId).where('id', addressId).delete()
    const heir = known.filter(({ id }) => id !== addressId).toSorted((a, b) => (a.id < b.id ? 1 : -1))[0]
    if (before.isDefault && heir) await ofAccount(trx, accountId).where('id', heir.id).update({ is_default: true })
  })
}

// The account's row stands for the book: two changes at once come one after the other, also of an empty one.
async function lockBook(trx: Knex.Transaction, accountId: string): Promise<BookAddress[]> {
  await trx('accounts').where('id', accountId).forUpdate().first('id')
  const rows: Row[] = await ofAccount(trx, accountId)
  return rows.map(present)
}

const ofAccount = (db: Knex | Knex.Transaction, accountId: string) =>
  db<Row>('addresses').where('account_id', accountId)

const present = (row: Row): BookAddress => ({ id: row.id, ...addressOf(row), isDefault: Boolean(row.is_default) })
