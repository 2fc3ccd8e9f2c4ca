import { decodeKey } from './decode.js'
import { define, make, primitiveOf } from './make.js'

/**
 * The arguments of a call, made anew from its key, for a predicate that picks entries by what they were called with. They are equal to what
 * the function got, not the same: shared references come back as copies, properties in canonical order, and an error's own `name` enumerable
 * (whether it was is not in the key). What went by identity is the thing itself where it is at hand. `undefined` stands for it elsewhere, for an
 * AbortSignal and for what this runtime lacks; a property named by a unique symbol that is not at hand is left out. An instance with `[mime.key]()` is what that method returned.
 *
 * Keys may come from a damaged or foreign store: whatever the bytes, this does not throw, its work is linear in them, and no length in them
 * is believed before there is something to fill it.
 *
 * @typedef {import('./decode.js').Node} Node
 * @typedef {import('./decode.js').Pairs} Pairs
 */

const { apply } = Reflect
const mapSet = Map.prototype.set
const setAdd = Set.prototype.add
/** @type {ReadonlyMap<number, unknown>} */
const NO_IDENTITIES = new Map()

/**
 * @param {Uint8Array} bytes a key
 * @param {ReadonlyMap<number, unknown>} [identities] what is at hand, by id
 * @returns {unknown[]} none for a key held as a digest, which does not tell, nor for bytes that are no key
 */
export function reviveArgs(bytes, identities = NO_IDENTITIES) {
  try {
    const args = []
    for (const node of decodeKey(bytes).args) args.push(new Reviver(identities).argument(node))
    return args
  } catch {
    return []
  }
}

class Reviver {
  /** The objects around the one that is filled, as cycles count them. @type {unknown[]} */
  path = []
  /** Objects still empty; the last is filled first, so `path` up to its depth is what is around it. */
  waiting = /** @type {{ node: Node, object: object, depth: number, levels: number }[]} */ ([])

  /** @param {ReadonlyMap<number, unknown>} identities */
  constructor(identities) {
    this.identities = identities
  }

  /** @param {Node} root */
  argument(root) {
    const { path, waiting } = this
    const value = this.value(root)
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      path.length = next.depth
      for (let i = 0; i < next.levels; i++) path.push(next.object)
      this.fill(next.node, next.object)
    }
    return value
  }

  /** @param {Node} outer @returns {unknown} an object is filled later */
  value(outer) {
    const { path } = this
    let node = outer
    // What an instance counts as stands in its place, but cycles count both: one that ends at an instance itself leads past the path.
    let keyed = 0
    for (; node.type === 'keyed'; node = node.inner) keyed++
    if (node.type === 'cycle') return path[path.length + keyed - node.value]
    const object = make(node)
    if (object === undefined) return this.plain(node)
    this.waiting.push({ node, object, depth: path.length, levels: keyed + 1 })
    return object
  }

  /** What has no parts to be filled. @param {Node} node */
  plain(node) {
    return node.type === 'identity' ? this.identities.get(node.value) : primitiveOf(node)
  }

  /** @param {Node} node @param {object} object */
  fill(node, object) {
    switch (node.type) {
      case 'object':
        return this.properties(object, node.entries)
      case 'array':
        this.items(object, node.items)
        break
      case 'map':
        for (const [key, value] of node.entries) apply(mapSet, object, [this.value(key), this.value(value)])
        break
      case 'set':
        for (const item of node.items) apply(setAdd, object, [this.value(item)])
        break
      case 'error':
        this.field(object, 'message', node.message)
        this.field(object, 'cause', node.cause)
        this.field(object, 'errors', node.errors)
    }
    if ('extra' in node) this.properties(object, node.extra)
  }

  /** @param {object} array @param {Node[]} items */
  items(array, items) {
    let at = 0
    for (const item of items) {
      if (item.type === 'holes') at += item.value
      else define(array, at++, this.value(item))
    }
  }

  /** @param {object} object @param {Pairs} pairs */
  properties(object, pairs) {
    for (const [name, value] of pairs) {
      const key = this.plain(name)
      if (key !== undefined) define(object, /** @type {PropertyKey} */ (key), this.value(value))
    }
  }

  /** @param {object} error @param {string} name @param {Node} node */
  field(error, name, node) {
    if (node.type !== 'holes') define(error, name, this.value(node), false)
  }
}
