// `my-mimic/cachestor`: what its files go through.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs, { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs' // biome-ignore format: one line
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, mock, test } from 'node:test'
import { CacheStor } from '../../js/entry/cachestor.js'
import { counting, entry, loading, place } from '../cachestor/kit.mjs'

describe('writing behind', () => {
  test('async results are written after their callers have them; what waits can be read', async () => {
    const { open, folder, dbFile, lines } = place()
    const stor = open()
    const { load, calls } = loading(stor, folder)
    await Promise.all([load(1), load(2), load(1)])
    assert.equal(stor.stats().pending, 2)
    assert.equal(existsSync(dbFile), false)
    assert.deepEqual(await loading(stor, folder).load.call(undefined, 1), { x: 1 })
    assert.equal(stor.stats().hits, 1)
    await stor.join()
    assert.equal(stor.stats().pending, 0)
    assert.equal(lines().length, 2)
    assert.deepEqual(calls, [1, 2])
    await stor.join()
  })

  test('what is invalidated while it waits or is being written is not there afterwards', async () => {
    for (const turns of [0, 1, 2, 3, 5, 10]) {
      const { open, folder } = place()
      const stor = open()
      const { load } = loading(stor, folder)
      await load(1)
      for (let i = 0; i < turns; i++) await new Promise(setImmediate)
      load.invalidate(1)
      await stor.join()
      const next = loading(open(), folder)
      await next.load.call(undefined, 1)
      assert.deepEqual(next.calls, [1], `after ${turns} turns`)
    }
  })

  test('a folder that cannot be written to: the results all the same, an event and one warning', async () => {
    const warn = mock.method(console, 'warn', () => {})
    const { open, path, folder, dbFile } = place()
    mkdirSync(join(path, 'cache'))
    writeFileSync(folder, '')
    const stor = open()
    const heard = []
    stor.on('drop', ({ code }) => heard.push(code))
    const { f, calls } = counting(stor, folder)
    const { load } = loading(stor, folder)
    assert.equal(f(1), f(1))
    assert.equal(await load(1), await load(1))
    await stor.join()
    assert.deepEqual(calls, [1])
    assert.deepEqual(heard, ['ERR_STORE_WRITE', 'ERR_STORE_WRITE'])
    assert.equal(stor.stats().dropped, 2)
    assert.equal(existsSync(dbFile), false)
    assert.equal(warn.mock.callCount(), 1)
  })

  test('an index that is a folder: the results all the same', async () => {
    const warn = mock.method(console, 'warn', () => {})
    const { open, dbFile, folder } = place()
    mkdirSync(dbFile, { recursive: true })
    const stor = open()
    assert.deepEqual(counting(stor, folder).f.call(undefined, 1), { x: 1 })
    assert.deepEqual(await loading(stor, folder).load.call(undefined, 1), { x: 1 })
    await stor.join()
    assert.equal(stor.stats().errors, 3)
    assert.equal(warn.mock.callCount(), 2)
  })
})

describe('the index', () => {
  test('decides what there is: no call looks for a file', () => {
    const { open, folder, dbFile, files } = place()
    counting(open(), folder).f.call(undefined, 1)
    rmSync(dbFile)
    assert.equal(files().length, 1)
    const next = counting(open(), folder)
    next.f.call(undefined, 1)
    assert.deepEqual(next.calls, [1])
  })

  test('can be moved together with the results', () => {
    const { open, path, folder } = place()
    counting(open(), folder).f.call(undefined, 1)
    const moved = place()
    execFileSync('cp', ['-r', join(path, 'cache'), moved.path])
    const next = counting(moved.open(), moved.folder)
    next.f.call(undefined, 1)
    assert.deepEqual(next.calls, [])
  })

  test('cut anywhere, it loses at most its last line', () => {
    const { open, folder, dbFile } = place()
    const { f } = counting(open(), folder)
    f(1)
    f(2)
    const whole = readFileSync(dbFile)
    const first = whole.indexOf('\n') + 1
    for (let end = 0; end < whole.length; end++) {
      writeFileSync(dbFile, whole.subarray(0, end))
      const stor = open()
      assert.equal(stor.stats().entries, end < first ? 0 : 1, `${end} bytes`)
      assert.equal(stor.stats().corrupt, end === 0 || end === first ? 0 : 1)
      assert.equal(readFileSync(dbFile).length, end < first ? 0 : first)
    }
    const next = counting(open(), folder)
    next.f.call(undefined, 1)
    next.f.call(undefined, 2)
    assert.deepEqual(next.calls, [2])
    assert.deepEqual(readFileSync(dbFile).subarray(0, first), whole.subarray(0, first))
    assert.equal(open().stats().entries, 2)
  })

  test('with any byte wrong, it loses that line and never tells a lie', () => {
    const { open, folder, dbFile } = place()
    const { f } = counting(open(), folder)
    f(1)
    f(2)
    const whole = readFileSync(dbFile)
    for (let at = 0; at < whole.length; at++) {
      const wrong = Buffer.from(whole)
      wrong[at] ^= 4
      writeFileSync(dbFile, wrong)
      const stor = open()
      assert.ok(stor.stats().corrupt > 0 && stor.stats().entries <= 1, `byte ${at}`)
    }
  })

  test('lines of another program are left out; a torn append does not take the next line with it', () => {
    const { open, folder, dbFile } = place()
    counting(open(), folder).f.call(undefined, 1)
    appendFileSync(dbFile, 'garbage\n\n{"sum":"0000000000000000","file":"x"}\n')
    const stor = open()
    assert.equal(stor.stats().corrupt, 2)
    counting(stor, folder).f.call(undefined, 2)
    assert.equal(open().stats().entries, 2)
  })

  test('a disk that is full in the middle of a line does not cost the next one', async () => {
    mock.method(console, 'warn', () => {})
    const { open, folder } = place()
    const stor = open()
    const { f } = counting(stor, folder)
    const append = fs.appendFileSync
    mock.method(fs, 'appendFileSync', (path, text) => {
      append(path, text.slice(0, 50))
      throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    })
    syncBuiltinESMExports()
    f(1)
    mock.restoreAll()
    syncBuiltinESMExports()
    f(2)
    const { entries, corrupt } = open().stats()
    assert.deepEqual(
      { entries, corrupt, dropped: stor.stats().dropped },
      { entries: 1, corrupt: 1, dropped: 1 },
    )
  })

  test('is written anew when most of it means nothing any more', () => {
    const { open, folder, dbFile } = place()
    const { f } = counting(open(), folder)
    f('stays')
    for (let i = 0; i < 600; i++) {
      f(1)
      f.invalidate(1)
    }
    const before = readFileSync(dbFile, 'utf8').split('\n').length
    assert.ok(before > 1200)
    const next = counting(open(), folder)
    assert.equal(readFileSync(dbFile, 'utf8').split('\n').length, 2)
    next.f.call(undefined, 'stays')
    assert.deepEqual(next.calls, [])
  })
})

describe('files of results', () => {
  test('missing or damaged: the function is called, and it is counted', async () => {
    const { open, folder, files } = place()
    counting(open(), folder).f.call(undefined, 1)
    const writer = open()
    await loading(writer, folder).load.call(undefined, 1)
    await writer.join()
    for (const damage of [
      file => rmSync(file),
      file => truncateSync(file, 30),
      file => truncateSync(file, 0),
      file => appendFileSync(file, 'x'),
      file => writeFileSync(file, readFileSync(file).fill(0, 70, 72)),
    ]) {
      for (const file of files()) damage(file)
      const stor = open()
      const heard = []
      stor.on('corrupt', ({ code, count }) => heard.push(`${code} ${count}`))
      const { f, calls } = counting(stor, folder)
      const { load, calls: loads } = loading(stor, folder)
      assert.deepEqual([f(1), await load(1)], [{ x: 1 }, { x: 1 }])
      assert.deepEqual([calls, loads], [[1], [1]])
      const { missing, corrupt } = stor.stats()
      assert.equal(missing + corrupt, 2)
      assert.deepEqual(heard, ['ERR_STORE_CORRUPT 1', 'ERR_STORE_CORRUPT 1'])
      await stor.join()
    }
    const next = counting(open(), folder)
    next.f.call(undefined, 1)
    assert.deepEqual(next.calls, [])
  })

  test('one put in the place of another is not believed', () => {
    const { open, folder, files } = place()
    const { f } = counting(open(), folder)
    f(1)
    f(2)
    const [one, other] = files()
    writeFileSync(one, readFileSync(other))
    const stor = open()
    const next = counting(stor, folder)
    assert.deepEqual([next.f.call(undefined, 1), next.f.call(undefined, 2)], [{ x: 1 }, { x: 2 }])
    assert.equal(next.calls.length, 1)
    assert.equal(stor.stats().corrupt, 1)
  })

  test('killed at any moment: what a sync call has returned is there, nothing is torn', async () => {
    const { path, folder, dbFile, open } = place()
    const script = `
      import { CacheStor, TypeStorage } from ${entry}
      import { writeSync } from 'node:fs'
      const stor = new CacheStor({ dbFile: ${JSON.stringify(dbFile)}, typeStorage: TypeStorage.IN_DISK })
      const f = stor.cache({ folder: ${JSON.stringify(folder)}, name: 'f', version: '1' })(x => ({ x, text: 'y'.repeat(5000) }))
      const load = stor.cacheAsync({ folder: ${JSON.stringify(folder)}, name: 'load', version: '1' })(async x => ({ x }))
      for (let x = Number(process.argv[1]); ; x++) {
        await load(x)
        f(x)
        writeSync(1, x + '\\n')
      }`
    let from = 0
    for (let kill = 0; kill < 12; kill++) {
      const args = ['--input-type=module', '-e', script, String(from)]
      const child = spawn(process.execPath, args, { cwd: path, stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', data => {
        said += data
        if (said.length > 20 + kill * 37) child.kill('SIGKILL')
      })
      await once(child, 'close')
      const acknowledged = said.split('\n').slice(0, -1).map(Number)
      const stor = open()
      const f = stor.cache({ folder, name: 'f', version: '1' })(() => 'called')
      for (const x of acknowledged) assert.equal(f(x).x, x)
      const load = stor.cacheAsync({ folder, name: 'load', version: '1' })(async () => 'called')
      for (const x of acknowledged) {
        const value = await load(x)
        assert.ok(value === 'called' || value.x === x)
      }
      await stor.join()
      const { corrupt, missing } = stor.stats()
      assert.ok(corrupt <= 1 && missing === 0, `${corrupt} ${missing}`)
      from = acknowledged.at(-1) + 1000
    }
  })
})

describe('the debug log', () => {
  const short = lines => lines.map(line => line.replace(/ \/\S*/, ' …'))

  test('says hits, misses, waits and writes', async () => {
    const { open, folder, files } = place()
    const lines = []
    const logger = line => lines.push(line)
    const stor = open({ isDebugLog: true, logger })
    const { f } = counting(stor, folder)
    f(1)
    f(1)
    const { load } = loading(stor, folder)
    await Promise.all([load(1), load(1)])
    await stor.join()
    assert.deepEqual(short(lines), [
      'my-mimic: miss: counted …',
      'my-mimic: write: counted …',
      'my-mimic: hit (memory): counted',
      'my-mimic: miss: loaded …',
      'my-mimic: wait: loaded',
      'my-mimic: write: loaded …',
    ])
    lines.length = 0
    const next = open({ isDebugLog: true, logger })
    counting(next, folder).f.call(undefined, 1)
    for (const file of files()) rmSync(file)
    await loading(next, folder).load.call(undefined, 1)
    assert.deepEqual(short(lines).slice(0, 3), [
      'my-mimic: hit (disk): counted …',
      'my-mimic: missing: loaded …',
      'my-mimic: miss: loaded …',
    ])
    await next.join()
  })

  test('in memory, too; by default on console.debug, and only when asked', () => {
    const debug = mock.method(console, 'debug', () => {})
    const { f } = counting(new CacheStor({ isDebugLog: true }), 'x')
    f(1)
    f(1)
    assert.deepEqual(debug.mock.calls.map(call => call.arguments[0]), ['my-mimic: miss: counted', 'my-mimic: hit (memory): counted']) // biome-ignore format: one line
    counting(new CacheStor(), 'x').f.call(undefined, 1)
    assert.equal(debug.mock.callCount(), 2)
  })

  test('a logger that throws reaches nobody', () => {
    const logger = () => {
      throw new Error('full')
    }
    const { path, open } = place()
    assert.deepEqual(counting(open({ isDebugLog: true, logger }), join(path, 'log')).f(1), { x: 1 })
  })
})
