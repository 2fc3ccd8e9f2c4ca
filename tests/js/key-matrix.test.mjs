import assert from 'node:assert/strict'
import test from 'node:test'
import { faults } from '../../js/core.js'
import { mime } from '../../js/entry/inline.js'
import { own } from '../matrix/own.mjs'
import { pairs } from '../matrix/pairs.mjs'

const all = [...pairs, ...own]

/** How often a memoized function runs when it is called with these arguments, then with those. */
function runs(first, second) {
  let count = 0
  const f = mime(() => ++count)
  f(...first())
  f(...second())
  return count
}

function check({ a, b, same, oneWay, why }) {
  const expected = same ? 1 : 2
  assert.equal(runs(a, b), expected, why)
  if (!oneWay) assert.equal(runs(b, a), expected, `${why}, the other way round`)
}

test('the list is long and its reasons are unique', () => {
  assert.ok(pairs.length >= 170, `${pairs.length} pairs`)
  assert.equal(new Set(all.map(pair => pair.why)).size, all.length)
})

for (const pair of all) test(`${pair.same ? 'same' : 'distinct'}: ${pair.why}`, () => check(pair))

for (const [mode, hash] of [
  [1, 'zero'],
  [2, 'all ones'],
]) {
  test(`the key decides, not the hash: all pairs with a hash of ${hash}`, t => {
    faults.hash(mode)
    t.after(() => faults.hash(0))
    for (const pair of all) check(pair)
  })
}
