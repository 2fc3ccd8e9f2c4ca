import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { createMime, memoryStore } from '../../js/entry/inline.js'

/** With a store the version is a digest of the source, so what shows none needs a version of its own: it would read what other code has stored. */

class Users {
  constructor(of) {
    this.of = of
  }
  get(id) {
    return `${this.of} ${id}`
  }
}
const [users, orders] = [new Users('user'), new Users('order')]
const named = id => users.get(id)

const HIDDEN = {
  'a bound function': users.get.bind(users),
  'a bound arrow function': named.bind(null),
  'a bound builtin': Math.max.bind(null, 1),
  'a function bound twice': users.get.bind(users).bind(null),
  'a proxy': new Proxy(named, {}),
  'a proxy of a builtin': new Proxy(Math.max, {}),
  'a bound function under another name': Object.defineProperty(users.get.bind(users), 'name', {
    value: 'get',
  }),
}
for (const [what, fn] of Object.entries(HIDDEN)) {
  test(`${what} with a store needs a version`, () => {
    const mime = createMime({ store: memoryStore() })
    assert.throws(() => mime(fn, '5m'), TypeError)
    assert.throws(() => mime(fn, '5m'), { code: 'ERR_VERSION_REQUIRED', message: /option version/ })
    assert.throws(() => mime(fn, { name: 'other' }), { code: 'ERR_VERSION_REQUIRED' })
    assert.equal(mime(fn, { version: '1' })(7), fn(7))
    assert.equal(createMime()(fn, '5m')(7), fn(7))
  })
}

test('bound functions of one name and each a version of its own share nothing', () => {
  const mime = createMime({ store: memoryStore() })
  const get = of => mime(of.get.bind(of), { version: of.of })
  assert.deepEqual([get(users)(1), get(orders)(1), get(users)(1)], ['user 1', 'order 1', 'user 1'])
})

test('what shows its source, or its name in place of it, needs none', () => {
  const mime = createMime({ store: memoryStore() })
  for (const fn of [fetch, structuredClone, Math.max, JSON.stringify, [].map, new Map().get, promisify(named), named]) // biome-ignore format: one line
    assert.equal(typeof mime(fn, '5m'), 'function', fn.name)
})
