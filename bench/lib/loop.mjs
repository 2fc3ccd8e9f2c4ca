/**
 * A loop of calls, compiled for one contender alone: with a loop shared by all, each call would be as slow as the most general one.
 * @param {string} expression of `f` and of `k`, the key whose turn it is; `i` counts the calls of all rounds
 * @param {boolean} [isAsync] awaits each call
 * @returns {(f: Function, keys: unknown[]) => (calls: number) => any} sums up what the calls give, so no call can be left out
 */
export function loopOf(expression, isAsync = false) {
  const source = `
    let i = 0
    let at = 0
    return ${isAsync ? 'async ' : ''}function round(calls) {
      let sum = 0
      for (let n = 0; n < calls; n++, i++) {
        const k = keys[at]
        if (++at === keys.length) at = 0
        sum += ${isAsync ? 'await ' : ''}${expression}
      }
      return sum
    }
  `
  return /** @type {any} */ ((f, keys) => new Function('f', 'keys', `${source}// ${serial++}`)(f, keys))
}

let serial = 0
