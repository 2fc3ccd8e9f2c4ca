import assert from 'node:assert/strict'
import { Random } from '../property/random.mjs'
import { Model } from './model.mjs'
import { Rules } from './rules.mjs'
import { everyOrder, interleave, someOrders } from './scheduler.mjs'
import { World } from './world.mjs'

/**
 * Runs the schedules of a plan, and after each step compares what really happened with the model and the rules.
 *
 * A plan's `grain` says how far promises get between steps: 'step' as far as they can; 'group' only at a `tick`, as far as they can; 'turn' one
 * microtask at a `tick`. Of the last the model knows nothing: there only the rules count.
 */

/**
 * One schedule.
 * @param {any} plan
 * @param {(width: number) => number} choose
 * @param {unknown[]} [unhandled] rejections that the process has told of
 */
async function runOne(plan, choose, unhandled) {
  const { grain = 'step', actors } = plan
  const rules = new Rules(plan)
  const model = grain === 'turn' ? undefined : new Model(plan)
  /** @type {any[]} */
  const taken = []
  const evictions = []
  const world = new World(plan, {
    loaded: load => rules.loaded(load),
    evicted: value => evictions.push(value),
  })
  rules.watch(world)
  const settle = async () => {
    await world.settle()
    if (model === undefined) return
    model.settle()
    compare(world, model, evictions)
  }
  const take = step => {
    taken.push(step)
    rules.step = step
    const result = world.take(step)
    rules.taken(step, result)
    model?.take(step)
    if (grain === 'step' || (grain === 'group' && step.do === 'tick')) return settle()
    return step.do === 'tick' ? Promise.resolve() : undefined
  }
  try {
    await interleave(actors, step => world.canTake(step), take, choose)
    await settle()
    rules.check(false)
    if (model) compareStats(world, model)
    while (world.running.length + world.reads.length > 0) {
      await take({ do: world.reads.length > 0 ? 'read' : 'end', ok: true })
      await settle()
    }
    // Whoever still waits, waits for ever.
    rules.check(true)
    if (model) compareStats(world, model)
    checkEnd(world, model)
    if (unhandled && model) checkUnhandled(world, model, unhandled.splice(0))
  } catch (error) {
    throw new Error(`${plan.name}: ${error.message}\nafter ${JSON.stringify(taken)}`, { cause: error })
  } finally {
    world.restore()
  }
}

/** @param {World} world @param {Model} model @param {any[]} evictions */
function compare(world, model, evictions) {
  for (const value of evictions.splice(0)) {
    const count = model.entries.size
    assert.ok(
      model.evicted(value) && count > world.options.maxEntries,
      `${JSON.stringify(value)} was evicted`,
    )
  }
  const states = ({ callers }) =>
    callers.map(({ key, state, ignores }) => (ignores ? '' : `${key} ${state}`)).join()
  assert.equal(states(world), states(model), 'what callers got')
  const loads = list => list.map(load => `${load.key} ${load.version} ${aborted(load)}`).join()
  assert.equal(loads(world.loads), loads(model.loads), 'loads: key, number, whether aborted')
}

/** @param {any} load */
const aborted = ({ signal, isAborted }) => isAborted ?? signal?.aborted ?? false

/** Slow to ask for. @param {World} world @param {Model} model */
function compareStats(world, model) {
  const { hits, misses, stale, coalesced, loads, errors, pending } = world.f.stats()
  assert.deepEqual({ hits, misses, stale, coalesced }, model.counts, 'how calls were answered')
  assert.equal(loads, model.loads.length, 'stats().loads')
  assert.equal(errors, model.errors, 'stats().errors')
  assert.equal(pending, model.flights.size, 'stats().pending')
}

/** @param {World} world @param {Model | undefined} model */
function checkEnd(world, model) {
  assert.deepEqual(world.leftovers(), [], 'left over')
  const { hits, misses, stale, coalesced, entries, removals } = world.f.stats()
  const calls = world.callers.length - world.refreshes
  assert.equal(hits + misses + stale + coalesced, calls, 'calls counted')
  assert.deepEqual(world.removed, removals, 'events of what left')
  const { clone } = world.options
  const values = world.callers.flatMap(({ value }) => value ?? [])
  if (clone) assert.equal(new Set(values).size, values.length, 'callers share a copy')
  else assert.equal(new Set(values).size, new Set(values.map(value => JSON.stringify(value))).size, 'copies')
  if (model === undefined) return
  const left = Object.values(removals).reduce((sum, count) => sum + count)
  assert.equal(entries + left, model.kept, 'entries that came in')
  const live = [...model.entries.keys()].filter(key => model.entry(key) && model.serves(model.entry(key)))
  for (const key of 'ab')
    if (!world.options.store) assert.equal(world.f.has(key), live.includes(key), `has(${key})`)
  world.f.clear()
  assert.deepEqual([world.f.stats().entries, ...world.leftovers()], [0], 'left over after clear()')
}

/**
 * Of an error that somebody got the process hears once when nobody handles it, never when all do, and at most once otherwise.
 * @param {World} world
 * @param {Model} model
 * @param {unknown[]} unhandled
 */
function checkUnhandled(world, model, unhandled) {
  const names = unhandled.map(error => world.nameOf(error))
  for (const name of new Set([...names, ...model.callers.map(({ state }) => state)])) {
    const got = model.callers.filter(({ state }) => state === name)
    const ignored = got.filter(({ ignores }) => ignores).length
    const count = names.filter(other => other === name).length
    // Who leaves has a rejection of his own.
    const [most, least] = name.startsWith('left')
      ? [ignored, ignored]
      : name.startsWith('error')
        ? [Math.min(1, ignored), ignored === got.length ? Math.min(1, ignored) : 0]
        : [0, 0]
    assert.ok(count >= least && count <= most, `${name}: ${count} times unhandled, not ${least} to ${most}`)
  }
}

/**
 * @param {any} plan gone through whole, or `samples` of it
 * @param {number} [more] times as many samples
 * @param {unknown[]} [unhandled]
 * @returns {Promise<number>} schedules
 */
export function runPlan(plan, more = 1, unhandled) {
  const run = choose => runOne(plan, choose, unhandled)
  return plan.samples ? someOrders(run, new Random(plan.seed ?? 1), plan.samples * more) : everyOrder(run)
}
