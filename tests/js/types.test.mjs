// The types of the package, against what is written in tests/types: everything has to compile, but for the lines that say they do not.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const exec = promisify(execFile)

describe('tests/types', { concurrency: true }, () => {
  for (const [what, project] of [
    ['strict, exactOptionalPropertyTypes', 'tests/types'],
    ['strict, exactOptionalPropertyTypes, experimentalDecorators', 'tests/types/legacy'],
    ['beside the types of other packages, which are not checked themselves', 'tests/types/foreign'],
  ]) {
    test(what, async () => {
      const args = ['node_modules/typescript/bin/tsc', '--noEmit', '--project', project]
      const { stdout } = await exec(process.execPath, args, { cwd: root }).catch(error => error)
      assert.equal(stdout, '')
    })
  }
})
