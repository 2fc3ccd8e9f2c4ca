import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import fs, { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, mock, test } from 'node:test'
import { promisify } from 'node:util'
import { recorded } from '../../js/entry/testing.js'
import { catchError, ENTRY, entriesOf, folder, newFile } from '../recorded/kit.mjs'

const run = promisify(execFile)

describe('recorded, what it refuses', () => {
  test('what no file can hold is refused', () => {
    const file = newFile()
    class Socket {}
    const f = recorded(
      function send(_what, result) {
        if (result === 'throw') throw Object.assign(new Error('inner'), { socket: new Socket() })
        return result === 'socket' ? { a: [new Socket()] } : 1
      },
      { file },
    )
    for (const thing of [new Socket(), () => {}, Symbol('x'), { deep: [new Socket()] }]) {
      assert.throws(() => f(thing), { code: 'ERR_NOT_PORTABLE', message: /^send\(.*counts by identity/ })
    }
    assert.throws(() => f(1, 'socket'), {
      code: 'ERR_NOT_RECORDABLE',
      message: /^send\(1, "socket"\) cannot be recorded: its result .*value\.a\[0\]/,
    })
    const error = catchError(() => f(1, 'throw'))
    assert.equal(error.code, 'ERR_NOT_RECORDABLE')
    assert.equal(error.cause.message, 'inner')
    assert.throws(() => readFileSync(file), { code: 'ENOENT' })
  })

  test('a file that is damaged or was edited is refused, and not written over', () => {
    const file = newFile()
    const f = x => ({ x })
    recorded(f, { file })(1)
    const good = readFileSync(file, 'utf8')
    const damage = {
      'not JSON': '<<<<<<< HEAD\n',
      'its format': good.replace('version 1', 'version 2'),
      'an entry is incomplete': good.replace('"bytes"', '"byte"'),
      'is in it twice': JSON.stringify({
        ...JSON.parse(good),
        calls: [...JSON.parse(good).calls, ...JSON.parse(good).calls],
      }),
      'the bytes of f\\(1\\) are damaged': good.replace(/"bytes": "../, '"bytes": "//'),
      'is not what its bytes say': good.replace('"x": 1', '"x": 2'),
      'an entry is incomplete ': good.replace('"returned"', '"gone"'),
    }
    for (const [what, text] of Object.entries(damage)) {
      writeFileSync(file, text)
      for (const mode of ['auto', 'replay']) {
        assert.throws(() => recorded(f, { file, mode })(1), {
          code: 'ERR_RECORDING_CORRUPT',
          message: new RegExp(what.trim()),
        })
      }
      assert.equal(readFileSync(file, 'utf8'), text)
    }
  })

  test('a file that cannot be read or written is an error with its cause', () => {
    const folderFile = folder
    const f = recorded(x => x, { file: folderFile, name: 'f' })
    const error = catchError(() => f(1))
    assert.equal(error.code, 'ERR_RECORDING_FILE')
    assert.equal(error.cause.code, 'EISDIR')
    const inFile = join(newFile())
    recorded(x => x, { file: inFile, name: 'f' })(1)
    const rename = mock.method(fs, 'renameSync', () => {
      throw new Error('no space')
    })
    const full = recorded(x => x, { file: newFile(), name: 'f' })
    assert.throws(() => full(1), { code: 'ERR_RECORDING_FILE', message: /written: Error: no space$/ })
    rename.mock.restore()
    assert.deepEqual(
      readdirSync(join(folder, 'deeper')).filter(name => name.endsWith('.tmp')),
      [],
    )
    const below = recorded(x => x, { file: `${inFile}/x.json`, name: 'f', mode: 'record' })
    assert.throws(() => below(1), { code: 'ERR_RECORDING_FILE' })
  })

  test('a recording as large as a test suite needs is never half there', async () => {
    const file = newFile()
    const source = `
      import { recorded } from '${ENTRY}'
      const f = recorded(x => 'y'.repeat(20_000) + x, { file: ${JSON.stringify(file)}, name: 'f' })
      for (let i = 0; ; i++) f(i)
    `
    const child = execFile(process.execPath, ['--input-type=module', '--eval', source])
    let ended = false
    const gone = new Promise(resolve => child.once('exit', resolve)).then(() => (ended = true))
    try {
      let seen = 0
      while (seen < 50) {
        assert.ok(!ended, 'the writer ended')
        await new Promise(resolve => setTimeout(resolve, 1))
        try {
          assert.ok(entriesOf(file).length > 0)
          seen++
        } catch (error) {
          if (error.code !== 'ENOENT') throw error
        }
      }
    } finally {
      child.kill('SIGKILL')
      await gone
    }
    assert.ok(entriesOf(file).length > 0)
  })

  test('options are checked when wrapping', () => {
    const f = x => x
    const bad = code => ({ code })
    for (const file of [undefined, '', 5, {}])
      assert.throws(() => recorded(f, { file }), bad('ERR_INVALID_OPTION'))
    assert.throws(() => recorded(f), bad('ERR_INVALID_OPTION'))
    assert.throws(() => recorded(f, { file: 'x', mode: 'play' }), bad('ERR_INVALID_OPTION'))
    assert.throws(() => recorded(f, { file: 'x', name: 5 }), bad('ERR_INVALID_OPTION'))
    assert.throws(() => recorded(f, { file: 'x', files: 'y' }), bad('ERR_UNKNOWN_OPTION'))
    assert.throws(() => recorded(() => {}, { file: 'x' }), bad('ERR_NAME_REQUIRED'))
    assert.throws(() => recorded(5, { file: 'x' }), bad('ERR_NOT_A_FUNCTION'))
  })

  test('where there is no file system the kit can be imported, and recorded says so', async () => {
    const source = `
      process.getBuiltinModule = undefined
      const { recorded, virtualClock } = await import('${ENTRY}')
      virtualClock().advance('1s')
      try { recorded(function f() {}, { file: 'x' }) } catch (error) { console.log(error.code) }
    `
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source])
    assert.equal(stdout.trim(), 'ERR_NO_FILES')
  })
})
