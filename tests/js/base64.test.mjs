import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { fromBase64, toBase64 } from '../../js/base64.js'

/** The same bytes whatever the runtime has for it. */

const { Buffer } = globalThis
const { fromBase64: native } = Uint8Array
const bytesOf = length => Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 8))

afterEach(() => {
  globalThis.Buffer = Buffer
  if (native === undefined) delete Uint8Array.fromBase64
  else Uint8Array.fromBase64 = native
})

test('with Buffer, with what engines have by now, and with neither', () => {
  for (const length of [0, 1, 2, 3, 300, 8191, 8192, 8193, 100_000]) {
    const [bytes, text] = [bytesOf(length), Buffer.from(bytesOf(length)).toString('base64')]
    const all = () => {
      assert.equal(toBase64(bytes), text)
      const back = fromBase64(text)
      assert.deepEqual([back.constructor, back.byteOffset, back.buffer.byteLength], [Uint8Array, 0, length])
      assert.deepEqual(back, bytes)
    }
    all()
    delete globalThis.Buffer
    delete Uint8Array.fromBase64
    all()
    let asked = 0
    Uint8Array.fromBase64 = given => {
      asked++
      return Uint8Array.from(atob(given), char => char.charCodeAt(0))
    }
    all()
    assert.equal(asked, 1)
    globalThis.Buffer = Buffer
  }
})
