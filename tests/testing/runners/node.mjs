import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import * as sinon from '@sinonjs/fake-timers'
import { kitTests } from './kit.mjs'
import { storeTests } from './store.mjs'
import { timerTests } from './timers.mjs'

storeTests()

kitTests(test, assert.equal, fn => mock.fn(fn))

timerTests(test, 'node:test', {
  install: () => mock.timers.enable({ apis: ['Date', 'setTimeout'] }),
  advance: ms => mock.timers.tick(ms),
  restore: () => mock.timers.reset(),
})

for (const [name, options] of [
  ['sinon', {}],
  ['sinon, without nextTick', { toFake: ['performance', 'setTimeout', 'Date', 'setImmediate'] }],
  ['sinon, Date alone', { toFake: ['Date', 'setTimeout'] }],
  ['sinon, from 2001', { now: 1e12 }],
]) {
  let clock
  timerTests(test, name, {
    install: () => {
      clock = sinon.install(options)
    },
    advance: ms => clock.tick(ms),
    restore: () => clock.uninstall(),
  })
}
