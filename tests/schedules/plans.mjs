import {
  abort,
  call,
  clear,
  fails,
  invalidate,
  invalidateIf,
  pass,
  read,
  refresh,
  reject,
  resolve,
  set,
  tag,
  tick,
  times,
} from './steps.mjs'

/**
 * Small sets of actors, each with its steps. Everything is 'a' that has no key of its own. Times are milliseconds.
 * A plan without `samples` is gone through in every order.
 */

const both = { signal: 's' }
const other = { signal: 't' }

const waiting = [
  {
    name: 'two callers, an invalidation, loads that end',
    options: { ttl: 10 },
    actors: [[call(), call()], [call()], [invalidate()], [resolve(), reject()], [pass(10)]],
  },
  {
    name: 'the same within turns of microtasks',
    grain: 'turn',
    options: { ttl: 10 },
    actors: [[call(), call()], [invalidate(), call()], [resolve(), reject()], times(2, tick())],
  },
  {
    name: 'the same, several steps before promises get on',
    grain: 'group',
    options: { ttl: 10 },
    actors: [[call(), call()], [invalidate(), call()], [resolve(), reject()], times(2, tick())],
  },
  {
    name: 'an older load ends after a newer one',
    options: { ttl: 10 },
    actors: [
      [call(), call(), call()],
      [invalidate()],
      [resolve({ which: 'newest' }), reject()],
      [pass(5), pass(5)],
    ],
  },
  {
    name: 'set, clear and invalidateIf while loads run',
    options: {},
    actors: [[call(), call()], [set()], [clear()], [invalidateIf('a')], [resolve(), resolve()]],
  },
  {
    name: 'a ttl of 0',
    options: { ttl: 0 },
    actors: [[call(), call()], [call()], [set()], [resolve(), reject()]],
  },
]

/** Fresh until 10, served while it is loaded anew until 20. */
const revalidating = { ttl: 10, staleWhileRevalidate: 10 }
const standing = { ttl: 10, staleIfError: 20 }

const refreshing = [
  {
    name: 'refresh beside calls and an invalidation',
    options: { ttl: 10 },
    actors: [[call(), call()], [refresh()], [invalidate()], [resolve(), reject()], [pass(10)]],
  },
  {
    name: 'two refreshes, the loads end in any order',
    options: { ttl: 10 },
    actors: [
      [set(), call(), call()],
      [refresh(), refresh()],
      [resolve(), reject()],
      [resolve({ which: 'newest' })],
    ],
  },
  {
    name: 'refresh with a signal beside a caller and a held value',
    options: { ttl: 10, listens: true },
    actors: [[set(), call(), call()], [refresh('a', both)], [abort()], [resolve(), reject()], [pass(10)]],
  },
]

const stale = [
  {
    name: 'an expired value is served while it is loaded anew',
    options: revalidating,
    actors: [[set(), call(), call()], [pass(10), pass(10)], [invalidate()], [resolve()], [reject()]],
  },
  {
    name: 'the same with set, refresh and clear',
    options: revalidating,
    actors: [
      [set(), pass(10), call(), call()],
      [refresh()],
      [set()],
      [clear()],
      [resolve({ which: 'newest' })],
    ],
  },
  {
    name: 'the same with a signal',
    options: { ...revalidating, listens: true },
    actors: [
      [set(), pass(10), call('a', both), call('a', both)],
      [pass(10)],
      [abort()],
      [call()],
      [reject(), resolve()],
    ],
  },
  {
    name: 'an expired value stands in for an error',
    options: standing,
    actors: [[set(), call(), call()], [pass(10), pass(20)], [call()], [reject(), reject()]],
  },
  {
    name: 'the same with an invalidation and a refresh',
    options: standing,
    actors: [[set(), pass(10), call(), call()], [invalidate()], [refresh()], [reject(), reject()]],
  },
  {
    name: 'the same with signals',
    options: { ...standing, listens: true },
    actors: [
      [set(), pass(10), call('a', both)],
      [call('a', other)],
      [abort(), abort('t')],
      [reject()],
      [pass(20)],
    ],
  },
  {
    name: 'an expired value stands in for a load that takes too long',
    options: { ttl: 10, timeout: 5 },
    actors: [[set(), pass(10), call(), call()], [pass(5), pass(5)], [invalidate()], [resolve()]],
  },
  {
    name: 'the same with a refresh, and who joins that',
    options: { ttl: 10, timeout: 5 },
    actors: [
      [set(), pass(10), call(), call()],
      [refresh()],
      [pass(5)],
      [reject({ which: 'newest' }), resolve()],
    ],
  },
  {
    name: 'the same, promises get on by groups',
    grain: 'group',
    options: { ttl: 10, timeout: 5, staleIfError: 20 },
    actors: [[set(), pass(10), call(), call()], [pass(5)], [invalidate()], [reject(), tick()]],
  },
  {
    name: 'the same with refresh, signals and an error',
    options: { ttl: 10, timeout: 5, staleIfError: 20, staleWhileRevalidate: 5 },
    samples: 600,
    actors: [
      [set(), pass(10), call('a', both), call('a', both)],
      [pass(5), pass(5)],
      [refresh(), call('a', other)],
      [reject(), resolve()],
      [abort(), abort('t')],
    ],
  },
  {
    name: 'stale values within turns of microtasks',
    grain: 'turn',
    options: { ttl: 10, timeout: 5, staleIfError: 20, staleWhileRevalidate: 5 },
    samples: 600,
    actors: [
      [set(), pass(10), call(), call('a', both), call()],
      [pass(5), pass(5)],
      [invalidate(), refresh()],
      [reject(), resolve()],
      [abort()],
      times(6, tick()),
    ],
  },
]

const leaving = [
  {
    name: 'two callers who can leave',
    options: { ttl: 10, listens: true },
    actors: [[call('a', both)], [call('a', other)], [abort()], [abort('t')], [call()], [resolve()]],
  },
  {
    name: 'the same, the function does not listen to its signal',
    options: { ttl: 10 },
    actors: [[call('a', both), call('a', other)], [abort(), abort('t')], [call()], [resolve(), reject()]],
  },
  {
    name: 'the same with an invalidation, by groups',
    grain: 'group',
    options: { ttl: 10, listens: true },
    actors: [[call('a', both), call()], [abort()], [invalidate()], [resolve()], [tick(), tick()]],
  },
  {
    name: 'the same within turns of microtasks',
    grain: 'turn',
    options: { ttl: 10 },
    actors: [[call('a', both), call('a', other)], [abort(), abort('t')], [resolve()], times(3, tick())],
  },
]

const tagged = [
  {
    name: 'a tag is invalidated while loads run',
    options: { tags: true },
    actors: [[call(), call()], [call()], [tag('a'), tag('b')], [resolve(), resolve()]],
  },
  {
    name: 'the same by prefix and by groups',
    grain: 'group',
    options: { tags: true },
    actors: [[call(), call()], [tag('a*')], [resolve(), reject()], times(3, tick())],
  },
  {
    name: 'the same within turns of microtasks',
    grain: 'turn',
    options: { tags: true, ttl: 10 },
    actors: [[call(), call()], [tag('all'), call()], [resolve(), resolve()], times(3, tick())],
  },
  {
    name: 'the same with an expired value that is served, and a refresh',
    options: { ...revalidating, tags: true },
    actors: [[set(), pass(10), call(), call()], [tag('a')], [refresh()], [resolve(), resolve()]],
  },
  {
    name: 'a tag that only the replaced value had',
    options: { tags: true },
    actors: [[set(), call(), call()], [refresh()], [tag('v1')], [resolve()]],
  },
  {
    name: 'the same with signals',
    options: { tags: true, listens: true },
    actors: [[call('a', both)], [call('a', other)], [tag('a')], [abort('t')], [resolve(), resolve()]],
  },
]

const bounded = [
  {
    name: 'one entry and two keys',
    options: { maxEntries: 1, ttl: 10 },
    actors: [
      [call(), call()],
      [call('b'), call('b')],
      [resolve({ which: 'newest' }), resolve()],
      [invalidate()],
    ],
  },
  {
    name: 'one entry, held while it is loaded anew',
    options: { maxEntries: 1, ...revalidating },
    actors: [
      [set(), pass(10), call(), call()],
      [set('b'), call('b')],
      [reject(), resolve()],
    ],
  },
  {
    name: 'two entries, three keys, all that there is',
    options: { maxEntries: 2, ...revalidating, tags: true },
    samples: 700,
    actors: [
      [call(), call('b'), call('c'), call()],
      [refresh('b'), set('c'), call('b')],
      [invalidate('b'), tag('c'), invalidateIf('a')],
      [pass(10), pass(10)],
      [resolve({ which: 'newest' }), reject(), resolve(), resolve()],
    ],
  },
  {
    name: 'no entry at all',
    options: { maxEntries: 0, ttl: 10 },
    actors: [[call(), call()], [call('b')], [set(), refresh()], [resolve(), reject()]],
  },
]

const others = [
  {
    name: 'without single flights',
    options: { ttl: 10, singleFlight: false },
    actors: [[call(), call()], [call()], [invalidate()], [resolve({ which: 'newest' }), reject(), resolve()]],
  },
  {
    name: 'without single flights, callers who leave',
    options: { ttl: 10, singleFlight: false },
    actors: [
      [call('a', both), call('a', both)],
      [call('a', other)],
      [abort(), abort('t')],
      [resolve(), reject({ which: 'newest' })],
    ],
  },
  {
    name: 'without single flights, a value that stands in',
    options: { ...standing, singleFlight: false },
    actors: [[set(), pass(10), call()], [call('a', both)], [abort()], [reject(), resolve()]],
  },
  {
    name: 'the same beside a refresh',
    options: { ...standing, singleFlight: false },
    actors: [[set(), pass(10), call(), call()], [refresh()], [reject({ which: 'newest' }), reject()]],
  },
  {
    name: 'every caller gets a copy',
    options: { ...revalidating, clone: true },
    actors: [[set(), call(), call()], [pass(10)], [call()], [invalidate()], [resolve(), reject()]],
  },
  {
    name: 'copies of a value that stands in',
    options: { ...standing, timeout: 5, clone: true },
    actors: [[set(), pass(10), call(), call()], [call()], [pass(5)], [reject(), resolve()]],
  },
  {
    name: 'a sync function, an expired value that is served',
    grain: 'group',
    options: { ...revalidating, isSync: true },
    actors: [[call(), pass(10), call(), call()], [invalidate()], [pass(10)], [fails(true)], [tick()]],
  },
  {
    name: 'the same with set, refresh and clear',
    grain: 'group',
    options: { ...revalidating, isSync: true, tags: true },
    actors: [[call(), pass(10), call(), call()], [set()], [refresh()], [tag(), tick()]],
  },
  {
    name: 'the same where it may stand in when it serves no longer',
    grain: 'group',
    options: { ...revalidating, staleIfError: 20, isSync: true },
    actors: [[call(), pass(10), call(), pass(10), call(), call()], [fails(true)], [tick()], [pass(10)]],
  },
  {
    name: 'a sync function, an expired value that stands in',
    options: { ...standing, isSync: true },
    actors: [
      [call(), call(), call()],
      [pass(10), pass(20)],
      [fails(true), refresh(), fails(false)],
    ],
  },
]

const behind = [
  {
    name: 'a store in memory',
    options: { ttl: 10, store: 'memory', maxEntries: 1 },
    prefill: ['a'],
    actors: [[call(), call()], [call('b'), invalidate()], [pass(10)], [resolve(), resolve()]],
  },
  {
    name: 'a store that takes its time',
    options: { ttl: 10, store: 'slow', maxEntries: 1 },
    prefill: ['a'],
    actors: [
      [call(), call()],
      [invalidate(), set('b')],
      [read(), read()],
      [resolve(), reject()],
    ],
  },
  {
    name: 'the same with signals',
    options: { ttl: 10, store: 'slow', listens: true },
    prefill: ['b'],
    actors: [[call('a', both), call('a', other)], [abort(), abort('t')], [read(), read()], [resolve()]],
  },
  {
    name: 'the same with tags',
    options: { ttl: 10, store: 'slow', tags: true },
    prefill: ['a'],
    actors: [[call(), call()], [tag()], [read(), read()], [clear()], [resolve()]],
  },
  {
    name: 'the same with all that there is',
    options: { ...revalidating, store: 'slow', tags: true, maxEntries: 1 },
    prefill: ['a', 'b'],
    samples: 600,
    actors: [
      [call(), call(), call('a', both)],
      [call('b'), refresh(), invalidate()],
      [tag(), invalidateIf('b'), set('b')],
      [read(), read(), read()],
      [resolve(), reject(), resolve()],
      [pass(10), abort()],
    ],
  },
]

export const plans = {
  'callers who wait': waiting,
  refresh: refreshing,
  'stale values': stale,
  'callers who leave': leaving,
  tags: tagged,
  'bounded entries': bounded,
  'other functions': others,
  'behind a store': behind,
}
