import { Naive } from '../naive.mjs'
import { Reference } from '../reference.mjs'

/**
 * Stores with one fault each, and the checks that have to refuse them: by the beginnings of their names.
 * @typedef {object} Mutant
 * @property {string} name
 * @property {(rows: Map<string, any>, wrap: (backend: any) => any) => any} open
 * @property {string[]} refusedBy
 * @property {boolean} [sync]
 * @property {boolean} [tags]
 */

/** Every value, wherever it stands. */
export function deep(value, change) {
  if (Array.isArray(value)) return value.map(item => deep(item, change))
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deep(item, change)]))
  }
  return change(value)
}

/** @param {string} name @param {string[]} refusedBy @param {(Base: typeof Reference) => any} make */
export const of = (name, refusedBy, make) => {
  const Mutant = make(Reference)
  return { name, refusedBy, open: rows => new Mutant(rows) }
}

/** One that knows what is not flushed yet. */
class Flushing extends Reference {
  fresh = new Set()
  set(key, entry) {
    super.set(key, entry)
    this.fresh.add(this.idOf(key))
  }
  async flush() {
    this.fresh.clear()
  }
}

/** @param {string} name @param {string[]} refusedBy @param {(Base: typeof Flushing) => any} make */
export const flushing = (name, refusedBy, make) => {
  const Mutant = make(Flushing)
  return { name, refusedBy, open: rows => new Mutant(rows) }
}

/** @param {string} name @param {string[]} refusedBy @param {(value: any) => any} change what values come back as */
export const mangling = (name, refusedBy, change) =>
  of(name, refusedBy, Base => class extends Base {
    unpack(packed) {
      return change(super.unpack(packed))
    }
  }) // biome-ignore format: one line

/** @param {string} name @param {string[]} refusedBy @param {(value: any) => any} to @param {(packed: any) => any} from */
export const serialising = (name, refusedBy, to, from) =>
  of(name, refusedBy, Base => class extends Base {
    pack = to
    unpack = from
  }) // biome-ignore format: one line

/** @param {string} name @param {string[]} refusedBy @param {(Base: typeof Naive) => any} make */
export const naive = (name, refusedBy, make) => {
  const Mutant = make(Naive)
  return { name, refusedBy, sync: false, tags: false, open: (rows, wrap) => new Mutant(rows, wrap) }
}
