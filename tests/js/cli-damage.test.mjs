import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { describe, test } from 'node:test'
import { diskStore } from '../../js/entry/disk.js'
import { MAIN, json, run } from '../cli/run.mjs'
import { entryOf, keyOf, opened, scratch, told } from '../disk/help.mjs'

/** The command line on what is damaged, missing, of a later version or no store at all; it says so, and makes nothing. */

const ALL = [['ls'], ['show', 'f'], ['stats'], ['purge', '--all'], ['verify'], ['export'], ['compact']]

/** A directory with several frames in one file. */
async function framed(t, frames = 4, records = 10) {
  const path = scratch(t)
  const store = diskStore({ path })
  for (let n = 0; n < frames; n++) {
    for (let i = 0; i < records; i++) store.set(keyOf(`${n} ${i}`), entryOf(told(i, n, 500)))
    await store.flush()
  }
  await store.close()
  const [name] = fs.readdirSync(path).filter(name => name.endsWith('.log'))
  return { path, file: join(path, name), name }
}

/** @param {string} file @param {number} at @param {(byte: number) => number} change */
function damage(file, at, change = byte => byte ^ 0xff) {
  const bytes = fs.readFileSync(file)
  const place = at < 0 ? bytes.length + at : at
  bytes[place] = change(bytes[place])
  fs.writeFileSync(file, bytes)
}

describe('verify', () => {
  test('a whole directory is whole, whatever was deleted, replaced or is too large for one frame', async t => {
    const { path } = await framed(t)
    const store = opened(t, path)
    store.delete(keyOf('0 1'))
    store.set(keyOf('0 2'), entryOf('new'))
    store.set(keyOf('large'), entryOf(told('large', 1, 300_000)))
    store.clear('g\x001')
    await store.close()
    const { code, ok, files, records, findings } = await json(['verify', path])
    assert.deepEqual([code, ok, files, records, findings], [0, true, 2, 42, []])
    assert.match(
      (await run(['verify', path])).out,
      /^2 files, \d+ frames, 42 records, .*: nothing is damaged\n$/,
    )
  })

  test('a value that was changed is named by its function and digest', async t => {
    const { path, file, name } = await framed(t)
    damage(file, -1)
    const before = fs.readFileSync(file)
    const { code, ok, findings } = await json(['verify', path])
    assert.deepEqual([code, ok, findings.length], [1, false, 1])
    const [{ kind, file: where, digest, at, bytes }] = findings
    assert.deepEqual([kind, where, digest], ['record', name, keyOf('3 9').digest])
    assert.equal(at + bytes, before.length)
    const { out } = await run(['verify', path])
    assert.ok(out.includes(`an entry of f, digest ${digest}`), out)
    assert.match(out, /: 1 place is damaged\nWhat is damaged is a miss/)
    assert.deepEqual(fs.readFileSync(file), before, 'looking changes nothing')
    assert.match((await run(['show', path, digest])).out, /damaged: my-mimic verify says more/)
    const exported = await run(['export', path])
    assert.equal(exported.code, 1)
    assert.equal(exported.err, '39 entries exported, left out: 1 damaged place; my-mimic verify says more\n')
    await run(['compact', path])
    assert.equal((await json(['verify', path])).ok, true)
  })

  test('a frame that was changed is found again behind it, one at the end too', async t => {
    const { path, file } = await framed(t)
    const { findings: none } = await json(['verify', path])
    assert.deepEqual(none, [])
    damage(file, 40)
    const { code, findings, records } = await json(['verify', path])
    assert.deepEqual([code, findings.map(({ kind, at }) => [kind, at]), records], [1, [['frame', 32]], 30])
    const bytes = fs.readFileSync(file)
    damage(file, 32 + (3 * (bytes.length - 32)) / 4)
    const twice = await json(['verify', path])
    assert.deepEqual(
      twice.findings.map(({ kind }) => kind),
      ['frame', 'frame'],
    )
    assert.equal(twice.records, 20)
  })

  test('a frame that says it is longer than the file, the first and the last one', async t => {
    for (const find of ['indexOf', 'lastIndexOf']) {
      const { path, file } = await framed(t, 4, 1)
      const at = fs.readFileSync(file)[find]('MIMF')
      damage(file, at + 17, byte => byte ^ 2)
      const { code, findings } = await json(['verify', path])
      assert.deepEqual([code, findings.map(({ kind, at }) => [kind, at])], [1, [['frame', at]]])
    }
  })

  test('a file whose header was changed, and one that nobody wrote', async t => {
    const { path, file } = await framed(t)
    fs.writeFileSync(join(path, 'zz-zz.seg'), 'not a file of a store, but as long as the header of one')
    assert.deepEqual(
      (await json(['verify', path])).findings.map(({ kind, file }) => [kind, file]),
      [['file', 'zz-zz.seg']],
    )
    damage(file, 10)
    const { code, findings, records } = await json(['verify', path])
    assert.deepEqual([code, findings.length, records], [1, 2, 0])
  })

  test('says what compact drops, and what to do about what it does not', async t => {
    const [dropped, header, unreadable] = [
      /\nWhat is damaged is a miss\. my-mimic compact drops it\.\n$/,
      /\nA file with a damaged header is never read\. .*delete it if it is not\.\n$/,
      /\nA file that cannot be read stays as it is\. .*\n$/,
    ]
    const all = [dropped, header, unreadable]
    for (const [change, expected] of [
      [({ file }) => damage(file, -1), dropped],
      [({ file }) => damage(file, 40), dropped],
      [({ file }) => damage(file, 10), header],
      [({ path }) => fs.mkdirSync(join(path, 'zz-zz.log')), unreadable],
    ]) {
      const place = await framed(t)
      change(place)
      const { code, out } = await run(['verify', place.path])
      assert.deepEqual([code, all.filter(words => words.test(out))], [1, [expected]], out)
      await run(['compact', place.path])
      assert.equal((await json(['verify', place.path])).ok, expected === dropped)
    }
    assert.match((await run(['verify', '--help'])).out, /header is damaged, or that cannot be read, may stay/)
  })

  test('an end that was cut off is no damage', async t => {
    const { path, file } = await framed(t)
    fs.truncateSync(file, fs.statSync(file).size - 3)
    const { code, ok, findings, records } = await json(['verify', path])
    assert.deepEqual([code, ok, findings.map(({ kind }) => kind), records], [0, true, ['tail'], 30])
    assert.match(
      (await run(['verify', path])).out,
      /cut off at the end, or being written\n[\s\S]*: nothing is damaged/,
    )
    assert.equal((await json(['ls', path])).functions[0].entries, 30)
  })
})

describe('what is no store is not made one', () => {
  for (const [what, make, code, words] of [
    [
      'nothing',
      () => {},
      'ERR_NO_DIRECTORY',
      /there is no directory .*place\n {2}give the path that diskStore/,
    ],
    ['an empty directory', place => fs.mkdirSync(place), 'ERR_NOT_A_STORE', /place is empty/],
    [
      'another directory',
      place => fs.mkdirSync(place) ?? fs.writeFileSync(join(place, 'notes.txt'), 'x'),
      'ERR_NOT_A_STORE',
      /is not the directory of a disk store/,
    ],
    ['a file', place => fs.writeFileSync(place, 'a file'), 'ERR_DIRECTORY', /place is not a directory/],
    [
      'a later version',
      place => fs.mkdirSync(place) ?? fs.writeFileSync(join(place, 'format'), '2\n'),
      'ERR_STORE_VERSION',
      /place is of version 2, this my-mimic knows 1/,
    ],
  ]) {
    test(what, async t => {
      const folder = scratch(t)
      const place = join(folder, 'place')
      make(place)
      const listing = () =>
        fs
          .readdirSync(folder, { recursive: true })
          .map(name => [name, fs.statSync(join(folder, name)).mtimeMs])
      const before = listing()
      for (const [command, ...args] of ALL) {
        const { code: exit, out, err } = await run([command, '--path', place, ...args])
        assert.deepEqual([exit, out], [3, ''], command)
        assert.match(err, words)
      }
      assert.equal(JSON.parse((await run(['ls', place, '--json'])).err).error.code, code)
      assert.deepEqual(listing(), before)
    })
  }

  test('a path with what a terminal would obey', async t => {
    const { err } = await run(['ls', join(scratch(t), 'a\u001b[31mb')])
    assert.match(err, /a\\x1b\[31mb/)
  })
})

test('files of a later version are left alone, and counted', async t => {
  const { path, file } = await framed(t)
  damage(file, 4, () => 9)
  const [listed, counted, verified] = [
    await run(['ls', path]),
    await json(['stats', path]),
    await json(['verify', path]),
  ]
  assert.deepEqual(
    [listed.code, listed.out, counted.foreign, verified.ok, verified.findings[0].kind],
    [0, 'no entries\n', 1, true, 'foreign'],
  )
  assert.match(listed.err, /is of a later version and left alone/)
})

describe('what nobody can read is said, not taken for nothing', () => {
  for (const [what, change, damaged, foreign, words] of [
    ['a damaged frame', ({ file }) => damage(file, 40), 1, 0, '1 damaged place'],
    ['a damaged header', ({ file }) => damage(file, 10), 1, 0, '1 damaged place'],
    [
      'a file of a later version',
      ({ file }) => damage(file, 4, () => 9),
      0,
      1,
      '1 file of a later version or not to be read',
    ],
    [
      'a file that cannot be read',
      ({ path }) => fs.mkdirSync(join(path, 'zz-zz.log')),
      0,
      1,
      '1 file of a later version or not to be read',
    ],
  ]) {
    test(what, async t => {
      const place = await framed(t, 1)
      change(place)
      const { path } = place
      const said = `left out: ${words}; my-mimic verify says more\n`
      const exported = await run(['export', path])
      const entries = exported.out.trim().split('\n').length - 2
      assert.equal(exported.code, 1)
      assert.ok(exported.err.endsWith(`${entries} entries exported, ${said}`), exported.err)
      const { err } = await run(['export', path, '--json'])
      const summary = JSON.parse(err.slice(err.indexOf('{')))
      assert.deepEqual(summary, { path, entries, damaged, foreign, unknown: [] })
      const listed = await run(['ls', path])
      assert.deepEqual([listed.code, listed.err.endsWith(said)], [0, true], listed.err)
      assert.equal(listed.out === 'no entries\n', entries === 0)
      const { damaged: places, foreign: files } = await json(['ls', path])
      assert.deepEqual([places, files], [damaged, foreign])
    })
  }
})

test('who stops reading has seen enough', async t => {
  const { path } = await framed(t, 100)
  const shell = spawn('sh', ['-c', `"${process.execPath}" "${MAIN}" export "${path}" | head -c 100`])
  let [out, err] = ['', '']
  shell.stdout.on('data', text => (out += text))
  shell.stderr.on('data', text => (err += text))
  await new Promise(resolve => shell.on('close', resolve))
  assert.deepEqual([out.length, err.replace(/^\d+ entries exported\n/, '')], [100, ''])
})
