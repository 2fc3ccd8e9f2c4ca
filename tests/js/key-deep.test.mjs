// Many objects, deep down: each once compared with all that are around it took minutes. In a process of its own, since nothing else could end it.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const exec = promisify(execFile)

test('what is deep down costs no more than elsewhere, and a cycle is found from there', async () => {
  const script = `
    import { mime } from '${new URL('../../js/entry/inline.js', import.meta.url)}'
    const deep = (leaf, levels = 30_000) => {
      for (let i = 0; i < levels; i++) leaf = i % 2 ? [leaf] : { leaf }
      return leaf
    }
    const wide = () => Array.from({ length: 1_000_000 }, (_, i) => ({ i }))
    const f = mime(() => ({}))
    const same = f(deep(wide())) === f(deep(wide()))
    const cycle = (up, last) => {
      const top = []
      const middle = deep(last ?? top, up)
      if (last !== undefined) last.push(middle)
      return deep(top.push(middle) && top, 1000)
    }
    const cycles = [cycle(20_000), cycle(20_000), cycle(20_001), cycle(20_000, [])].map(value => f(value))
    console.log(same, new Set(cycles).size)
  `
  const args = ['--input-type=module', '-e', script]
  const { stdout } = await exec(process.execPath, args, { timeout: 30_000, killSignal: 'SIGKILL' })
  assert.equal(stdout, 'true 3\n')
})
