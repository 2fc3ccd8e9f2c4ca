import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { encode } from '../../js/codec.js'
import { CALLED, dumped, forged, hex, KEY, other, VALUE } from '../dump/kit.mjs'

/** Texts that `mime.dump()` did not write. */

describe('what is no dump', () => {
  /** @param {unknown} dump @param {string} code */
  function refused(dump, code) {
    const { mime, f } = other()
    assert.throws(() => mime.load(dump), { code }, JSON.stringify(dump)?.slice(0, 100))
    assert.deepEqual([f.stats().entries, f(1)], [0, CALLED])
    assert.equal(mime(() => CALLED, { name: 'later', version: '1' })(1), CALLED)
  }

  test('is an error with a code, and changes nothing', async () => {
    for (const dump of [undefined, null, 1, {}, [], Buffer.from('x')]) refused(dump, 'ERR_INVALID_ARGUMENT')
    for (const dump of ['', 'x', '!', '</script>', 'TUlNWA==', 'é']) refused(dump, 'ERR_DUMP_CORRUPT')
    refused(forged([0, []], 2), 'ERR_DUMP_VERSION')
    refused(forged([0, []], 1, 1), 'ERR_DUMP_CORRUPT')
  })

  test('nor does one that was cut off, or changed in one place', async () => {
    const { text } = await dumped(n => `value ${n}`, {}, [1], [2])
    const padding = /=*$/.exec(text)[0].length
    for (let length = 0; length < text.length - padding; length++)
      refused(text.slice(0, length), 'ERR_DUMP_CORRUPT')
    const bytes = Buffer.from(text, 'base64')
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] ^= 0x10
      refused(changed.toString('base64'), at === 4 ? 'ERR_DUMP_VERSION' : 'ERR_DUMP_CORRUPT')
    }
  })

  test('nor does one with what some decoders pass over; lines are as good as one', async () => {
    const { text } = await dumped(n => `value ${n}`, {}, [1], [2])
    for (const strange of ['!', '-', '_', '\0', 'é', '\u2028'])
      refused(text.slice(0, 20) + strange + text.slice(20), 'ERR_DUMP_CORRUPT')
    const { mime, f } = other()
    mime.load(text.replace(/.{76}/g, '$&\r\n'))
    assert.equal(f(1), 'value 1')
  })

  test('nor does one that was made to look right', () => {
    const row = [KEY, Date.now(), Infinity, VALUE]
    const good = other()
    good.mime.load(forged([Date.now(), [['f\x001', [row]]]]))
    assert.equal(good.call(1), 'forged', 'the forger knows how')
    const wrong = part => [row.slice(0, part), row.slice(part + 1)]
    const replaced = (part, value) => [...wrong(part)[0], value, ...wrong(part)[1]]
    const identity = hex('20000000010000000c00000000000000000000000000f03f')
    const sparse = []
    sparse.length = 2 ** 32 - 1
    const rows = [
      ...[identity, KEY.slice(0, 12), new Uint8Array(0), hex('ff'.repeat(16)), 'key'].map(key =>
        replaced(0, key),
      ),
      ...[NaN, Infinity, '1', undefined].map(storedAt => replaced(1, storedAt)),
      ...[NaN, '1', null].map(until => replaced(2, until)),
      ...[new Uint8Array(0), hex('02'), hex('41'), VALUE.slice(0, -1), 'value'].map(value =>
        replaced(3, value),
      ),
      [],
      [...row, 1],
      null,
      sparse,
    ]
    const good1 = ['later\x001', [row]]
    const contents = [
      ...rows.map(bad => [Date.now(), [good1, ['f\x001', [row, bad]]]]),
      [Date.now(), [good1, ['f\x001', sparse]]],
      [Date.now(), sparse],
      [Date.now(), [good1, [1, [row]]]],
      [Date.now(), [good1, sparse]],
      [NaN, [good1]],
      sparse,
      null,
      'text',
    ]
    for (const content of contents) refused(forged(content), 'ERR_DUMP_CORRUPT')
  })

  test('tags that are none, and a list of them that says it is long', () => {
    const tagged = tags => {
      const [names, value] = [encode(tags), encode(1)]
      const bytes = new Uint8Array(5 + names.length + value.length)
      bytes[0] = 0x41
      new DataView(bytes.buffer).setUint32(1, names.length, true)
      bytes.set(names, 5)
      bytes.set(value, 5 + names.length)
      return forged([Date.now(), [['f\x001', [[KEY, Date.now(), Infinity, bytes]]]]])
    }
    const sparse = []
    sparse.length = 2 ** 32 - 1
    for (const tags of [[''], [1], 'x', sparse, null]) refused(tagged(tags), 'ERR_DUMP_CORRUPT')
  })
})
