import { expect, test, vi } from 'vitest'
import { kitTests } from './kit.mjs'
import { storeTests } from './store.mjs'
import { timerTests } from './timers.mjs'

storeTests(test)

kitTests(
  test,
  (actual, expected) => expect(actual).toBe(expected),
  fn => vi.fn(fn),
)

const advance = ms => vi.advanceTimersByTime(ms)
const restore = () => vi.useRealTimers()
timerTests(test, 'vitest', { install: () => vi.useFakeTimers(), advance, restore })
timerTests(test, 'vitest, Date alone', {
  install: () => vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] }),
  advance,
  restore,
})
