import { expect, jest, test } from '@jest/globals'
import { kitTests } from './kit.mjs'
import { storeTests } from './store.mjs'
import { timerTests } from './timers.mjs'

storeTests()

kitTests(
  test,
  (actual, expected) => expect(actual).toBe(expected),
  fn => jest.fn(fn),
)

const advance = ms => jest.advanceTimersByTime(ms)
const restore = () => jest.useRealTimers()
timerTests(test, 'jest', { install: () => jest.useFakeTimers(), advance, restore })
timerTests(test, 'jest, without performance', {
  install: () => jest.useFakeTimers({ doNotFake: ['performance', 'nextTick'] }),
  advance,
  restore,
})
