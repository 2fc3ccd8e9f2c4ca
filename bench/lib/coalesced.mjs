import assert from 'node:assert/strict'

/** Callers who join a load that runs: so many for each load, which ends when all have come. */
const CALLERS = 1000

/**
 * @param {string} name
 * @param {import('./peers.mjs').Wrap} wrap
 * @returns {import('./measure.mjs').Contender}
 */
export function coalesced(name, wrap) {
  let open = () => {}
  let loads = 0
  const load = async key => {
    loads++
    await new Promise(resolve => {
      open = resolve
    })
    return key % 10
  }
  const f = wrap(load, key => key)
  let key = 0
  return {
    name,
    async round(calls) {
      let sum = 0
      for (let left = calls; left > 0; left -= CALLERS) {
        key++
        loads = 0
        const first = f(key)
        // Some ask a store of theirs first.
        while (loads === 0) await null
        let last
        for (let i = 0; i < CALLERS; i++) last = f(key)
        // Those that look before they join have to be given the time.
        for (let i = 0; i < 5; i++) await null
        open()
        await first
        sum += await last
        assert.equal(loads, 1, `${name} did not share the load`)
      }
      return sum
    },
  }
}
