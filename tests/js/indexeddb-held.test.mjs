import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Held } from '../../js/stores/indexeddb/held.js'
import { Random } from '../property/random.mjs'

/** What memory holds, beside a set that says the same the slow way. */

class One {
  heldAt = -1
  letGone = 0

  constructor(name, heldBytes) {
    this.name = name
    this.heldBytes = heldBytes
  }

  letGo() {
    this.letGone++
  }
}

class Twin {
  all = new Map()
  gone = []

  constructor(maxBytes) {
    this.maxBytes = maxBytes
  }

  get bytes() {
    return [...this.all.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  add({ name, heldBytes }) {
    this.all.set(name, heldBytes)
    for (const oldest of this.all.keys()) {
      if (this.bytes <= this.maxBytes || oldest === name) return
      this.all.delete(oldest)
      this.gone.push(oldest)
    }
  }
}

/** @param {number} seed */
function walk(seed) {
  const random = new Random(seed)
  const maxBytes = 20 + random.int(2000)
  const gone = []
  const held = new Held(maxBytes, one => gone.push(one.name))
  const twin = new Twin(maxBytes)
  const ones = []
  for (let n = 0; n < 1500; n++) {
    const one = random.pick(ones)
    if (one === undefined || random.int(10) < 6) {
      const added = new One(n, 1 + random.int(40))
      ones.push(added)
      held.add(added)
      twin.add(added)
    } else if (random.oneIn(8)) {
      held.shrink(one, one.heldBytes - 1)
      if (twin.all.has(one.name)) twin.all.set(one.name, 1)
      one.heldBytes = 1
    } else {
      const was = one.letGone
      held.delete(one)
      assert.equal(one.letGone - was, Number(twin.all.delete(one.name)))
    }
    assert.deepEqual(gone, twin.gone)
    assert.equal(held.bytes, twin.bytes)
    assert.equal(held.evicted, twin.gone.length)
  }
  return twin.gone.length
}

test('goes oldest first, and whatever is deleted between, the bytes are those of what is there', () => {
  let gone = 0
  for (let seed = 1; seed <= 20; seed++) gone += walk(seed)
  assert.ok(gone > 1000)
})

test('what came last stays, however large it is', () => {
  const held = new Held(10, () => {})
  const [small, large] = [new One('small', 5), new One('large', 500)]
  held.add(small)
  held.add(large)
  assert.equal(small.letGone, 1)
  assert.equal(large.letGone, 0)
  assert.equal(held.bytes, 500)
})

test('one that stays for ever makes those that come and go no more', () => {
  const held = new Held(1000, () => {})
  held.add(new One('stays', 1))
  for (let n = 0; n < 10_000; n++) {
    const one = new One(n, 1)
    held.add(one)
    assert.ok(one.heldAt <= 70, `place ${one.heldAt}`)
    held.delete(one)
  }
  assert.equal(held.bytes, 1)
})
