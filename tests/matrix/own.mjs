import { distinct, same } from './pair.mjs'
import { requests } from './requests.mjs'

/** What only this package promises, or what no other could be asked without hanging: not part of the comparison. */
const KEY = Symbol.for('my-mimic.key')
class Money {
  #amount
  constructor(amount) {
    this.#amount = amount
  }
  [KEY]() {
    return this.#amount
  }
}
class Length {
  constructor(metres) {
    this.metres = metres
  }
  [KEY]() {
    return this.metres
  }
}
class Refusing {
  [KEY]() {
    throw new Error('no key')
  }
}
const refusing = new Refusing()
const endless = () => {
  const array = []
  array.length = 2 ** 32 - 1
  return array
}

export const own = [
  same('equal keys by [mime.key]()', () => [new Money(1)]),
  distinct(
    'other keys by [mime.key]()',
    () => [new Money(1)],
    () => [new Money(2)],
  ),
  distinct(
    'classes whose keys are equal',
    () => [new Money(1)],
    () => [new Length(1)],
  ),
  distinct(
    'a keyed instance is not its key',
    () => [new Money(1)],
    () => [1],
  ),
  same('equal keyed instances in equal objects', () => [{ price: new Money(1) }]),
  same('one instance whose [mime.key]() throws', () => [refusing]),
  distinct('two instances whose [mime.key]() throws', () => [new Refusing()]),
  same('an array of nothing but holes, as long as can be', () => [endless()]),
  distinct(
    'the longest array with one item',
    () => [endless()],
    () => [Object.assign(endless(), { 7: 1 })],
  ),
  ...requests,
]
