import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { diskStore } from '../../js/entry/disk.js'
import { createMime } from '../../js/entry/inline.js'
import { signed } from '../../js/stores/signed-line.js'
import { json, MAIN, run } from '../cli/run.mjs'
import { entryOf, opened, scratch } from '../disk/help.mjs'

/** `export` and `import`: entries in one file, through a pipe, damaged, cut off or made up. */

const value = { map: new Map([[1n, new Date(5)]]), none: undefined, text: 'é\u0000\ud800' }
const OPTIONS = { version: '1', ttl: '1h', tags: ([id]) => [`user:${id}`] }

/** A directory with a function that returned things, a large one among them. */
async function filled(t, options) {
  const path = scratch(t)
  const store = diskStore({ path })
  const user = createMime({ store })(async id => ({ id, ...value, long: 'x'.repeat(id === 3 ? 200_000 : 1) }), { ...OPTIONS, name: 'user', ...options }) // biome-ignore format: one line
  for (let id = 0; id < 5; id++) await user(id, { at: [new Date(0)] })
  await store.close()
  return path
}

/** What `user` finds there, by id: nothing where it would have to be called. */
async function found(t, path, options) {
  const store = opened(t, path)
  const user = createMime({ store })(async () => undefined, { ...OPTIONS, name: 'user', ...options })
  const all = []
  for (let id = 0; id < 5; id++) all.push(await user(id, { at: [new Date(0)] }))
  await store.close()
  return all
}

test('what is exported and imported is what was there, with types, times and tags', async t => {
  const [from, to] = [await filled(t), join(scratch(t), 'made', 'here')]
  const file = join(scratch(t), 'all.jsonl')
  const exported = await json(['export', from, '--to', file])
  assert.deepEqual([exported.code, JSON.parse(exported.err).entries], [0, 5])
  const [head, line] = fs.readFileSync(file, 'utf8').split('\n')
  assert.match(head, /"my-mimic":"export","format":1/)
  assert.match(
    line,
    /"name":"user","version":"1","args":"\(\d, \{at: \[Date 1970-01-01T00:00:00.000Z\]\}\)","tags":\["user:\d"\]/,
  )
  assert.deepEqual(fs.readdirSync(join(file, '..')), ['all.jsonl'])

  const imported = await json(['import', to, '--from', file])
  assert.deepEqual([imported.code, imported.imported, imported.whole], [0, 5, true])
  const times = async path => (await json(['show', path, 'user'])).entries.map(({ digest, storedAt, deadline, tags }) => [digest, storedAt, deadline, tags]) // biome-ignore format: one line
  assert.deepEqual((await times(to)).sort(), (await times(from)).sort())
  const all = await found(t, to)
  assert.deepEqual(
    all.map(({ id }) => id),
    [0, 1, 2, 3, 4],
  )
  assert.deepEqual(
    [all[1].map, all[1].text, 'none' in all[1], all[3].long.length],
    [value.map, value.text, true, 200_000],
  )
  await run(['purge', to, '--tag', 'user:2'])
  assert.deepEqual(
    (await found(t, to)).map(result => result?.id),
    [0, 1, undefined, 3, 4],
  )
})

test('a file that cannot be written or read is an error, and nothing is left behind', async t => {
  const path = await filled(t)
  const folder = scratch(t)
  fs.mkdirSync(join(folder, 'is a folder'))
  for (const to of [join(folder, 'is a folder'), join(folder, 'no', 'folder')]) {
    const { code, err } = await run(['export', path, '--to', to])
    assert.equal(code, 5)
    assert.match(err, /folder cannot be written \((EISDIR|ENOENT)\)\n/)
  }
  assert.deepEqual(fs.readdirSync(folder), ['is a folder'])
  const { code, err } = await run(['import', path, '--from', folder])
  assert.deepEqual([code, /cannot be read \(EISDIR\)/.test(err)], [1, true], err)
})

test('a file is replaced, also behind a link; a device or a pipe is written to, and stays what it is', async t => {
  const path = await filled(t)
  const folder = scratch(t)
  const [file, link, pipe] = ['file', 'link', 'pipe'].map(name => join(folder, name))
  fs.writeFileSync(file, 'old')
  fs.symlinkSync(file, link)
  assert.equal((await run(['export', path, '--to', link])).code, 0)
  assert.ok(fs.lstatSync(link).isSymbolicLink())
  assert.equal((await run(['import', scratch(t), '--from', file])).code, 0)
  spawnSync('mkfifo', [pipe])
  const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] })
  let piped = ''
  reader.stdout.on('data', text => (piped += text))
  const ended = once(reader.stdout, 'end')
  assert.equal((await run(['export', path, '--to', pipe])).code, 0)
  await ended
  assert.ok(fs.lstatSync(pipe).isFIFO())
  const entries = text => text.trim().split('\n').slice(1, -1)
  assert.deepEqual(entries(piped), entries(fs.readFileSync(file, 'utf8')))
  assert.deepEqual(fs.readdirSync(folder).sort(), ['file', 'link', 'pipe'])
})

test('a disk that is full is told of without a stack', {
  skip: !fs.existsSync('/dev/full') && 'no /dev/full',
}, async t => {
  const path = await filled(t)
  for (const command of ['export', 'ls']) {
    const out = fs.openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(process.execPath, [MAIN, command, path], { stdio: ['ignore', out, 'pipe'], encoding: 'utf8' }) // biome-ignore format: one line
    fs.closeSync(out)
    assert.deepEqual([status, stderr], [5, 'my-mimic: stdout cannot be written (ENOSPC)\n'], command)
  }
})

test('through stdout and stdin, some functions only', async t => {
  const path = await filled(t)
  const store = opened(t, path)
  createMime({ store })(n => n, { name: 'other' })(1)
  await store.close()
  const { code, out, err } = await run(['export', path, '--name', 'user'])
  assert.deepEqual([code, err], [0, '5 entries exported\n'])
  const to = scratch(t)
  const { out: said } = await run(['import', to], { input: out })
  assert.equal(said, '5 entries imported\n')
  assert.deepEqual(
    (await json(['ls', to])).functions.map(({ name, entries }) => [name, entries]),
    [['user', 5]],
  )
})

test('a function that there is not is said, in JSON too', async t => {
  const path = await filled(t)
  const { code, err } = await run(['export', path, '--name', 'usr', '--name', 'user'])
  assert.deepEqual([code, err], [1, 'there is no function usr; did you mean user?\n5 entries exported\n'])
  const told = JSON.parse((await run(['export', path, '--name', 'usr', '--json'])).err)
  assert.deepEqual(told, { path, entries: 0, damaged: 0, foreign: 0, unknown: ['usr'] })
})

describe('what is there', () => {
  test('stays when it is as new or newer, and gives way when it is older or expired', async t => {
    const path = await filled(t)
    const { out } = await run(['export', path])
    assert.equal((await run(['import', path], { input: out })).out, '0 entries imported, 5 already there\n')
    const older = await filled(t)
    await sleep(5)
    const { out: newer } = await run(['export', await filled(t)])
    assert.equal((await run(['import', older], { input: newer })).out, '5 entries imported\n')
    assert.equal((await run(['import', older], { input: out })).out, '0 entries imported, 5 already there\n')
  })

  test('and was deleted comes back: that is what a backup is for', async t => {
    const path = await filled(t)
    const { out } = await run(['export', path])
    for (const args of [['--all'], ['--tag', 'user:1']]) {
      await run(['purge', path, ...args])
      await run(['import', path], { input: out })
      assert.equal((await found(t, path))[1]?.id, 1)
    }
  })

  test('expired entries are neither exported nor imported', async t => {
    const path = await filled(t, { ttl: '3s' })
    const { out } = await run(['export', path])
    assert.equal(out.split('\n').length, 8)
    await sleep(3000)
    assert.equal((await run(['export', path])).err, '0 entries exported\n')
    assert.equal((await run(['import', scratch(t)], { input: out })).out, '0 entries imported, 5 expired\n')
  })
})

test('a dry run says what would come in, and makes nothing', async t => {
  const { out } = await run(['export', await filled(t)])
  const to = join(scratch(t), 'new')
  assert.equal((await run(['import', to, '--dry-run'], { input: out })).out, '5 entries would be imported\n')
  assert.equal(fs.existsSync(to), false)
})

describe('what export did not write', () => {
  test('is refused as a whole when it does not begin as one', async t => {
    const to = join(scratch(t), 'new')
    for (const input of [
      '',
      'text',
      '{"my-mimic":"export","format":1}',
      `${signed('{"end":0}')}\n`,
      '\0\0\0',
    ]) {
      const { code, err } = await run(['import', to], { input })
      assert.deepEqual([code, /nothing was imported/.test(err)], [1, true], input)
    }
    const later = await json(['import', to], { input: `${signed('{"my-mimic":"export","format":2}')}\n` })
    assert.deepEqual([later.code, JSON.parse(later.err).error.code], [1, 'ERR_EXPORT_VERSION'])
    assert.equal(fs.existsSync(to), false)
    assert.equal((await run(['import', to, '--from', join(to, 'missing')])).code, 1)
  })

  test('is not taken into a directory that is something else', async t => {
    const { out } = await run(['export', await filled(t)])
    const to = scratch(t)
    fs.writeFileSync(join(to, 'notes.txt'), 'x')
    assert.equal((await run(['import', to], { input: out })).code, 3)
    assert.deepEqual(fs.readdirSync(to), ['notes.txt'])
  })

  test('line by line: what was changed is left out, and what was cut off is said', async t => {
    const { out } = await run(['export', await filled(t)])
    const lines = out.split('\n')
    const changed = lines
      .map((line, i) => (i === 2 ? line.replace('"storedAt":1', '"storedAt":2') : line))
      .join('\n')
    const damaged = await json(['import', scratch(t)], { input: changed })
    assert.deepEqual([damaged.code, damaged.imported, damaged.damaged, damaged.whole], [1, 4, 1, true])
    for (const input of [
      out.slice(0, out.length / 2),
      lines.slice(0, 4).join('\n'),
      [...lines.slice(0, 2), ...lines.slice(3)].join('\n'),
    ]) {
      const { code, whole } = await json(['import', scratch(t)], { input })
      assert.deepEqual([code, whole], [1, false])
    }
  })

  test('lines that were made to look right are held to what they say', async t => {
    const { out } = await run(['export', await filled(t)])
    const [head, line] = out.split('\n')
    const { sum, ...record } = JSON.parse(line)
    const forged = [
      { digest: '0'.repeat(31) },
      { digest: 'Z'.repeat(32) },
      { digest: 1 },
      { key: '' },
      { value: '' },
      { value: Buffer.of(0x41).toString('base64') },
      { storedAt: 'now' },
      { deadline: 'later' },
      { name: 7 },
      { name: 'x'.repeat(2000) },
      { name: '\ud800' },
      { version: 1 },
    ].map(change => signed(JSON.stringify({ ...record, ...change })))
    const input = [
      head,
      ...forged,
      signed(JSON.stringify(record)),
      signed(`{"end":${forged.length + 1}}`),
      '',
    ].join('\n')
    const { imported, damaged, whole } = await json(['import', scratch(t)], { input })
    assert.deepEqual([imported, damaged, whole], [1, forged.length, true])
    assert.equal(sum.length, 16)
  })
})

test('an entry of no function, as a store of one’s own may have it, goes along', async t => {
  const path = scratch(t)
  const store = opened(t, path)
  const { keyOf } = await import('../disk/help.mjs')
  store.set(keyOf('a', 'no version'), entryOf(1))
  await store.close()
  const { out, err } = await run(['export', path])
  assert.equal(err, '1 entry exported\n')
  assert.match(out, /"name":"no version","version":null/)
})
