import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

test('many distinct keys through functions with the default bounds leave memory flat', async () => {
  const script = fileURLToPath(new URL('../memory/flat.mjs', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, '300000'])
  const { before, after, entries, heavy } = JSON.parse(stdout)
  assert.equal(entries, 10_000)
  assert.ok(heavy.bytes <= 4e6 && heavy.entries > 1000, `${heavy.bytes} bytes in ${heavy.entries} entries`)
  const grown = after.heap - before.heap
  assert.ok(grown < 2e6, `the heap grew by ${grown} bytes over 300,000 keys`)
  assert.ok(after.wasm <= before.wasm * 1.2, `wasm memory grew from ${before.wasm} to ${after.wasm}`)
})
