import type { Address } from '../api/model.ts'

/** An address as it is read: who, where, and what to know. */
export function AddressLines({ address, testId }: { address: Address; testId?: string }) {
  const { recipient, phone, country, postalCode, roadAddress, detail, memo } = address
  return (
    <span class="address" data-testid={testId}>
      <b>{recipient}</b> · {phone}
      <br />
      {postalCode !== '' && `(${postalCode}) `}
      {roadAddress} {detail}
      {country !== 'KR' && `, ${country}`}
      {memo !== '' && (
        <>
          <br />
          <span class="muted">{memo}</span>
        </>
      )}
    </span>
  )
}
