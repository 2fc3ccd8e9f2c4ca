import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ensureNewestNode, findBun, findDeno } from '../runtimes/binaries.mjs'
import { run } from '../runtimes/process.mjs'
import { scratch } from './help.mjs'

/** Every runtime with a file system reads what every other wrote, after a restart, without being awaited. */

const file = fileURLToPath(new URL('./runtime.mjs', import.meta.url))
const RUNTIMES = {
  node: async path => run(process.execPath, [file, path]),
  'newest node': async path => run(await ensureNewestNode(), [file, path]),
  deno: async path => run(findDeno(), ['run', '--no-remote', '--allow-read', '--allow-write', '--allow-env', file, path]), // biome-ignore format: one line
  bun: async path => run(findBun(), ['run', file, path]),
}
const read = output => JSON.parse(output.trim().split('\n').at(-1))
const VALUES = [['3 3', '4 4'], 200_000, 7, []]

for (const [first, write] of Object.entries(RUNTIMES)) {
  describe(`written by ${first}`, () => {
    test('and read by all', { timeout: 180_000 }, async t => {
      const path = scratch(t)
      assert.deepEqual(read(await write(path)), [4, ...VALUES])
      for (const [name, start] of Object.entries(RUNTIMES))
        assert.deepEqual(read(await start(path)), [0, ...VALUES], name)
      assert.deepEqual(readdirSync(join(path, 'locks')), [])
    })
  })
}
