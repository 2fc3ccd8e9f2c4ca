/**
 * What a call does, case by case: each scenario is one line of the contract, run against any package that has an adapter.
 * @typedef {object} Scenario
 * @property {string} what the rule, in words
 * @property {string[]} needs features without which it cannot be asked, see `Peer.can`
 * @property {(t: import('./run.mjs').Bench) => Promise<void>} run ends, or throws what is wrong
 * @property {boolean} alone only in a process of its own: it changes the clock or watches the whole process
 * @property {() => void} [prepare] before the package is loaded
 */

/** @param {string} what @param {string[]} needs @param {Scenario['run']} run @returns {Scenario} */
export function scenario(what, needs, run) {
  return { what, needs, run, alone: false }
}

/** @param {string} what @param {string[]} needs @param {Scenario['run']} run @param {() => void} [prepare] @returns {Scenario} */
export function alone(what, needs, run, prepare) {
  return { what, needs, run, alone: true, prepare }
}
