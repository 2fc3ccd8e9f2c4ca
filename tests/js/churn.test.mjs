import assert from 'node:assert/strict'
import { test } from 'node:test'
import { churn } from '../../bench/lib/churn.mjs'

test('wasm memory stays as it was when the index was full, whatever comes and goes', () => {
  const levels = [...churn(20_000, 1_000_000)].map(([, bytes]) => bytes)
  assert.ok(levels.length >= 10)
  assert.ok(Math.max(...levels) <= levels[0] * 1.2, `${levels.join(' ')} bytes`)
})
