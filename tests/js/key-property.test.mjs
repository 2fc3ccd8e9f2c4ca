import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { inspect } from 'node:util'
import { faults } from '../../js/core.js'
import { createMime } from '../../js/entry/inline.js'
import { build } from '../property/build.mjs'
import { mutate } from '../property/mutate.mjs'
import { Random } from '../property/random.mjs'
import { Cook } from '../property/recipe.mjs'
import { sameCall } from '../property/twin.mjs'

/**
 * Calls a and b share an entry if and only if a naive deep comparison says that they are the same call.
 * MIMIC_CALLS sets how many calls are made, MIMIC_SEED repeats a run.
 */

/** Nothing goes for the bytes of long values: what is not found again was a false miss. */
const mime = createMime({ maxBytes: Infinity })

const CALLS = Number(process.env.MIMIC_CALLS ?? 200_000)
const SEED = Number(process.env.MIMIC_SEED ?? (Date.now() ^ (process.pid << 8)) >>> 0)
const startedAt = Date.now()
let made = 0
after(() => console.log(`seed ${SEED}: ${made} calls in ${Date.now() - startedAt} ms`))

/** A pool of calls, near-equal ones among them; each with the number of its class of equals. */
function poolOf(random, { families, near, heavy }) {
  const cook = new Cook(random, heavy)
  const recipes = []
  for (let i = 0; i < families; i++) {
    const first = cook.call()
    recipes.push(first)
    for (let j = 0; j < near; j++) recipes.push(mutate(random.pick(recipes.slice(-near)), random, cook))
  }
  const classes = []
  return {
    classes,
    calls: recipes.map(recipe => {
      const made = build(recipe, random)
      let number = classes.findIndex(other => sameCall(other, made))
      if (number < 0) number = classes.push(made) - 1
      return { recipe, number }
    }),
  }
}

const show = call => inspect(call, { depth: 8, maxStringLength: 80, maxArrayLength: 20, showHidden: false })

/**
 * Draws calls from a pool and makes them.
 * @param {{ complete: boolean }} how complete: nothing is evicted, so equal calls must share
 */
function run(pool, random, calls, options, { complete }) {
  let current
  let runs = 0
  // What the caller gave, not what the function got: that has another signal in it, in copies of what held one.
  let given
  const f = mime(function () {
    runs++
    return { number: current.number, recipe: current.recipe, args: given, self: this }
  }, options)
  const kept = new Map()
  let hits = 0
  for (let i = 0; i < calls; i++) {
    current = pool.calls[random.int(pool.calls.length)]
    const { self, args } = build(current.recipe, random)
    const before = runs
    given = args
    const record = f.apply(self, args)
    made++
    if (runs === before) hits++
    if (record.number !== current.number) {
      assert.fail(
        `seed ${SEED}: a false hit\n${show(current.recipe)}\ngot the result of\n${show(record.recipe)}`,
      )
    }
    if (complete) {
      const known = kept.get(current.number)
      if (known !== undefined && known !== record) {
        assert.fail(
          `seed ${SEED}: a false miss\n${show(current.recipe)}\nis the same call as\n${show(known.recipe)}`,
        )
      }
      kept.set(current.number, record)
    }
    if (i % 32 === 0) assert.ok(sameCall(record, { self, args }), `seed ${SEED}: the twin on the values`)
  }
  if (complete) assert.equal(runs, kept.size)
  return hits
}

const PLANS = [
  { name: 'values of every kind', share: 0.56, pool: { families: 60, near: 4 }, perPool: 12_000 },
  { name: 'long and deep values', share: 0.02, pool: { families: 30, near: 3, heavy: true }, perPool: 1000 },
  {
    name: 'keys held as digests',
    share: 0.2,
    options: { maxKeyBytes: 256 },
    pool: { families: 60, near: 4 },
    perPool: 12_000,
  },
  {
    name: 'six entries: evictions, slots used again',
    share: 0.1,
    options: { maxEntries: 6 },
    pool: { families: 4, near: 3 },
    perPool: 4000,
    evicts: true,
  },
  { name: 'every hash is 0', share: 0.05, hash: 1, pool: { families: 12, near: 4 }, perPool: 4000 },
  { name: 'every hash is all ones', share: 0.05, hash: 2, pool: { families: 12, near: 4 }, perPool: 4000 },
  {
    name: 'every hash is 0, six entries, digests',
    share: 0.02,
    hash: 1,
    options: { maxEntries: 6, maxKeyBytes: 256 },
    pool: { families: 4, near: 3 },
    perPool: 4000,
    evicts: true,
  },
]

describe(`a call hits if and only if a deep comparison finds an equal one (seed ${SEED})`, () => {
  for (const [i, plan] of PLANS.entries()) {
    test(plan.name, () => {
      const { hash = 0, evicts = false, options, share } = plan
      const calls = Math.ceil(CALLS * share)
      // A long run draws more often from each pool: pools cost more than calls.
      const perPool = plan.perPool * (CALLS > 1_000_000 ? 4 : 1)
      let hits = 0
      let classes = 0
      let recipes = 0
      faults.hash(hash)
      try {
        for (let done = 0; done < calls; done += perPool) {
          const random = new Random(SEED + i * 1_000_003 + done)
          const pool = poolOf(random, plan.pool)
          hits += run(pool, random, Math.min(perPool, calls - done), options, { complete: !evicts })
          classes += pool.classes.length
          recipes += pool.calls.length
        }
      } finally {
        faults.hash(0)
      }
      // Both answers have to occur, or nothing was tested.
      assert.ok(hits > calls / 10, `${hits} hits in ${calls} calls`)
      assert.ok(
        classes > recipes / (recipes < 500 ? 8 : 2) && (recipes < 500 || classes < recipes),
        `${classes} classes of ${recipes} calls`,
      )
    })
  }
})
