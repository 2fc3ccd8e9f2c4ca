import {
  describeCall,
  describeNode,
  elementAt,
  isIdentifier,
  nameText,
  quote,
  sizeOfElement,
} from './describe.js'

/**
 * Where two keys differ first, and how much they have in common: which entry is the nearest to a call that missed, and why it is another.
 * Keys may be nested tens of thousands deep, so the walk keeps its own stack.
 *
 * @typedef {import('./decode.js').Node} Node
 * @typedef {import('./decode.js').Pairs} Pairs
 * @typedef {import('./decode.js').Tree} Tree
 *
 * @typedef {object} Difference
 * @property {number} argument from 1; 0 is `this`, or the whole key where one is held as a digest
 * @property {string} path inside that argument, such as `.filters.from`
 * @property {string} a what the first has there, `absent` when nothing
 * @property {string} b
 * @property {number} similarity from 0 to 1: how much of the two keys is equal
 *
 * @typedef {{ up: Step | undefined, argument: number, label: () => string }} Step
 * @typedef {{ a: Node | undefined, b: Node | undefined, step: Step }} Pair
 * @typedef {(label: () => string, a: Node | undefined, b: Node | undefined) => void} Descend
 */

const TEXT_LIMIT = 200
/** Longer paths lose their middle. */
const MAX_PATH = 200
/** Strings that differ further in than this are shown from shortly before the difference. */
const EXCERPT_FROM = 60
const EXCERPT_LEAD = 10
/** What two different values of one type have in common; strings up to twice as much more by how they begin and end. */
const SAME_TYPE = 0.25

/**
 * @param {Tree} a
 * @param {Tree} b
 * @returns {Difference | undefined} undefined when the keys are equal
 */
export function diffKeys(a, b) {
  if (a.digested || b.digested) return diffDigests(a, b)
  const walk = new Walk()
  if (a.self || b.self) walk.push({ up: undefined, argument: 0, label: () => '' }, a.self, b.self)
  for (let i = 0; i < Math.max(a.args.length, b.args.length); i++) {
    walk.push({ up: undefined, argument: i + 1, label: () => '' }, a.args[i], b.args[i])
  }
  return walk.run()
}

/** @param {Tree} a @param {Tree} b */
function diffDigests(a, b) {
  if (a.digested?.hash === b.digested?.hash) return undefined
  return {
    argument: 0,
    path: '',
    a: describeCall(a, TEXT_LIMIT),
    b: describeCall(b, TEXT_LIMIT),
    similarity: 0,
  }
}

class Walk {
  /** Pairs to compare, the next one last. @type {Pair[]} */
  stack = []
  /** Pushed for one parent, in order. @type {Pair[]} */
  pending = []
  /** @type {Pair | undefined} */
  first = undefined
  same = 0
  compared = 0

  /** @param {Step} step @param {Node | undefined} a @param {Node | undefined} b */
  push(step, a, b) {
    if (a === undefined && b === undefined) return
    this.pending.push({ a, b, step })
  }

  run() {
    for (;;) {
      while (this.pending.length > 0) this.stack.push(/** @type {Pair} */ (this.pending.pop()))
      const pair = this.stack.pop()
      if (pair === undefined) break
      this.compare(pair)
    }
    if (this.first === undefined) return undefined
    const { a, b, step } = this.first
    return {
      argument: step.argument,
      path: pathOf(step),
      ...texts(a, b),
      similarity: this.same / this.compared,
    }
  }

  /** @param {Pair} pair */
  compare(pair) {
    const { a, b, step } = pair
    if (a !== undefined && b !== undefined) {
      /** @type {Descend} */
      const descend = (label, a, b) => this.push({ up: step, argument: step.argument, label }, a, b)
      if (children(a, b, descend)) return
    }
    const likeness = a === undefined || b === undefined ? 0 : likenessOf(a, b)
    this.compared++
    this.same += likeness
    if (likeness < 1) this.first ??= pair
  }
}

/**
 * @param {Node} a
 * @param {Node} b
 * @param {Descend} descend called for each pair of parts, in order
 * @returns {boolean} false when the two must be compared as they are: leaves, or not the same kind of container
 */
function children(a, b, descend) {
  switch (a.type) {
    case 'array':
      if (b.type !== 'array') return false
      if (a.length + b.length === 0) descend(() => '', EMPTY, EMPTY)
      items(a.items, b.items, i => `[${i}]`, descend)
      return properties(a.extra, b.extra, descend)
    case 'object':
      if (b.type !== 'object') return false
      if (a.entries.length + b.entries.length === 0) descend(() => '', EMPTY, EMPTY)
      return properties(a.entries, b.entries, descend)
    case 'map':
      if (b.type !== 'map') return false
      entries(a.entries, b.entries, descend)
      return properties(a.extra, b.extra, descend)
    case 'set':
      if (b.type !== 'set') return false
      items(a.items, b.items, i => `<member ${i + 1}>`, descend)
      return properties(a.extra, b.extra, descend)
    case 'error':
      if (b.type !== 'error' || a.name !== b.name) return false
      descend(() => '.message', present(a.message), present(b.message))
      descend(() => '.cause', present(a.cause), present(b.cause))
      descend(() => '.errors', present(a.errors), present(b.errors))
      return properties(a.extra, b.extra, descend)
    case 'request':
      if (b.type !== 'request') return false
      descend(() => '.method', a.method, b.method)
      descend(() => '.url', a.url, b.url)
      descend(() => '.headers', a.headers, b.headers)
      descend(() => '<settings>', a.settings, b.settings)
      descend(() => '.body', present(a.body), present(b.body))
      return properties(a.extra, b.extra, descend)
    case 'keyed':
      if (b.type !== 'keyed' || a.name !== b.name || a.class !== b.class) return false
      descend(() => '[mime.key]()', a.inner, b.inner)
      return true
    case 'boxed':
      if (b.type !== 'boxed') return false
      descend(() => '', a.inner, b.inner)
      return properties(a.extra, b.extra, descend)
    case 'bytes':
      if (b.type !== 'bytes' || a.kind !== b.kind) return false
      return elements(a.kind, a.value, b.value, descend)
    case 'date':
    case 'regexp':
    case 'text':
      // With equal properties, they are compared as leaves.
      if (b.type !== a.type || a.extra.length + b.extra.length === 0) return false
      descend(() => '', { ...a, extra: [] }, { ...b, extra: [] })
      return properties(a.extra, b.extra, descend)
    default:
      return false
  }
}

/** Stands for what two empty containers have in common. @type {Node} */
const EMPTY = { type: 'undefined' }

/** @param {Node} field of an error or a request */
function present(field) {
  return field.type === 'holes' ? undefined : field
}

/**
 * Items side by side. Runs of holes are cut where one of the two ends.
 * @param {Node[]} a
 * @param {Node[]} b
 * @param {(index: number) => string} label
 * @param {Descend} descend
 */
function items(a, b, label, descend) {
  const left = new Items(a)
  const right = new Items(b)
  for (let index = 0; left.node || right.node; ) {
    const here = index
    const run = Math.min(left.run, right.run)
    descend(() => label(here), left.shown(run), right.shown(run))
    left.skip(run)
    right.skip(run)
    index += run
  }
}

/** A position in a list of items in which holes stand as runs. */
class Items {
  place = 0
  /** How many items the node here stands for, from here on. */
  run = 0

  /** @param {Node[]} items */
  constructor(items) {
    this.items = items
    this.load()
  }

  get node() {
    return /** @type {Node | undefined} */ (this.items[this.place])
  }

  load() {
    const { node } = this
    this.run = node === undefined ? Infinity : node.type === 'holes' ? node.value : 1
  }

  /** @param {number} run @returns {Node | undefined} */
  shown(run) {
    return this.node?.type === 'holes' ? { type: 'holes', value: run } : this.node
  }

  /** @param {number} run */
  skip(run) {
    if (this.node === undefined) return
    this.run -= run
    if (this.run > 0) return
    this.place++
    this.load()
  }
}

/**
 * Properties by name: both lists are in canonical order, but a key from elsewhere need not be, so names are looked up.
 * @param {Pairs} a
 * @param {Pairs} b
 * @param {Descend} descend
 */
function properties(a, b, descend) {
  const others = new Map(b.map(([name, value]) => [identifierOf(name), value]))
  for (const [name, value] of a) {
    const id = identifierOf(name)
    descend(() => propertyText(name), value, others.get(id))
    others.delete(id)
  }
  for (const [name, value] of b) {
    if (others.delete(identifierOf(name))) descend(() => propertyText(name), undefined, value)
  }
  return true
}

/** @param {Node} name of a property @returns {string} */
function identifierOf(name) {
  return 'value' in name ? `${name.type} ${name.value}` : name.type
}

/** @param {Node} name */
function propertyText(name) {
  if (name.type !== 'string') return nameText(name)
  return isIdentifier(name.value) ? `.${name.value}` : `[${quote(name.value)}]`
}

/** A Map's entries in order; equal keys lead to their values. @param {Pairs} a @param {Pairs} b @param {Descend} descend */
function entries(a, b, descend) {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [key, value] = a[i] ?? []
    const [otherKey, otherValue] = b[i] ?? []
    descend(() => `<key ${i + 1}>`, key, otherKey)
    descend(() => (key ? `.get(${describeNode(key, MAX_PATH)})` : `<value ${i + 1}>`), value, otherValue)
  }
}

/**
 * Where bytes differ; equal ones count as one part.
 * @param {string} kind
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 * @param {Descend} descend
 */
function elements(kind, a, b, descend) {
  const length = Math.min(a.length, b.length)
  let at = 0
  while (at < length && a[at] === b[at]) at++
  if (at === length && a.length === b.length) {
    descend(() => '', EMPTY, EMPTY)
    return true
  }
  const size = sizeOfElement(kind)
  const index = Math.floor(at / size)
  const one = at < a.length ? elementAt(kind, a, index) : undefined
  const other = at < b.length ? elementAt(kind, b, index) : undefined
  const isSame = one && other && likenessOf(one, other) === 1
  // Two NaNs may differ in their bits; their bytes show it.
  const bits = (/** @type {Uint8Array} */ bytes) =>
    /** @type {Node} */ ({
      type: 'bytes',
      kind: 'ArrayBuffer',
      value: bytes.slice(index * size, index * size + size),
    })
  descend(() => `[${index}]`, isSame ? bits(a) : one, isSame ? bits(b) : other)
  return true
}

/** @param {Node} a @param {Node} b @returns {number} 1 when equal */
function likenessOf(a, b) {
  if (a.type !== b.type) return 0
  if (a.type === 'string' && b.type === 'string') return stringLikeness(a.value, b.value)
  if (a.type === 'regexp' && b.type === 'regexp') {
    return a.source === b.source && a.flags === b.flags ? 1 : SAME_TYPE
  }
  if (a.type === 'text' && b.type === 'text')
    return a.kind === b.kind ? stringLikeness(a.value, b.value) : SAME_TYPE
  if ('value' in a && 'value' in b) return Object.is(a.value, b.value) ? 1 : SAME_TYPE
  // What has neither value nor parts is equal; containers that come here differ in kind or in name.
  return a.type === 'bytes' || a.type === 'error' || a.type === 'keyed' ? SAME_TYPE : 1
}

/** @param {string} a @param {string} b */
function stringLikeness(a, b) {
  if (a === b) return 1
  const length = Math.min(a.length, b.length)
  const from = firstDifference(a, b)
  let end = 0
  while (end < length - from && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  return SAME_TYPE * (1 + (2 * (from + end)) / Math.max(a.length, b.length))
}

/** @param {string} a @param {string} b */
function firstDifference(a, b) {
  const length = Math.min(a.length, b.length)
  let at = 0
  while (at < length && a[at] === b[at]) at++
  return at
}

/**
 * Both sides in words that show the difference.
 * @param {Node | undefined} a
 * @param {Node | undefined} b
 */
function texts(a, b) {
  if (a?.type === 'date' && b?.type === 'date') return { a: shortDate(a), b: shortDate(b) }
  if (a?.type === 'string' && b?.type === 'string') return excerpts(a.value, b.value, '')
  if (a?.type === 'text' && b?.type === 'text' && a.kind === b.kind)
    return excerpts(a.value, b.value, `${a.kind} `)
  return { a: textOf(a), b: textOf(b) }
}

/** @param {Node | undefined} node */
function textOf(node) {
  return node === undefined ? 'absent' : describeNode(node, TEXT_LIMIT)
}

/** A date without a time of day is one at midnight UTC. @param {Node} node */
function shortDate(node) {
  return describeNode(node).replace('T00:00:00.000Z', '')
}

/** @param {string} a @param {string} b @param {string} before */
function excerpts(a, b, before) {
  const at = firstDifference(a, b)
  const from = at > EXCERPT_FROM ? at - EXCERPT_LEAD : 0
  const lead = from > 0 ? '…' : ''
  return { a: before + lead + quote(a.slice(from)), b: before + lead + quote(b.slice(from)) }
}

/** @param {Step} step @returns {string} */
function pathOf(step) {
  /** @type {string[]} */
  const labels = []
  for (let at = /** @type {Step | undefined} */ (step); at !== undefined; at = at.up) labels.push(at.label())
  const path = labels.reverse().join('')
  return path.length <= MAX_PATH ? path : `${path.slice(0, MAX_PATH / 2)}…${path.slice(-MAX_PATH / 2)}`
}
