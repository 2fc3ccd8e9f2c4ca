import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../js/clock.js'

/** Under the fake timers of vitest, jest, sinon and node:test: tests/testing/. */

test('when fake time comes and goes, time goes on from the last reading, and durations stay exact', t => {
  for (let i = 0; i < 500; i++) {
    const before = systemClock.now()
    let fake = 1.795e12 + i
    const date = t.mock.method(Date, 'now', () => fake)
    assert.equal(systemClock.now(), before)
    fake += 300_000
    assert.equal(systemClock.now(), before + 300_000)
    date.mock.restore()
    assert.equal(systemClock.now(), before + 300_000)
  }
})
