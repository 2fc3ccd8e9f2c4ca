import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeEntry, encodeEntry, tagsOf } from '../../js/stores/entry.js'
import { Random } from '../property/random.mjs'

/** The bytes of a result in a store: the value, whether it was promised, and its tags. */

const VALUES = [undefined, null, 0, '', [1, { a: new Map([[1, 2]]) }], 'x'.repeat(5000)]
const TAGS = [undefined, ['a'], ['user:1', 'team:ä', '\ud800', 'x'.repeat(3000)]]

describe('an entry comes back', () => {
  for (const tags of TAGS) {
    for (const isAsync of [false, true]) {
      test(`${tags?.length ?? 'no'} tags, ${isAsync ? 'promised' : 'plain'}`, () => {
        for (const value of VALUES) {
          const bytes = encodeEntry({ value, isAsync, tags })
          assert.deepEqual(decodeEntry(bytes), { value, isAsync })
          assert.deepEqual(tagsOf(bytes), tags ?? [])
        }
      })
    }
  }

  test('no tags cost no bytes', () => {
    assert.deepEqual(encodeEntry({ value: 1, tags: [] }), encodeEntry({ value: 1 }))
  })
})

test('damaged bytes give a coded error or something, and nothing else', () => {
  const random = new Random(7)
  const bytes = encodeEntry({ value: VALUES[4], isAsync: true, tags: TAGS[2].slice(0, 3) })
  let refused = 0
  for (let i = 0; i < 20_000; i++) {
    const damaged = bytes.slice(0, random.oneIn(2) ? bytes.length : random.int(bytes.length + 1))
    for (let n = random.int(4); n >= 0 && damaged.length > 0; n--) {
      damaged[random.oneIn(2) ? random.int(Math.min(12, damaged.length)) : random.int(damaged.length)] =
        random.int(256)
    }
    for (const read of [decodeEntry, tagsOf]) {
      try {
        read(damaged)
      } catch (error) {
        assert.match(error.code ?? '', /^ERR_VALUE_/, String(error))
        refused++
      }
    }
  }
  assert.ok(refused > 5000, `${refused} refused`)
})
