import { distinct, same } from './pair.mjs'

/** Cycles, shared references and depth. */
const ring = (length, extra = {}) => {
  const first = { ...extra }
  let last = first
  for (let i = 1; i < length; i++) last = last.next = { ...extra }
  last.next = first
  return first
}
/** A path of `length` objects whose end leads back to the object `back` steps from the start. */
const lasso = (length, back) => {
  const nodes = Array.from({ length }, () => ({}))
  nodes.forEach((node, i) => {
    node.next = nodes[i + 1] ?? nodes[back]
  })
  return nodes[0]
}
const circular = item => {
  const array = [item]
  array.push(array)
  return array
}
const mapOfItself = item => {
  const map = new Map([['item', item]])
  return map.set('self', map)
}
const setOfItself = item => {
  const set = new Set([item])
  return set.add(set)
}
const ownCause = message => {
  const error = new Error(message)
  error.cause = error
  return error
}
const nested = (depth, wrap, leaf) => {
  let value = leaf
  for (let i = 0; i < depth; i++) value = wrap(value)
  return value
}
const inObject = value => ({ value })
const inArray = value => [value]
const inMap = value => new Map([['value', value]])
const twice = item => [item, item]
const parents = name => {
  const child = { name }
  child.parent = { child }
  return child
}
const DEEP = 20_000

export const graphs = [
  same('equal cycles', () => [ring(1)]),
  same('equal cycles with content', () => [ring(3, { a: 1 })]),
  distinct(
    'cycles with other content',
    () => [ring(1, { a: 1 })],
    () => [ring(1, { a: 2 })],
  ),
  distinct(
    'a cycle of one is not a cycle of two',
    () => [ring(1)],
    () => [ring(2)],
  ),
  distinct(
    'a cycle is not its text',
    () => [ring(1)],
    () => [{ next: '[Circular]' }],
  ),
  distinct(
    'a cycle is not an end',
    () => [ring(1)],
    () => [{ next: null }],
  ),
  distinct(
    'a cycle back to another object',
    () => [lasso(3, 0)],
    () => [lasso(3, 1)],
  ),
  same('equal cycles of parent and child', () => [parents('a')]),
  distinct(
    'cycles of parent and child differ',
    () => [parents('a')],
    () => [parents('b')],
  ),
  same('an array in itself', () => [circular(1)]),
  distinct(
    'arrays in themselves differ',
    () => [circular(1)],
    () => [circular(2)],
  ),
  same('a Map in itself', () => [mapOfItself(1)]),
  distinct(
    'Maps in themselves differ',
    () => [mapOfItself(1)],
    () => [mapOfItself(2)],
  ),
  same('a Set in itself', () => [setOfItself(1)]),
  distinct(
    'Sets in themselves differ',
    () => [setOfItself(1)],
    () => [setOfItself(2)],
  ),
  same('an error that is its own cause', () => [ownCause('a')]),
  same('a cycle longer than any stack', () => [ring(DEEP)]),
  distinct(
    'a cycle past the usual depth leads elsewhere',
    () => [lasso(100, 0)],
    () => [lasso(100, 1)],
  ),
  same(
    'a shared object counts as two copies',
    () => [twice({ a: 1 })],
    () => [[{ a: 1 }, { a: 1 }]],
  ),
  same(
    'a shared argument counts as two copies',
    () => twice({ a: 1 }),
    () => [{ a: 1 }, { a: 1 }],
  ),
  same(
    'a shared array counts as two copies',
    () => [{ a: twice([1]) }],
    () => [{ a: [[1], [1]] }],
  ),
  distinct(
    'a shared object is not a cycle',
    () => [twice({})],
    () => [circular({})],
  ),
  same('deep objects', () => [nested(DEEP, inObject, 1)]),
  distinct(
    'the end of deep objects',
    () => [nested(DEEP, inObject, 1)],
    () => [nested(DEEP, inObject, 2)],
  ),
  distinct(
    'the depth of deep objects',
    () => [nested(DEEP, inObject, 1)],
    () => [nested(DEEP + 1, inObject, 1)],
  ),
  same('deep arrays', () => [nested(DEEP, inArray, 1)]),
  distinct(
    'the end of deep arrays',
    () => [nested(DEEP, inArray, 1)],
    () => [nested(DEEP, inArray, 2)],
  ),
  distinct(
    'the depth of deep arrays',
    () => [nested(DEEP, inArray, 1)],
    () => [nested(DEEP - 1, inArray, 1)],
  ),
  same('deep Maps', () => [nested(DEEP, inMap, 1)]),
  distinct(
    'the end of deep Maps',
    () => [nested(DEEP, inMap, 1)],
    () => [nested(DEEP, inMap, 2)],
  ),
  distinct(
    'what follows something deep counts',
    () => [nested(100, inArray, 1), 1],
    () => [nested(100, inArray, 1), 2],
  ),
  distinct(
    'what stands beside something deep counts',
    () => [[nested(100, inArray, 1), 1]],
    () => [[nested(100, inArray, 1), 2]],
  ),
  distinct(
    'deep things do not change places',
    () => [[nested(100, inArray, 1), nested(100, inArray, 2)]],
    () => [[nested(100, inArray, 2), nested(100, inArray, 1)]],
  ),
]
