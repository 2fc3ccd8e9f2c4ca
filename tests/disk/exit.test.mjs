import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

test('a store that cannot write when the process ends takes nothing from the others', () => {
  const exit = JSON.stringify(new URL('../../js/stores/disk/exit.js', import.meta.url).href)
  const script = `
    import { writeAtExit } from ${exit}
    writeAtExit({ leave() { throw new Error('no more descriptors') } })
    writeAtExit({ leave() { console.log('written') } })`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }) // biome-ignore format: one line
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'written\n', stderr: '' })
})
