import * as sink from './sink.js'
import { CYCLE, DEFERRED } from './tags.js'

/**
 * The state of a walk: what it met, where it is, and which containers are around it.
 */

/** Containers nested deeper are written after the argument, so no depth overflows the stack. */
const MAX_DEPTH = 64
/** Past these an argument goes by identity: 32,768 levels, and as many places where a container is put off. */
const MAX_CHAIN = 512
const MAX_DEFERRED = 2 ** 17

/** @typedef {{ containers: object[], outer: Above | undefined, length: number }} Above the containers above a deferred one */

/** The state of one walk; user code that interrupts a walk gets a fresh one. */
function freshState() {
  return {
    portable: true,
    /** What went by identity. @type {object[]} */
    identities: [],
    depth: 0,
    /** The containers around the current value. @type {(object | undefined)[]} */
    path: [],
    /** @type {Above | undefined} */
    above: undefined,
    /** @type {Above | undefined} */
    shared: undefined,
    /** @type {{ container: object, above: Above }[]} */
    deferred: [],
    /** Values of the objects being written, each in its object's own order. @type {unknown[]} */
    held: [],
    top: 0,
  }
}

/** The walk that runs; read through the live binding. */
export let state = freshState()

/** @param {ReturnType<typeof freshState>} [outer] the state to take up again; a fresh one without it */
export function switchState(outer = freshState()) {
  state = outer
}

/** @type {readonly object[]} */
export const NONE = Object.freeze([])

/** What a call met by identity; the walk lets go of it. @returns {readonly object[]} */
export function takeIdentities() {
  const { identities } = state
  if (identities.length === 0) return NONE
  state.identities = []
  return identities
}

/**
 * Containers know their ancestors, so a cycle is written as the distance to the container it returns to.
 * @param {object} value
 * @param {(value: any, name: string) => void} write
 * @param {string} [name]
 */
export function inside(value, write, name = '') {
  const { path, depth } = state
  for (let i = depth - 1; i >= 0; i--) {
    if (path[i] === value) return sink.head(CYCLE, depth - i)
  }
  if (state.above !== undefined) {
    const distance = distanceAbove(value)
    if (distance > 0) return sink.head(CYCLE, distance)
  }
  if (depth === MAX_DEPTH) return defer(value)
  sink.checkLength()
  path[depth] = value
  state.depth = depth + 1
  write(value, name)
  state.depth = depth
  path[depth] = undefined
  if (depth === MAX_DEPTH - 1) state.shared = undefined
}

/** @param {object} value @returns {number} how many containers up it stands, 0 when it does not */
function distanceAbove(value) {
  let distance = state.depth
  for (let above = state.above; above !== undefined; above = above.outer) {
    const at = above.containers.indexOf(value)
    if (at >= 0) return distance + above.containers.length - at
    distance += above.containers.length
  }
  return 0
}

/** @param {object} value */
function defer(value) {
  const outer = state.above
  const length = (outer?.length ?? 0) + 1
  if (length > MAX_CHAIN || state.deferred.length > MAX_DEFERRED) throw sink.TOO_LONG
  state.shared ??= { containers: /** @type {object[]} */ (state.path.slice(0, MAX_DEPTH)), outer, length }
  sink.head(DEFERRED, 0)
  state.deferred.push({ container: value, above: state.shared })
}

/**
 * Writes what was put off, first in first out.
 * @param {(container: object) => void} write
 */
export function writeDeferred(write) {
  while (state.deferred.length > 0) {
    const waiting = state.deferred
    state.deferred = []
    for (const { container, above } of waiting) {
      state.above = above
      state.depth = 0
      write(container)
    }
  }
  state.above = undefined
}
