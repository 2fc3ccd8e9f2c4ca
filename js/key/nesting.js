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

const { apply } = Reflect
const { add, has } = Set.prototype

/** @typedef {{ containers: object[], outer: Above | undefined, length: number }} Above the containers above a deferred one */
/** @typedef {{ container: object, above: Above }} Deferred */

class State {
  /** False when something went by identity. */
  portable = true
  /** An AbortSignal was left out. */
  signals = false
  /** What went by identity. @type {object[]} */
  identities = []
  /** Requests whose bodies nobody has read yet. @type {object[]} */
  unread = []
  depth = 0
  /** The containers around the current value. @type {(object | undefined)[]} */
  path = []
  /** @type {Above | undefined} */
  above = undefined
  /** @type {Above | undefined} */
  shared = undefined
  /** @type {Deferred[]} */
  deferred = []
  /** All that are above something deferred. @type {Set<object>} */
  around = new Set()
  /** Values of the objects being written, each in its object's own order. @type {unknown[]} */
  held = []
  top = 0
}

/** The walk that runs; read through the live binding. */
export let state = new State()

/** @param {State} [outer] the state to take up again; a fresh one without it */
export function switchState(outer = new State()) {
  state = outer
}

/**
 * An argument could not be walked; what was met in it does not count.
 * @param {boolean} portable
 * @param {number} known identities before it
 * @param {number} unread Requests before it
 */
export function abandonArgument(portable, known, unread) {
  state.portable = portable
  state.identities.length = known
  state.unread.length = unread
  state.depth = 0
  state.path = []
  state.above = undefined
  state.shared = undefined
  state.deferred = []
  state.around = new Set()
  state.held = []
  state.top = 0
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

/** Requests whose bodies the walk would have needed; it lets go of them. @returns {readonly object[]} */
export function takeUnread() {
  const { unread } = state
  if (unread.length === 0) return NONE
  state.unread = []
  return unread
}

/**
 * Containers know their ancestors, so a cycle is written as the distance to the container it returns to.
 * @param {object} value
 * @param {(value: any, detail: any) => void} write
 * @param {unknown} [detail]
 */
export function inside(value, write, detail) {
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
  write(value, detail)
  state.depth = depth
  path[depth] = undefined
  if (depth === MAX_DEPTH - 1) state.shared = undefined
}

/** @param {object} value @returns {number} how many containers up it stands, 0 when it does not */
function distanceAbove(value) {
  // Else each of many deep down would be compared with all that are above it.
  if (!apply(has, state.around, [value])) return 0
  let distance = state.depth
  for (let above = state.above; above !== undefined; above = above.outer) {
    const { containers } = above
    for (let i = containers.length - 1; i >= 0; i--) {
      if (containers[i] === value) return distance + containers.length - i
    }
    distance += containers.length
  }
  return 0
}

/** @param {object} value */
function defer(value) {
  const { deferred, around, above, path } = state
  const length = (above?.length ?? 0) + 1
  if (length > MAX_CHAIN || deferred.length > MAX_DEFERRED) throw sink.TOO_LONG
  if (state.shared === undefined) {
    const containers = new Array(MAX_DEPTH)
    for (let i = 0; i < MAX_DEPTH; i++) {
      containers[i] = path[i]
      apply(add, around, [path[i]])
    }
    state.shared = { containers, outer: above, length }
  }
  sink.head(DEFERRED, 0)
  deferred[deferred.length] = { container: value, above: state.shared }
}

/**
 * Writes what was put off, first in first out.
 * @param {(container: object) => void} write
 */
export function writeDeferred(write) {
  while (state.deferred.length > 0) {
    const waiting = state.deferred
    state.deferred = []
    for (let i = 0; i < waiting.length; i++) {
      state.above = waiting[i].above
      state.depth = 0
      write(waiting[i].container)
    }
  }
  state.above = undefined
  state.around = new Set()
}
