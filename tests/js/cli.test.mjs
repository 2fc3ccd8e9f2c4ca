import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { diskStore } from '../../js/entry/disk.js'
import { createMime } from '../../js/entry/inline.js'
import { given } from '../../js/cli/arguments.js'
import { commands } from '../../js/cli/commands.js'
import { failureOf } from '../../js/cli/failure.js'
import { json, MAIN, run } from '../cli/run.mjs'
import { entryOf, keyOf, opened, scratch } from '../disk/help.mjs'

/** The command line, as a process, on real directories: what it shows and what it changes. */

const HOSTILE = 'ev\u001b]0;owned\u0007il\u009b31m\u202e'
/** Nothing that a terminal obeys, nor what turns the direction of text. */
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/ // biome-ignore format: one line

/** A directory with three functions in it. */
async function filled(t) {
  const path = scratch(t)
  const store = diskStore({ path })
  const mime = createMime({ store, version: '1' })
  const user = mime(async (id, options) => ({ id, options, at: new Date(0), map: new Map([['\u001b[31m', 1n]]) }), { name: 'user', ttl: '1h', tags: ([id]) => [`user:${id}`, 'people'] }) // biome-ignore format: one line
  const old = mime(n => 'x'.repeat(n), { name: 'usage', ttl: '7d' })
  const evil = mime(n => n, { name: HOSTILE, version: '\u001b[2J' })
  for (let id = 0; id < 10; id++) await user(id, { deep: true })
  for (let n = 0; n < 4; n++) old(n * 30_000)
  evil('\u001b[31m')
  await store.close()
  return path
}

/** The names of what is in a directory, with lengths. */
const listing = path => fs.readdirSync(path).map(name => [name, fs.statSync(join(path, name)).size])

describe('ls', () => {
  test('says what there is of each function, for people and for scripts', async t => {
    const path = await filled(t)
    const { code, out, err } = await run(['ls', path])
    assert.deepEqual([code, err], [0, ''])
    assert.match(out, /^FUNCTION +VERSION +ENTRIES +SIZE +HIT RATIO +OLDEST +NEWEST +TIME LEFT\n/)
    assert.match(out, /\nusage +1 +4 +\d+ KB +█{10} +░{5} 0 % .* ago +7 d\n/)
    assert.match(out, /\nuser +1 +10 +.* ago +1 h\n/)
    assert.match(out, /never expires\n\n3 functions, 15 entries\n$/)
    const { functions } = await json(['ls', '--path', path])
    const [usage, user, evil] = functions
    assert.deepEqual([usage.name, user.name, evil.name], ['usage', 'user', HOSTILE])
    assert.deepEqual([user.version, user.entries, user.expired, user.hits, user.misses], ['1', 10, 0, 0, 10])
    assert.ok(Math.abs(user.firstDeadline - user.oldest - 3_600_000) < 1000)
    assert.deepEqual([evil.lastDeadline, evil.hitRatio], [null, 0])
    assert.ok(usage.bytes > 180_000 && user.newest <= Date.now())
  })

  test('has the hit ratio of all processes that used it', async t => {
    const path = await filled(t)
    for (let round = 0; round < 2; round++) {
      const store = opened(t, path)
      const mime = createMime({ store, version: '1', ttl: '1h' })
      const user = mime(async () => 'never', { name: 'user' })
      for (let id = 0; id < 10; id++) assert.equal((await user(id, { deep: true })).id, id)
      await store.close()
    }
    const { functions } = await json(['ls', path])
    const { hits, misses, hitRatio } = functions.find(({ name }) => name === 'user')
    assert.deepEqual([hits, misses, hitRatio], [20, 10, 20 / 30])
    assert.match((await run(['ls', path])).out, /user .*███░░ 67 %/)
  })

  test('shows nothing that a terminal would obey', async t => {
    const path = await filled(t)
    for (const command of [
      ['ls'],
      ['stats'],
      ['verify'],
      ['show', HOSTILE],
      ['show', 'user'],
      ['show', 'user', '1', '{"deep":true}'],
      ['purge', '--all', '--dry-run'],
      ['ls', HOSTILE],
    ]) {
      for (const more of [[], ['--json']]) {
        const { out, err } = await run([...command, '--path', path, ...more])
        assert.doesNotMatch(out + err, UNSAFE, command.join(' '))
      }
    }
    assert.match((await run(['ls', path])).out, /ev\\x1b\]0;owned\\x07il\\x9b31m\\u202e +\\x1b\[2J/)
  })
})

describe('show', () => {
  test('decodes an entry by its arguments, and by the beginning of its digest', async t => {
    const path = await filled(t)
    const { code, out } = await run(['show', path, 'user', '7', '{"deep":true}'])
    assert.equal(code, 0)
    assert.match(out, /^user\(7, \{deep: true\}\)\n/)
    assert.match(out, /time left {2}1 h\n/)
    assert.match(out, /tags {7}user:7, people\n/)
    assert.match(out, /\na promise of \{\n {2}id: 7,\n/)
    assert.match(out, /at: 1970-01-01T00:00:00.000Z,\n {2}map: Map\(1\) \{ '\\x1B\[31m' => 1n \}/)
    const { entries } = await json(['show', path, 'user', '7', '{"deep":true}'])
    const [{ digest, isAsync, args, tags, value, text }] = entries
    assert.deepEqual(
      [isAsync, args, tags, value],
      [true, '(7, {deep: true})', ['user:7', 'people'], undefined],
    )
    assert.match(text, /1n/)
    const found = await json(['show', path, digest.slice(0, 12)])
    assert.equal(found.entries[0].args, args)
    const plain = await json(['show', path, 'usage', '0'])
    assert.equal(plain.entries[0].value, '')
  })

  test('lists the entries of a function, the newest first', async t => {
    const path = await filled(t)
    const { out } = await run(['show', path, 'user', '--limit=3'])
    assert.match(out, /^DIGEST +ARGUMENTS +SIZE +STORED +TIME LEFT\n[0-9a-f]{10} {2}\(9, \{deep: true\}\)/)
    assert.match(out, /… 7 more entries: --limit 10\n$/)
    const { entries, more } = await json(['show', path, 'user', '--limit=3'])
    assert.deepEqual([entries.length, more], [3, 7])
  })

  test('cuts large values, and not with --full', async t => {
    const path = await filled(t)
    const [cut, full] = [
      await run(['show', path, 'usage', '90000']),
      await run(['show', path, 'usage', '90000', '--full']),
    ]
    assert.match(cut.out, /x{10000}'\.\.\. 80000 more characters/)
    assert.ok(full.out.includes('x'.repeat(90_000)))
  })

  test('says what there is instead of what is not', async t => {
    const path = await filled(t)
    const wrong = await run(['show', path, 'user', '77'])
    assert.deepEqual([wrong.code, wrong.out], [1, ''])
    assert.match(wrong.err, /there is no entry of user for \(77\)\n {2}it has 10 entries: /)
    assert.ok(wrong.err.includes(`my-mimic show ${path} user\n`), wrong.err)
    assert.match((await run(['show', path, 'usr'])).err, /did you mean user\?/)
    assert.match((await run(['show', path, 'ffffffff'])).err, /there are (user|usage|ev)/)
    assert.equal((await run(['show', path])).code, 2)
    assert.match(
      (await run(['show', path, 'abs', '-1'])).err,
      /put -- before arguments that begin with a dash/,
    )
    assert.match((await run(['show', path, 'user', '--', '-1'])).err, /for \(-1\)/)
  })
})

test('stats draws the whole directory', async t => {
  const path = await filled(t)
  const { code, out } = await run(['stats', path])
  assert.equal(code, 0)
  assert.match(out, /entries {4}15 entries of 3 functions/)
  assert.match(out, /in use {5}█+░* \d+ %/)
  assert.match(out, /hit ratio {2}░+ 0 % of 15 reads/)
  assert.match(out, /stored\n {2}up to 1 m ago +█{30} +15\n/)
  const { entries, files, age, timeLeft, corrupt } = await json(['stats', path])
  assert.deepEqual([entries, files, corrupt, age[0]], [15, 1, 0, { below: 60_000, entries: 15 }])
  assert.deepEqual(
    timeLeft.map(bucket => bucket.entries),
    [0, 10, 0, 4, 0, 1],
  )
})

describe('purge', () => {
  const left = async path =>
    (await json(['ls', path])).functions.map(({ name, entries }) => `${name} ${entries}`)

  test('says what would go, and changes nothing', async t => {
    const path = await filled(t)
    const before = listing(path)
    const { code, out } = await run(['purge', path, '--name', 'user', '--dry-run'])
    assert.equal(code, 0)
    assert.match(out, /\nuser +1 +10 +.* KB\n\n10 entries of .* KB would go\n$/)
    assert.deepEqual(listing(path), before)
  })

  for (const [what, args, stays] of [
    ['by name', ['--name', 'user'], ['usage 4', `${HOSTILE} 1`]],
    ['by several names', ['--name', 'user', '--name', 'usage'], [`${HOSTILE} 1`]],
    ['by pattern', ['--pattern', 'us*'], [`${HOSTILE} 1`]],
    [
      'by a pattern that is not one of regular expressions',
      ['--pattern', 'us.r'],
      ['usage 4', 'user 10', `${HOSTILE} 1`],
    ],
    ['by tag', ['--tag', 'user:3'], ['usage 4', 'user 9', `${HOSTILE} 1`]],
    ['by several tags', ['--tag', 'user:3', '--tag', 'user:4'], ['usage 4', 'user 8', `${HOSTILE} 1`]],
    ['by the beginning of a tag', ['--tag', 'peo*'], ['usage 4', `${HOSTILE} 1`]],
    ['by age', ['--older-than', '1h'], ['usage 4', 'user 10', `${HOSTILE} 1`]],
    ['by age, which all have', ['--older-than', '0s', '--name', 'usage'], ['user 10', `${HOSTILE} 1`]],
    ['everything', ['--all'], []],
  ]) {
    test(what, async t => {
      const path = await filled(t)
      await sleep(2)
      const { code, entries } = await json(['purge', path, ...args])
      const kept = stays.reduce((sum, row) => sum + Number(row.split(' ').at(-1)), 0)
      assert.deepEqual([code, entries], [0, 15 - kept])
      assert.deepEqual(await left(path), stays)
    })
  }

  test('what is gone does not come back with a compaction', async t => {
    const path = await filled(t)
    for (const args of [
      ['--name', 'usage'],
      ['--tag', 'user:3'],
    ])
      await run(['purge', path, ...args])
    assert.equal((await json(['compact', path])).code, 0)
    assert.deepEqual(await left(path), ['user 9', `${HOSTILE} 1`])
  })

  test('what has expired', async t => {
    const path = await filled(t)
    const store = opened(t, path)
    store.set(keyOf('a'), entryOf(1, 1))
    await store.flush()
    await sleep(20)
    assert.match(
      (await run(['ls', path])).out,
      /\nf +1 +0 .* expired\n[\s\S]*\n4 functions, 15 entries, 1 more expired\n$/,
    )
    assert.equal((await json(['purge', path, '--expired'])).entries, 1)
    assert.equal((await json(['ls', path])).functions.length, 3)
  })

  test('needs to know what', async t => {
    const path = await filled(t)
    for (const args of [[], ['--all', '--name', 'x'], ['--older-than', 'soon'], ['--name']]) {
      const { code, err } = await run(['purge', path, ...args])
      assert.equal(code, 2, args.join(' '))
      assert.match(err, /my-mimic: /)
    }
    assert.equal((await json(['ls', path])).functions.length, 3)
  })

  test('says so when there is no such function', async t => {
    const path = await filled(t)
    const { code, out, err } = await run(['purge', path, '--name', 'usr'])
    assert.deepEqual([code, out, err], [0, 'nothing to delete\n', 'there is no function usr; did you mean user?\n']) // biome-ignore format: one line
    assert.equal((await json(['purge', path, '--name', 'usr'])).err, '')
  })
})

test('compact makes one file of many, and keeps what lives', async t => {
  const path = await filled(t)
  for (let n = 0; n < 3; n++) {
    const store = opened(t, path)
    for (let i = 0; i < 5; i++) store.set(keyOf(i), entryOf(`${n}`.repeat(1000)))
    await store.close()
  }
  const { code, before, after } = await json(['compact', path])
  assert.deepEqual([code, before.files, after.files], [0, 4, 1])
  assert.ok(after.bytes < before.bytes - 9000)
  assert.equal(opened(t, path).getSync(keyOf(3)).value, '2'.repeat(1000))
  assert.match((await run(['compact', path])).out, /^1 file of .* KB is 1 file of/)
})

test('compact stands back while another does it', async t => {
  const path = await filled(t)
  fs.writeFileSync(join(path, 'compact.lock'), 'somebody')
  const { code, err } = await run(['compact', path])
  assert.equal(code, 4)
  assert.match(err, /another process is compacting/)
})

describe('what it is asked', () => {
  test('it explains as a whole and command by command, with examples', async () => {
    const { code, out } = await run(['--help'])
    assert.equal(code, 0)
    const names = [...out.matchAll(/^ {2}([a-z]+) {2,}[a-z]/gm)].map(([, name]) => name)
    assert.deepEqual(names, ['ls', 'show', 'stats', 'purge', 'verify', 'export', 'import', 'compact'])
    for (const name of names) {
      const { code, out } = await run([name, '--help'])
      assert.equal(code, 0)
      assert.match(out, new RegExp(`^my-mimic ${name}: .+\n\nUsage: my-mimic ${name} `))
      assert.match(out, /--json .+\n[\s\S]*\nExamples:\n {2}npx my-mimic /)
    }
    assert.equal((await run(['help', 'ls'])).out, (await run(['ls', '-h'])).out)
    const nothing = await run([])
    assert.deepEqual([nothing.code, nothing.err, nothing.out], [2, out, ''])
  })

  test('every example, in the README and in the help, is understood', () => {
    const readme = fs.readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const inReadme = [...readme.matchAll(/^npx my-mimic (.*)$/gm)].map(([, line]) =>
      line.replace(/ +# .*$/, ''),
    )
    const inHelp = commands.flatMap(({ examples }) =>
      examples.map(([line]) => line.split(' | ')[0].split(' > ')[0]),
    )
    assert.ok(inReadme.length >= 8 && inHelp.length >= 15)
    for (const line of [...inReadme, ...inHelp]) {
      const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain)
      const command = commands.find(({ name }) => name === words[0])
      assert.doesNotThrow(() => given(words.slice(1), command), line)
    }
  })

  test('what it does not know it refuses, and names what is near', async t => {
    const path = await filled(t)
    for (const [args, words] of [
      [['sl'], /there is no command sl\n {2}did you mean ls\?/],
      [['exprot'], /did you mean export\?/],
      [['xyzzy'], /the commands are ls, show/],
      [['ls', path, '--jsno'], /ls has no option --jsno\n {2}did you mean --json\?/],
      [['purge', path, '--dryrun'], /did you mean --dry-run\?/],
      [['purge', path, '--older', '1h'], /did you mean --older-than\?/],
      [['ls', path, '--dry-run'], /ls has no option --dry-run\n {2}ls has --path/],
      [['ls', path, 'more'], /ls takes one directory; "more" is too much/],
      [['ls', '--path'], /--path needs a value/],
      [['ls', ''], /the directory is an empty word\n {2}leave it out for \.cache/],
      [['purge', '', '--all'], /the directory is an empty word/],
      [['show', '', 'user'], /the directory is an empty word/],
      [['ls', path, '--json=yes'], /--json takes no value/],
      [['show', path, 'user', '--limit', '0'], /--limit takes a whole number/],
    ]) {
      const { code, out, err } = await run(args)
      assert.deepEqual([code, out], [2, ''], args.join(' '))
      assert.match(err, words)
    }
  })

  test('what fails is JSON too, on stderr', async () => {
    const { code, err } = await json(['ls', '/nowhere/at/all'])
    assert.equal(code, 3)
    assert.equal(JSON.parse(err).error.code, 'ERR_NO_DIRECTORY')
  })

  test('a code of the file system’s stands in the message, and is none of ours', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    const forbidden = Object.assign(new Error('EACCES: permission denied, open'), { code: 'EACCES' })
    const own = Object.assign(new Error('lost'), { code: 'ERR_STORE_WRITE' })
    for (const [error, ...expected] of [
      [full, 'ERR_FAILED', 5, full.message],
      [forbidden, 'ERR_DIRECTORY', 3, forbidden.message],
      [own, 'ERR_STORE_WRITE', 5, 'lost'],
      [undefined, 'ERR_FAILED', 5, 'undefined'],
    ]) {
      const { code, exit, message } = failureOf(error)
      assert.deepEqual([code, exit, message], expected)
    }
  })

  test('its directory is .cache unless one is named; a word that could be both is what is shown', async t => {
    const folder = scratch(t)
    fs.cpSync(await filled(t), join(folder, '.cache'), { recursive: true })
    fs.mkdirSync(join(folder, 'user'))
    assert.equal((await json(['ls'], { cwd: folder })).functions.length, 3)
    assert.match((await run(['show', 'user', '7', '{"deep":true}'], { cwd: folder })).out, /^user\(7/)
    fs.renameSync(join(folder, '.cache'), join(folder, 'cache'))
    assert.match(
      (await run(['show', 'cache', 'user', '7', '{"deep":true}'], { cwd: folder })).out,
      /^user\(7/,
    )
  })

  test('--version is that of the package', async () => {
    const { version } = JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    assert.equal((await run(['--version'])).out, `${version}\n`)
  })

  test('package.json knows it, and it can be started', () => {
    const { bin } = JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    assert.ok(MAIN.endsWith(bin['my-mimic']))
    assert.match(fs.readFileSync(MAIN, 'utf8'), /^#!\/usr\/bin\/env node\n/)
  })
})
