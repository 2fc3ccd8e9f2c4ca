import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { run } from '../runtimes/process.mjs'
import { count as store } from './runners/store.mjs'

/** The test kit and the default clock under the real runners, each in a process of its own. */

const { resolve } = createRequire(import.meta.url)
const folder = fileURLToPath(new URL('runners/', import.meta.url))
const kit = 4
/** For each kind of fake timers. */
const timers = 6

/** @param {string[]} args @param {string} cwd */
const node = (args, cwd = folder) =>
  // Its own runner would otherwise speak to the one that runs this file.
  run(process.execPath, args, { cwd, env: { NODE_TEST_CONTEXT: '', NO_COLOR: '1' } })

/** @param {number} kinds of fake timers */
function all(kinds) {
  const total = kit + store() + kinds * timers
  return { passed: total, total }
}

/** @param {string} output of a reporter that prints JSON */
function counts(output) {
  const { numPassedTests, numTotalTests } = JSON.parse(output.slice(output.indexOf('{')))
  return { passed: numPassedTests, total: numTotalTests }
}

test('node:test, its mock timers and sinon', async () => {
  const output = await node(['--test-reporter=tap', 'node.mjs'])
  const count = kit + store() + 5 * timers
  assert.match(output, new RegExp(`^# pass ${count}$`, 'm'))
  assert.match(output, new RegExp(`^# tests ${count}$`, 'm'))
})

test('vitest and its fake timers', async () => {
  const bin = join(dirname(resolve('vitest/package.json')), 'vitest.mjs')
  const output = await node([bin, 'run', '--config=vitest.config.mjs', '--reporter=json'])
  assert.deepEqual(counts(output), all(2))
})

test('jest and its fake timers', async () => {
  const bin = join(dirname(resolve('jest/package.json')), 'bin/jest.js')
  const output = await node(['--experimental-vm-modules', bin, '--config=jest.config.json', '--json'])
  assert.deepEqual(counts(output), all(2))
})
