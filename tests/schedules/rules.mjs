import assert from 'node:assert/strict'
import { inspect } from 'node:util'

/**
 * What holds in any order and at any moment, whatever else the cache decides:
 * nobody gets a value older than an invalidation that finished before he called, and a key has one load for each generation.
 */
export class Rules {
  /** By key: the number of the last value that an invalidation has outdated. @type {Map<string, number>} */
  floors = new Map()
  /** @type {any} the step that is being taken */
  step

  /** @param {any} plan */
  constructor({ options }) {
    this.options = options
    /** Whether a second load of a key at a time needs a reason. */
    this.isSingle = options.singleFlight !== false && !options.isSync && !options.store
  }

  /** @param {import('./world.mjs').World} world */
  watch(world) {
    this.world = world
  }

  floorOf(key) {
    return this.floors.get(key) ?? -1
  }

  /** @param {any} load it began this moment */
  loaded(load) {
    const { world, step } = this
    const floor = this.floorOf(load.key)
    const others = world.running.filter(
      other =>
        other !== load &&
        other.key === load.key &&
        other.version > floor &&
        !other.isReplaced &&
        !other.signal?.aborted,
    )
    if (step?.do === 'refresh') for (const other of others) other.isReplaced = true
    else if (this.isSingle) {
      assert.equal(
        others.length,
        0,
        `load ${load.version} of ${load.key} runs beside load ${others[0]?.version}`,
      )
    }
  }

  /** A step was taken, and has returned. */
  taken(step, result) {
    const { world } = this
    const raise = (key, version) => this.floors.set(key, version)
    const all = version => {
      for (const key of 'abcd') raise(key, version)
    }
    if (step.do === 'call' || step.do === 'refresh') result.floor ??= this.floorOf(step.key)
    if (step.do === 'invalidate' || step.do === 'invalidateIf') raise(step.key, world.versions)
    // Loads of other keys, and of keys with a value that has the tag, are not stored then, and nobody joins them.
    if (step.do === 'invalidateIf' || (step.do === 'tag' && step.name.startsWith('v')))
      for (const load of world.running) load.isReplaced = true
    if (step.do === 'set') raise(step.key, world.versions - 1)
    if (step.do === 'clear' || (step.do === 'tag' && step.name === 'all')) all(world.versions)
    else if (step.do === 'tag') raise(step.name.replace('*', ''), world.versions)
  }

  /** @param {boolean} isEnd every load has ended */
  check(isEnd) {
    for (const { key, state, value, floor, ignores, promise } of this.world.callers) {
      if (isEnd && ignores)
        assert.doesNotMatch(inspect(promise), /<pending>/, `a promise of ${key} is pending`)
      else if (isEnd) assert.notEqual(state, 'open', `a caller of ${key} still waits`)
      assert.match(state, /^(open|value \d+|error \d+|left by \w+)$/)
      if (value !== undefined) {
        assert.ok(
          value.version > floor,
          `a caller of ${key} got value ${value.version}, outdated at ${floor}`,
        )
      }
    }
  }
}
