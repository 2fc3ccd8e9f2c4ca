import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flights } from '../../js/flights.js'
import { List, Numbers } from '../../js/list.js'

const FAR = 1_000_000

for (const [name, nothing, Kind] of [
  ['anything', undefined, List],
  ['numbers', Number.NaN, Numbers],
])
  test(`a list of ${name} equals an array`, () => {
    const list = new Kind()
    const twin = new Map()
    for (let n = 0; n < 60_000; n++) {
      const slot = (n * 7919) % 50_000
      if (n % 3 === 0) {
        list.unset(slot)
        twin.delete(slot)
      } else {
        list.set(slot, n)
        twin.set(slot, n)
      }
    }
    list.unset(FAR)
    for (let slot = -2; slot < 50_010; slot++)
      assert.equal(list.get(slot), twin.has(slot) ? twin.get(slot) : nothing)
    assert.equal(list.get(FAR), nothing)
    list.clear()
    assert.equal(list.get(1), nothing)
  })

test('undefined is something in a list', () => {
  const list = new List()
  for (const slot of [3, 9000]) {
    assert.equal(list.has(slot), false)
    list.set(slot, undefined)
    assert.ok(list.has(slot) && !list.has(slot - 1) && !list.has(slot + 1))
    list.unset(slot)
    assert.equal(list.has(slot), false)
  }
  assert.ok(!list.has(FAR) && !list.has(-2))
})

test('no page of a list moves when another is added', () => {
  const list = new List()
  list.set(20_000, 'a')
  const [, second, third] = list.pages
  list.set(FAR, 'b')
  assert.ok(list.pages[1] === second && list.pages[2] === third)
  assert.ok(list.pages.every(page => page.length <= 8192))
  assert.equal(list.get(20_000), 'a')
})

test('flights take pages while they run, and leave one', () => {
  const flights = new Flights()
  const flight = (slot, n = slot) => /** @type {any} */ ({ slot, n })
  for (let slot = 0; slot < 10_000; slot++) flights.set(slot, flight(slot))
  flights.set(5, flight(5, 50))
  assert.equal(flights.get(5)?.n, 50)
  assert.equal(
    flights.count(({ n }) => n < 10),
    9,
  )
  for (let slot = 0; slot < 10_000; slot += 2) flights.delete(slot)
  flights.delete(0)
  flights.delete(FAR)
  assert.ok(flights.get(0) === undefined && flights.get(1)?.n === 1 && flights.get(FAR) === undefined)
  assert.equal(
    flights.count(() => true),
    5_000,
  )
  for (let slot = 1; slot < 10_000; slot += 2) flights.delete(slot)
  assert.ok(flights.pages.every(page => page === undefined))
  flights.set(3, flight(3))
  assert.deepEqual([flights.get(3)?.n, flights.get(1), flights.count(() => true)], [3, undefined, 1])
})

test('a flight is in one place, whether it is the only one or not', () => {
  const flights = new Flights()
  const known = new Map()
  let random = 1
  for (let step = 0; step < 5_000; step++) {
    random = (random * 48_271) % 2_147_483_647
    const slot = (random % 7) * 100
    if (random % 3 === 0) {
      flights.delete(slot)
      known.delete(slot)
    } else {
      const flight = /** @type {any} */ ({ slot, step })
      flights.set(slot, flight)
      known.set(slot, flight)
    }
    for (let at = 0; at < 700; at += 100) assert.equal(flights.get(at), known.get(at))
    assert.equal(
      flights.count(() => true),
      known.size,
    )
  }
})
