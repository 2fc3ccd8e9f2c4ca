import assert from 'node:assert/strict'
import { decode, encode } from '../../js/codec.js'

/** What the tests of the codec ask of a value. */

export const again = value => decode(encode(value))
export const same = value => {
  const back = again(value)
  assert.deepStrictEqual(back, value)
  if (typeof value === 'object' && value !== null) {
    assert.notEqual(back, value)
    assert.equal(Object.getPrototypeOf(back), Object.getPrototypeOf(value))
  }
  return back
}
export const refused = (value, message) =>
  assert.throws(
    () => encode(value),
    error => {
      assert.equal(error.code, 'ERR_VALUE_UNSUPPORTED')
      assert.match(error.message, message)
      return true
    },
  )
export const corrupt = bytes =>
  assert.throws(() => decode(Uint8Array.from(bytes)), { name: 'MimicError', code: 'ERR_VALUE_CORRUPT' })
