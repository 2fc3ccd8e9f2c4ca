import { isDeepStrictEqual } from 'node:util'
import { loopOf } from './loop.mjs'
import { measure } from './measure.mjs'

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {unknown[]} keys what `k` in `call` runs over
 * @property {string} call the arguments of a call, an expression of `k` and `i`
 * @property {(...args: any[]) => any} fn the function to be memoized; gives a number, or a promise of one
 * @property {(...args: any[]) => any} [keyOf] the obvious key for a Map
 * @property {Record<string, import('./peers.mjs').Wrap>} wraps
 * @property {boolean} [isAsync]
 * @property {boolean} [isMiss] every call has a key that was never seen
 * @property {Record<string, number>} [targets] how many times as fast the first contender has to be
 */

/** @param {Case} one @param {{ rounds?: number }} [options] */
export async function run(
  { name, keys, call, fn, keyOf = key => key, wraps, isAsync, isMiss, targets },
  options,
) {
  const argumentsOf = new Function('k', 'i', `return [${call}]`)
  const contenders = []
  for (const [contender, wrap] of Object.entries(wraps)) {
    const wrapped = wrap(fn, keyOf)
    await checkAnswers(contender, wrapped, fn, keys, argumentsOf)
    contenders.push({ name: contender, round: loopOf(`f(${call})`, isAsync)(wrapped, keys) })
  }
  const measured = await measure(contenders, { lap: keys.length, sums: !isMiss, ...options })
  return { name, measured, targets }
}

/** The plain function's answers, the first time and the second. */
async function checkAnswers(contender, wrapped, fn, keys, argumentsOf) {
  for (let lap = 0; lap < 2; lap++) {
    for (const [i, key] of keys.entries()) {
      const expected = await fn(...argumentsOf(key, i))
      const answer = await wrapped(...argumentsOf(key, i))
      if (isDeepStrictEqual(answer, expected)) continue
      throw new Error(`${contender} answers ${answer} instead of ${expected} for key ${i}`)
    }
  }
}
