import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hash, mime } from '../../js/entry/inline.js'

test('64 hex digits, the same for equal values', () => {
  assert.match(hash({ a: 1 }), /^[0-9a-f]{64}$/)
  assert.equal(hash({ a: 1, b: [new Map([[1, 2]])] }), hash({ b: [new Map([[1, 2]])], a: 1 }))
  assert.notEqual(hash({ a: 1 }), hash({ a: '1' }))
  assert.notEqual(hash(), hash(undefined))
  assert.notEqual(hash('a', 'bc'), hash('ab', 'c'))
  assert.notEqual(hash({ 'a:1,b': 2 }), hash({ a: 1, b: 2 }))
  assert.notEqual(hash('\ud800'), hash('\ufffd'))
})

test('the value is pinned: other runtimes and later versions must give the same', () => {
  assert.equal(
    hash({ id: 1, tags: ['x'] }),
    '3ec2b547c65503ed18b9622338b499e3c3e0f31b2b60563cf98103edec0392ec',
  )
  assert.equal(hash('é'.repeat(100_000)), 'db100f8a5dd515f5bee601eb9b7c54ff9c78299e835819a0b18d9c85ff2c9beb')
})

test('a long value has the hash of its content too', () => {
  const long = 'x'.repeat(300_000)
  assert.equal(hash(long), hash('x'.repeat(300_000)))
  assert.notEqual(hash(long), hash(`${long}y`))
  assert.notEqual(hash([long, 1]), hash([long, 2]))
})

test('what counts by identity throws a coded error that names it', () => {
  class Socket {}
  const cases = [
    [new Socket(), 'Socket'],
    [function named() {}, 'named'],
    [() => 1, 'function'],
    [Symbol('mine'), 'Symbol(mine)'],
    [{ deep: [new Socket()] }, 'Socket'],
    [new WeakMap(), 'WeakMap'],
    [Promise.resolve(), 'Promise'],
  ]
  for (const [value, word] of cases) {
    assert.throws(
      () => hash(value),
      error =>
        error instanceof TypeError && error.code === 'ERR_NOT_PORTABLE' && error.message.includes(word),
    )
  }
  assert.match(hash(Symbol.for('ours')), /^[0-9a-f]{64}$/)
})

test('a class with [mime.key]() has a portable hash', () => {
  class Point {
    constructor(x) {
      this.x = x
    }
    [mime.key]() {
      return this.x
    }
  }
  assert.equal(hash(new Point(1)), hash(new Point(1)))
  assert.notEqual(hash(new Point(1)), hash(new Point(2)))
  assert.notEqual(hash(new Point(1)), hash(1))
})
