// What a newcomer reads when the machine lacks something, and sees while the demo works.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Progress } from '../../scripts/demo/progress.js'
import { ensureTool } from '../../scripts/ensure-tool.js'

const build = fileURLToPath(new URL('../../scripts/build.js', import.meta.url))

test('without Rust the build says so in one sentence with the command to run', () => {
  const { status, stderr } = spawnSync(process.execPath, [build], { env: { PATH: '' }, encoding: 'utf8' })
  assert.notEqual(status, 0)
  assert.equal(stderr.trim().split('\n').length, 1)
  assert.match(stderr, /Rust is missing; install it with `.*rustup.*` and run `npm run build` again\./)
})

test('a program that cannot be installed is named with the command to run', t => {
  const { PATH } = process.env
  t.after(() => (process.env.PATH = PATH))
  process.env.PATH = ''
  const tool = {
    name: 'Gecko',
    variable: 'MIMIC_NO_GECKO',
    candidates: ['gecko'],
    packages: ['gecko-browser'],
  }
  assert.throws(
    () => ensureTool(tool),
    /^Error: Gecko is missing: set MIMIC_NO_GECKO .*apt-get install -y .*gecko-browser/,
  )
  process.env.MIMIC_NO_GECKO = '/no/such/program'
  t.after(() => delete process.env.MIMIC_NO_GECKO)
  assert.throws(
    () => ensureTool(tool),
    /MIMIC_NO_GECKO is set to \/no\/such\/program, which is not a program/,
  )
})

for (const [isTTY, expected] of [
  [true, /█{14}░{14} {2}50 % {2}warm/],
  [false, /^0 % cold …\n50 % warm …\n$/],
]) {
  test(`progress where ${isTTY ? 'somebody watches is a bar' : 'nobody watches is a line for each pass'}`, () => {
    let text = ''
    const progress = new Progress(4, { isTTY, columns: 80, write: piece => (text += piece) })
    progress.begin('cold')
    progress.step()
    progress.step()
    progress.begin('warm')
    assert.match(text, expected)
  })
}
