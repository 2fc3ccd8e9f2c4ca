import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SampledSize } from '../../js/sampled.js'
import { estimateSize } from '../../js/size.js'

describe('values are estimated from a sample', () => {
  const sum = (sizes, values) => values.reduce((all, value) => all + sizes.of(value), 0)
  const exactly = values => values.reduce((all, value) => all + estimateSize(value), 0)
  const near = (values, most) => {
    const off = sum(new SampledSize(), values) / exactly(values) - 1
    assert.ok(Math.abs(off) <= most, `${(100 * off).toFixed(1)} % off`)
  }
  const many = (count, make) => Array.from({ length: count }, (_, i) => make(i))

  test('the sum is right, for lists and strings of any length too', () => {
    near(
      many(2000, i => ({ id: i, name: 'user' })),
      0.001,
    )
    near(
      many(2000, i => many((i * 7919) % 500, n => n)),
      0.05,
    )
    near(
      many(2000, i => 'x'.repeat((i * 7919) % 5000)),
      0.05,
    )
    near(
      many(2000, i => new Map(many((i * 7919) % 300, n => [n, n]))),
      0.25,
    )
    near(
      many(2000, i => new Uint8Array((i * 7919) % 5000)),
      0,
    )
    near([1, 2.5, null, undefined, true, 10n, 'short'], 0)
  })

  test('what comes in turns is not always met at the same turn', () => {
    near(
      many(6000, i => ({ rows: many(i % 8 === 0 ? 400 : 1, n => n) })),
      0.5,
    )
  })

  test('the first are looked into; then few', () => {
    let looks = 0
    const sizes = new SampledSize()
    const value = { x: 1 }
    for (let i = 0; i < 5000; i++) {
      const { seen } = sizes.others
      sizes.of(value)
      looks += sizes.others.seen - seen
      if (i < 15) assert.equal(looks, i + 1)
    }
    // 384 on average.
    assert.ok(looks < 600, `${looks} looks`)
  })

  test('a proxy’s traps do not run', () => {
    const trap = () => assert.fail('a trap ran')
    const hostile = target =>
      new Proxy(target, { get: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap })
    for (const value of [hostile([]), hostile({}), hostile(new Map())]) {
      assert.ok(new SampledSize().of(value) > 0)
    }
  })
})
