import { setTimeout as rest } from 'node:timers/promises'
import { tick } from './lib.mjs'

/**
 * One scenario against one package.
 * @typedef {object} Bench what a scenario works with
 * @property {(fn: Function, options?: Record<string, any>) => Handle} wrap
 * @property {(...tags: string[]) => unknown} invalidateTags
 * @property {(units: number) => Promise<void>} pass lets so many units go by for the package's clock
 * @property {(units: number) => Promise<void>} rest lets so many units go by for real timers
 * @property {(units: number) => Promise<void> | void} block the same in one go, without a turn of the event loop
 *
 * @typedef {object} Handle
 * @property {Function} f the wrapped function
 * @property {(...args: any[]) => unknown} [invalidate]
 * @property {() => unknown} [clear]
 * @property {(args: any[], value: any) => unknown} [set]
 * @property {(...args: any[]) => Promise<any>} [refresh]
 *
 * @typedef {object} Loaded a package, loaded
 * @property {Set<string>} can features: options and verbs it has an equivalent for
 * @property {number} unit milliseconds of a unit; ttls and waits of scenarios are counted in units
 * @property {Bench['wrap']} wrap
 * @property {Bench['invalidateTags']} [invalidateTags]
 * @property {{ time: number }} [clock] the package reads this instead of the time
 */

/** Longer than any scenario that works takes, in units and beside them. */
const MOST_UNITS = 10
const MOST_MILLISECONDS = 2500

/** @param {Loaded} peer @returns {Bench} */
function bench(peer) {
  const { unit, clock } = peer
  const sleep = units => rest(units * unit)
  const advance = units => {
    clock.time += units * unit
  }
  return {
    wrap: peer.wrap,
    invalidateTags: peer.invalidateTags,
    rest: sleep,
    pass: clock
      ? async units => {
          advance(units)
          await tick()
        }
      : sleep,
    block: clock
      ? advance
      : units => {
          const end = performance.now() + units * unit
          while (performance.now() < end);
        },
  }
}

/**
 * Throws what is wrong; a scenario that does not end is wrong too.
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {Loaded} peer
 * @param {number} [limit] milliseconds
 */
export async function play(scenario, peer, limit = MOST_MILLISECONDS + MOST_UNITS * peer.unit) {
  let timer
  const hung = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('hangs')), limit)
  })
  try {
    await Promise.race([scenario.run(bench(peer)), hung])
  } finally {
    clearTimeout(timer)
  }
}

/** @param {import('./scenario.mjs').Scenario} scenario @param {Loaded} peer */
export function lacks(scenario, peer) {
  return scenario.needs.some(need => !peer.can.has(need))
}

/** @param {import('./scenario.mjs').Scenario} scenario @param {Loaded} peer @returns {Promise<string>} 'right', '–', or what happened */
export async function verdict(scenario, peer) {
  if (lacks(scenario, peer)) return '–'
  try {
    await play(scenario, peer)
    return 'right'
  } catch (error) {
    return String(error?.message ?? error).split('\n')[0]
  }
}
