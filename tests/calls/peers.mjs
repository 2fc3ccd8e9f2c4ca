/**
 * The packages that are asked, each through the way its documentation recommends for the case; every adapter says what it chose. Packages are
 * loaded only in the process that asks them.
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} package
 * @property {() => Promise<import('./run.mjs').Loaded>} load
 */

/** @param {string} name @param {string} [file] @returns {Peer} */
const peer = (name, file = name) => ({
  name,
  package: name,
  load: async () => (await import(`./peers/${file}.mjs`)).load(),
})

export const peers = [
  peer('my-mimic'),
  peer('p-memoize'),
  peer('memoizee'),
  peer('micro-memoize'),
  peer('lru-cache'),
  peer('async-cache-dedupe'),
  peer('bentocache'),
  peer('cacheable'),
]
