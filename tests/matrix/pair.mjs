/**
 * @typedef {object} Pair two calls and whether they are the same call
 * @property {string} why the rule, in words
 * @property {() => unknown[]} a arguments of one call, built anew each time
 * @property {() => unknown[]} b arguments of the other
 * @property {boolean} same
 * @property {boolean} oneWay b only makes sense after a, because a leaves something behind
 */

/** Two calls that share an entry; with one builder, two calls built alike. @returns {Pair} */
export function same(why, a, b = a) {
  return { why, a, b, same: true, oneWay: false }
}

/** Two calls that never share an entry; with one builder, two calls built alike. @returns {Pair} */
export function distinct(why, a, b = a) {
  return { why, a, b, same: false, oneWay: false }
}

/** @param {Pair} pair @returns {Pair} */
export function oneWay(pair) {
  return { ...pair, oneWay: true }
}
