import { table } from '../lib/table.mjs'

/** The tables, with what is aimed at beside what was measured. */

/** @param {number[]} list */
export function median(list) {
  return [...list].sort((a, b) => a - b)[list.length >> 1]
}

const NAMES = {
  mimic: 'my-mimic: store.set, flush',
  calls: 'my-mimic: mime(fn, { ttl, store }), flush',
  raw: 'IndexedDB, 1,000 puts a transaction',
  setmany: 'idb-keyval setMany, 1,000 a call',
  dexie: 'dexie bulkPut, 1,000 a call',
  set: 'idb-keyval set, awaited',
  localforage: 'localforage setItem, awaited',
}
const SLOW = ['set', 'localforage']
const WHOLE = {
  raw: 'IndexedDB: getAll and getAllKeys',
  index: 'my-mimic: index ready',
  hydrated: 'my-mimic: everything in memory',
  setmany: 'idb-keyval: entries',
  dexie: 'dexie: toArray',
}
const BLOCKS = {
  nothing: 'nothing, for a second',
  writing: 'my-mimic: written, 100 a task',
  rawWriting: 'IndexedDB: a tenth written, 1,000 puts a transaction',
  index: 'my-mimic: opened, index only',
  hydrated: 'my-mimic: opened, everything in memory',
  rawOpening: 'IndexedDB: getAll and getAllKeys',
}

const ms = value => `${value.toFixed(value < 10 ? 2 : 0)} ms`
const ratio = value => `${value.toFixed(value < 10 ? 1 : 0)}×`

/**
 * @param {any[]} rounds
 * @param {{ entries: number, sample: number, browser: string }} about
 * @returns {string}
 */
export function report(rounds, { entries, sample, browser }) {
  /** @param {(round: any) => number} of */
  const middle = of => median(rounds.map(of))
  const ids = Object.keys(rounds[0].perSecond)
  const written = ids.map(id => [
    NAMES[id] + (SLOW.includes(id) ? ` (${sample} of them)` : ''),
    Math.round(middle(round => round.perSecond[id])).toLocaleString('en'),
    ratio(middle(round => round.perSecond.mimic / round.perSecond[id])),
    ms(middle(round => round.cold[id])),
  ])
  const whole = Object.keys(WHOLE)
    .filter(id => id in rounds[0].whole)
    .map(id => [
      WHOLE[id],
      ms(middle(round => round.whole[id])),
      ratio(middle(round => round.whole.raw / round.whole[id])),
      id in rounds[0].restarted ? ms(middle(round => round.restarted[id])) : '',
      id in rounds[0].restarted ? ratio(middle(round => round.restarted.raw / round.restarted[id])) : '',
    ])
  const blocks = Object.keys(BLOCKS).map(id => [
    BLOCKS[id],
    ms(middle(round => round.blocks[id].longest)),
    String(middle(round => round.blocks[id].over)),
    ms(middle(round => round.blocks[id].cpu)),
    ms(middle(round => round.blocks[id].own)),
  ])
  /** @param {string} id @param {'whole' | 'restarted'} when */
  const times = (id, when) => middle(round => round[when].raw / round[when][id])
  const [cold, rawCold] = [middle(round => round.cold.mimic), middle(round => round.cold.raw)]
  const overRaw = middle(round => round.perSecond.mimic / round.perSecond.raw)
  const callsOverRaw = middle(round => round.perSecond.calls / round.perSecond.raw)
  /** @type {[string, string, boolean][]} */
  const aims = [
    ['written at least 10 times as fast as IndexedDB', ratio(overRaw), overRaw >= 10],
    ['the same through mime', ratio(callsOverRaw), callsOverRaw >= 10],
  ]
  if ('set' in rounds[0].perSecond) {
    const overSet = middle(round => round.perSecond.mimic / round.perSecond.set)
    aims.push(['at least 50 times as fast as awaited idb-keyval set', ratio(overSet), overSet >= 50])
  }
  for (const [id, what, limit] of /** @type {const} */ ([
    ['index', 'index ready', 400],
    ['hydrated', 'everything in memory', 800],
  ])) {
    for (const when of /** @type {const} */ (['whole', 'restarted'])) {
      const [took, factor] = [middle(round => round[when][id]), times(id, when)]
      const where = when === 'whole' ? 'in a fresh page' : 'in a fresh browser'
      aims.push([`${what} in ${limit} ms, ${where}`, ms(took), took <= limit])
      aims.push([`${what} 5 times as fast as getAll, ${where}`, ratio(factor), factor >= 5])
    }
  }
  const allowed = 1.5 * rawCold + 1
  aims.push([`a cold key in 1.5 raw gets and 1 ms: ${ms(allowed)}`, ms(cold), cold <= allowed])
  const [cpu, own] = [middle(round => round.blocks.writing.cpu), middle(round => round.blocks.writing.own)]
  aims.push(['the main thread held for 8 ms while writing, by CPU time', ms(own), own <= 8])
  aims.push(['the same with what the garbage collector does between', ms(cpu), cpu <= 8])
  return [
    `Chromium ${browser}, ${entries} entries of 200 bytes, medians of ${rounds.length} rounds\n`,
    table([['', 'written/s', 'ours is', 'a cold read'], ...written]),
    `\n${table([['opened and read whole', 'fresh page', 'than getAll', 'fresh browser', 'than getAll'], ...whole])}`,
    `\n${table([['main thread held', 'longest', 'over 8 ms', 'longest, CPU', 'without the collector'], ...blocks])}`,
    `\n${table([['aim', 'measured', ''], ...aims.map(([what, is, isReached]) => [what, is, isReached ? 'reached' : 'not reached'])])}`,
  ].join('\n')
}
