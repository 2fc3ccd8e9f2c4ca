import assert from 'node:assert/strict'
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { diskStore } from '../../js/entry/disk.js'
import { json, MAIN, run } from '../cli/run.mjs'
import { isTold, keyOf, opened, scratch, told } from '../disk/help.mjs'

/** The command line on a large directory, beside a process that writes, and as somebody who may not. */

describe('100,000 entries', () => {
  const COUNT = 100_000
  let path = ''

  before(async () => {
    path = scratch()
    const store = diskStore({ path })
    const storedAt = Date.now()
    for (let n = 0; n < COUNT; n++) {
      const entry = {
        value: told(n, 1),
        storedAt,
        deadline: Infinity,
        tags: n % 10 === 0 ? ['tenth'] : undefined,
      }
      store.set(keyOf(n, `f${n % 4}\x001`), entry)
    }
    await store.close()
  })
  after(() => fs.rmSync(path, { recursive: true }))

  test('are counted, and checked one by one', async () => {
    const { functions } = await json(['ls', path])
    assert.deepEqual(
      functions.map(({ entries }) => entries),
      [1, 1, 1, 1].map(() => COUNT / 4),
    )
    const { ok, records, err } = await json(['verify', path])
    assert.deepEqual([ok, records, err], [true, COUNT, ''])
  })

  test('show a bar on a terminal, and nowhere else', {
    skip: process.platform !== 'linux' && 'script(1) differs',
  }, async () => {
    // As on a machine a hundred times as slow.
    const slow = 'data:text/javascript,const{now}=performance;performance.now=()=>100*now.call(performance)'
    const command = `'${process.execPath}' --import '${slow}' '${MAIN}' verify '${path}'`
    const { stdout, status } = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', timeout: 60_000 }) // biome-ignore format: one line
    assert.equal(status, 0)
    assert.match(stdout, /\r\u001b\[2Kverifying [█░]{24} +\d+ %/)
    assert.match(stdout, /\r\u001b\[2K\d+ files?, /, 'and the bar goes before the result comes')
    assert.equal((await run(['verify', path])).err, '')
  })

  test('go through a file, and by tag', async t => {
    const file = join(scratch(t), 'all.jsonl')
    assert.equal((await run(['export', path, '--to', file, '--name', 'f0'])).err, '25,000 entries exported\n')
    const to = join(scratch(t), 'new')
    assert.equal((await run(['import', to, '--from', file])).out, '25,000 entries imported\n')
    assert.equal((await json(['purge', to, '--tag', 'tenth'])).entries, 5000)
    const { before, after } = await json(['compact', to])
    assert.ok(after.bytes < before.bytes)
    const { functions } = await json(['ls', to])
    assert.deepEqual(
      functions.map(({ name, entries }) => [name, entries]),
      [['f0', 20_000]],
    )
    const store = opened(t, to)
    assert.deepEqual(
      [store.getSync(keyOf(4, 'f0\x001')).value, store.getSync(keyOf(20, 'f0\x001'))],
      [told(4, 1), undefined],
    )
  })
})

test('beside a process that writes, every command works, and nothing acknowledged is lost', async t => {
  const path = scratch(t)
  const child = fork(fileURLToPath(new URL('../cli/live.mjs', import.meta.url)), [path])
  t.after(() => child.kill('SIGKILL'))
  while (!fs.existsSync(path) || fs.readdirSync(path).length < 2) await sleep(20)
  const exported = join(scratch(t), 'live.jsonl')
  for (let round = 0; round < 2; round++) {
    for (const args of [
      ['ls'],
      ['stats'],
      ['show', 'live'],
      ['export', '--to', exported],
      ['import', '--from', exported],
      ['purge', '--name', 'goes', '--dry-run'],
      ['verify'],
      ['compact'],
    ]) {
      const [command, ...more] = args
      const { code, err } = await run([command, '--path', path, ...more])
      const mayBe = command === 'compact' ? [0, 4] : [0]
      assert.ok(mayBe.includes(code), `${command} ended with ${code}: ${err}`)
    }
  }
  const answer = once(child, 'message')
  child.send('stop')
  const [{ written, said }] = await answer
  assert.deepEqual(said, [])
  await run(['purge', path, '--name', 'goes'])
  const store = opened(t, path)
  for (let n = 0; n < written; n++) {
    assert.ok(isTold(n, store.getSync(keyOf(n, 'live\x001'))?.value), `${n} of ${written}`)
    assert.equal(store.getSync(keyOf(n, 'goes\x001')), undefined)
  }
  for (let n = 0; n < 50; n++) {
    const { value } = store.getSync(keyOf(n, 'hot\x001'))
    const last = n + 50 * Math.floor((written - 1 - n) / 50)
    assert.ok(
      value === told(n, last, 1000),
      `the last value of ${n}, and not one that an import brought back`,
    )
  }
  assert.equal((await json(['verify', path])).ok, true)
})

test('a process that runs sees a purge', async t => {
  const path = scratch(t)
  const store = opened(t, path)
  store.set(keyOf('a'), { value: 1, storedAt: Date.now(), deadline: Infinity })
  await store.flush()
  await run(['purge', path, '--name', 'f'])
  await sleep(600)
  assert.equal(store.getSync(keyOf('a')), undefined)
})

test('a directory that may only be read can be looked at, and not changed', {
  skip: process.getuid === undefined && 'there are no owners here',
}, async t => {
  const path = scratch(t)
  const store = opened(t, path)
  store.set(keyOf('a'), { value: 1, storedAt: Date.now(), deadline: Infinity })
  await store.close()
  for (const name of fs.readdirSync(path)) fs.chmodSync(join(path, name), 0o444)
  const uid = process.getuid() === 0 ? 65534 : process.getuid()
  const asked = (...args) => spawnSync(process.execPath, [fileURLToPath(new URL('../cli/as.mjs', import.meta.url)), String(uid), ...args], { encoding: 'utf8', timeout: 60_000 }) // biome-ignore format: one line
  fs.chmodSync(path, 0o555)
  for (const command of ['ls', 'stats', 'verify', 'export'])
    assert.equal(asked(command, path).status, 0, command)
  for (const args of [
    ['purge', path, '--all'],
    ['compact', path],
  ])
    assert.match(asked(...args).stderr, /^ERR_DIRECTORY 3 .*EACCES/)
  fs.chmodSync(path, 0)
  assert.match(asked('ls', path).stderr, /^ERR_DIRECTORY 3 /)
  fs.chmodSync(path, 0o755)
  assert.deepEqual(
    fs.readdirSync(path).filter(name => /tmp|lock/.test(name)),
    [],
  )
})
