import { abort, call, invalidate, pass, read, refresh, reject, resolve, set, tag } from './steps.mjs'

/** Loads that fail, and who handles that: as in plans.mjs. */
const both = { signal: 's' }
const other = { signal: 't' }
const ignored = { ignores: true }
const ignoredBoth = { ...both, ignores: true }

/** In which some callers do not look at what they get: for a process of its own. */
export const rejections = [
  {
    name: 'nobody handles it',
    options: { ttl: 10 },
    actors: [
      [call('a', ignored), call('a', ignored)],
      [call('a', ignored)],
      [invalidate()],
      [reject(), reject()],
    ],
  },
  {
    name: 'some handle it',
    options: { ttl: 10 },
    actors: [
      [call('a', ignored), call()],
      [call('a', ignored)],
      [refresh('a', ignored)],
      [reject(), reject()],
    ],
  },
  {
    name: 'callers who can leave',
    options: { ttl: 10, listens: true },
    actors: [
      [call('a', ignoredBoth), call('a', ignored)],
      [abort()],
      [call('a', other)],
      [reject(), reject()],
    ],
  },
  {
    name: 'who cannot leave ignores it, and who joined him leaves',
    options: { ttl: 10 },
    actors: [
      [call('a', ignored)],
      [call('a', both), call('a', ignoredBoth)],
      [abort()],
      [reject(), reject()],
    ],
  },
  {
    name: 'a refresh, beside callers for whom an expired value stands in',
    options: { ttl: 10, staleIfError: 20 },
    actors: [
      [set(), pass(10), refresh('a', ignored)],
      [call(), call('a', ignored)],
      [reject(), reject()],
    ],
  },
  {
    name: 'loads in the background',
    options: { ttl: 10, staleWhileRevalidate: 10, staleIfError: 10 },
    actors: [
      [set(), call('a', ignored), call('a', ignored)],
      [pass(10), pass(10)],
      [invalidate()],
      [reject(), reject()],
    ],
  },
  {
    name: 'loads that take too long',
    options: { ttl: 10, timeout: 5 },
    actors: [
      [set(), pass(10), call('a', ignored), call('a', ignored)],
      [pass(5)],
      [invalidate()],
      [reject(), reject()],
    ],
  },
  {
    name: 'behind a store',
    options: { ttl: 10, store: 'slow' },
    actors: [
      [call('a', ignored), call('a', ignored)],
      [read(), read()],
      [invalidate()],
      [abort()],
      [reject(), reject()],
    ],
  },
  {
    name: 'a tag that was invalidated',
    options: { tags: true },
    actors: [
      [call('a', ignored), call('a', ignored), call('a', ignored), resolve(), reject()],
      [tag()],
      [invalidate()],
    ],
  },
]
