import vm from 'node:vm'
import { distinct, same } from './pair.mjs'

/** What goes by identity: functions, class instances and everything else that may hide state. */
class Point {
  constructor(x) {
    this.x = x
  }
}
class Secret {
  #value
  constructor(value) {
    this.#value = value
  }
  reveal() {
    return this.#value
  }
}
class List extends Array {}
class Table extends Map {}
class Bag extends Set {}
class Day extends Date {}
class Failure extends Error {}
class Pattern extends RegExp {}
class Demand extends Request {}

const made = () => () => 1
const fn = made()
const point = new Point(1)
const counter = { reads: 0 }
const weakMap = new WeakMap()
const promise = Promise.resolve(1)
const blob = new Blob(['a'])
const file = new File(['a'], 'a.txt')
const generator = (function* () {})()
const proxied = new Proxy(() => 1, {})
const emitter = new EventTarget()
const shared = new SharedArrayBuffer(8)

/** Two of a kind are two; one of a kind is itself. */
const each = (what, make, one) => [
  distinct(`two ${what}`, () => [make()]),
  same(`one and the same ${what}`, () => [one]),
]

export const identities = [
  ...each('functions of one source', made, fn),
  ...each('instances of a class', () => new Point(1), point),
  ...each('WeakMaps', () => new WeakMap(), weakMap),
  ...each('promises', () => Promise.resolve(1), promise),
  ...each('Blobs', () => new Blob(['a']), blob),
  ...each('Files', () => new File(['a'], 'a.txt'), file),
  ...each('generators', () => (function* () {})(), generator),
  ...each('proxies of functions', () => new Proxy(() => 1, {}), proxied),
  ...each('event targets', () => new EventTarget(), emitter),
  ...each('SharedArrayBuffers', () => new SharedArrayBuffer(8), shared),
  distinct(
    'functions of one source with other closures',
    () => [
      (
        a => () =>
          a
      )(1),
    ],
    () => [
      (
        a => () =>
          a
      )(2),
    ],
  ),
  distinct(
    'a function is not its text',
    () => [fn],
    () => [String(fn)],
  ),
  distinct(
    'a function is not undefined',
    () => [fn],
    () => [undefined],
  ),
  distinct('two functions of one name', () => [{ f() {} }.f]),
  distinct('two bound functions', () => [fn.bind(null)]),
  distinct('two classes of one source', () => [class A {}]),
  same('a builtin function', () => [Math.max]),
  distinct(
    'two builtin functions',
    () => [Math.max],
    () => [Math.min],
  ),
  distinct('equal functions in equal objects', () => [{ f: made() }]),
  same('one function in equal objects', () => [{ f: fn, a: 1 }]),
  same(
    'an instance whatever changes in it',
    () => [point],
    () => {
      point.y = ++counter.reads
      return [point]
    },
  ),
  distinct(
    'an instance is not a plain object',
    () => [new Point(1)],
    () => [{ x: 1 }],
  ),
  distinct(
    'instances with private state',
    () => [new Secret(1)],
    () => [new Secret(2)],
  ),
  distinct(
    'an instance with private state is not an empty object',
    () => [new Secret(1)],
    () => [{}],
  ),
  distinct('equal instances in equal objects', () => [{ point: new Point(1) }]),
  distinct('an instance of another realm', () => [vm.runInNewContext('class A {}; new A()')]),
  distinct('subclasses of Array', () => [List.of(1)]),
  distinct(
    'a subclass of Array is none',
    () => [List.of(1)],
    () => [[1]],
  ),
  distinct('subclasses of Map', () => [new Table()]),
  distinct('subclasses of Set', () => [new Bag()]),
  distinct('subclasses of Date', () => [new Day(0)]),
  distinct(
    'a subclass of Date is none',
    () => [new Day(0)],
    () => [new Date(0)],
  ),
  distinct('subclasses of Error', () => [new Failure('a')]),
  distinct('subclasses of RegExp', () => [new Pattern('a')]),
  distinct('objects that inherit from a plain one', () => [Object.create({ a: 1 })]),
  distinct(
    'an object that inherits is not empty',
    () => [Object.create({ a: 1 })],
    () => [{}],
  ),
  distinct('WeakSets', () => [new WeakSet()]),
  distinct('WeakRefs', () => [new WeakRef(point)]),
  distinct('iterators of a Map', () => [new Map().entries()]),
  distinct('AbortControllers', () => [new AbortController()]),
  distinct('Requests of a class', () => [new Demand('https://example.org/')]),
  distinct('Responses', () => [new Response('a')]),
  distinct('FormDatas', () => [new FormData()]),
  distinct('streams', () => [new ReadableStream()]),
  distinct('number formats', () => [new Intl.NumberFormat('de')]),
  same('a namespace object', () => [Math]),
  distinct(
    'two namespace objects',
    () => [Math],
    () => [JSON],
  ),
  distinct(
    'a namespace object is not empty',
    () => [Math],
    () => [{}],
  ),
  same('the global object', () => [globalThis]),
]
