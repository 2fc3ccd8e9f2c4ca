import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Locks } from '../../js/stores/disk/locks.js'
import { child, ended, scratch } from './help.mjs'

/** Locks whose holder was killed, at the moments that processes seldom meet. Taking one is done before `lock` returns its promise. */

const { signal } = new AbortController()

/** @param {import('node:test').TestContext} t */
function place(t) {
  const path = scratch(t)
  let count = 0
  /** Somebody who has a file of his own already, and so has tidied up. */
  const joined = async () => {
    const locks = new Locks(path)
    t.after(() => locks.leave())
    await locks.lock(`joined ${count++}`, signal)
    return locks
  }
  /** @param {...string} names that a process has when it is killed */
  const killed = async (...names) => {
    assert.equal(await ended(child(t, './holder.mjs', [path, ...names])), null)
    assert.ok(names.every(name => fs.existsSync(join(path, name))))
  }
  return { path, joined, killed }
}

/** How many of the calls got it; those who did not need not wait. @param {Promise<unknown>[]} calls */
async function winners(...calls) {
  const later = new Promise(resolve => setImmediate(resolve))
  const got = await Promise.all(calls.map(call => Promise.race([call, later])))
  return got.filter(release => typeof release === 'function').length
}

describe('of two who take over one lock at once one gets it', () => {
  /**
   * @param {import('node:test').TestContext} t
   * @param {'rmSync' | 'linkSync'} step of the first
   * @param {(path: string) => boolean} isIt
   */
  async function meet(t, step, isIt) {
    const { joined, killed } = place(t)
    const [first, second] = [await joined(), await joined()]
    await killed('x')
    const original = fs[step]
    let other
    let isMet = false
    t.mock.method(fs, step, (...args) => {
      if (!isMet && isIt(args[step === 'linkSync' ? 1 : 0])) {
        isMet = true
        other = second.lock('x', signal)
      }
      return original(...args)
    })
    const mine = first.lock('x', signal)
    t.mock.restoreAll()
    assert.ok(isMet)
    assert.equal(await winners(mine, other), 1)
  }

  test('the second comes while the first removes the old one', t =>
    meet(t, 'rmSync', path => path.endsWith('x')))
  test('the second is done when the first begins', t => meet(t, 'linkSync', path => path.endsWith('x~')))
})

test('who was killed while taking over is in nobody’s way', async t => {
  const { path, joined, killed } = place(t)
  const locks = await joined()
  await killed('x', 'x~')
  assert.equal(await winners(locks.lock('x', signal)), 1)
  assert.ok(!fs.existsSync(join(path, 'x~')))
})

test('one who lives keeps what is his, and gives it back once', async t => {
  const { joined } = place(t)
  const [first, second] = [await joined(), await joined()]
  const release = await first.lock('y', signal)
  assert.equal(await winners(second.lock('y', signal)), 0)
  release()
  const next = await second.lock('y', signal)
  release()
  assert.equal(await winners(first.lock('y', signal)), 0)
  next()
  assert.equal(await winners(first.lock('y', signal)), 1)
})

test('what was left goes when the next one comes', async t => {
  const { path, joined, killed } = place(t)
  await killed('x', 'y')
  const locks = await joined()
  locks.leave()
  assert.deepEqual(fs.readdirSync(path), [])
})

test('a folder that was removed is made again', async t => {
  const { path, joined } = place(t)
  const locks = await joined()
  fs.rmSync(path, { recursive: true })
  assert.equal(await winners(locks.lock('x', signal)), 1)
  assert.ok(fs.existsSync(join(path, 'x')))
})

test('where there can be no locks that is said, and then nobody waits for any', async t => {
  const path = join(scratch(t), 'file')
  fs.writeFileSync(path, '')
  const locks = new Locks(path)
  await assert.rejects(locks.lock('x', signal), { code: 'ERR_STORE_LOCK' })
  assert.equal(await winners(locks.lock('x', signal), locks.lock('x', signal)), 2)
})

test('who waits leaves when his signal says so', async t => {
  const { joined } = place(t)
  const [first, second] = [await joined(), await joined()]
  await first.lock('y', signal)
  const controller = new AbortController()
  const waiting = second.lock('y', controller.signal)
  controller.abort(new Error('enough'))
  await assert.rejects(waiting, { message: 'enough' })
})

describe('what has not been renewed for long', () => {
  const DAY = 86_400

  /** As if nobody had renewed it since. @param {string} file */
  const ageing = file => {
    const seconds = Date.now() / 1000 - DAY
    fs.utimesSync(file, seconds, seconds)
  }
  const ownIn = path => fs.readdirSync(path).filter(name => name.endsWith('.own'))

  test('is renewed before it is a lock', async t => {
    const { path, joined } = place(t)
    const locks = await joined()
    ageing(join(path, ownIn(path)[0]))
    await locks.lock('x', signal)
    assert.ok(Date.now() - fs.statSync(join(path, 'x')).mtimeMs < 60_000)
  })

  test('is not taken from a process that runs here, whatever the clocks say', async t => {
    const { path, joined } = place(t)
    const first = await joined()
    await first.lock('x', signal)
    ageing(join(path, 'x'))
    const before = fs.readdirSync(path)
    const second = await joined()
    assert.equal(await winners(second.lock('x', signal)), 0)
    assert.deepEqual(before.filter(name => !fs.existsSync(join(path, name))), []) // biome-ignore format: one line
  })

  test('goes when it is of nobody who is known to run', async t => {
    const { path, joined } = place(t)
    const first = await joined()
    const said = fs.readFileSync(join(path, ownIn(path)[0]), 'utf8')
    first.leave()
    const [pid, id, where, began] = said.trimEnd().split(' ')
    const left = {
      'another machine or before a reboot': [pid, id, `${where}x`, began],
      'an older version of this': [pid, id, where.split('_', 2).join('_')],
      'nobody: it was never finished': [],
    }
    // Elsewhere nothing tells whose number it is now.
    if (began) left['another process of the same number'] = [pid, id, where, `${began}1`]
    for (const [whose, words] of Object.entries(left))
      for (const isOld of [false, true]) {
        for (const name of ['a.own', 'x']) {
          fs.writeFileSync(join(path, name), words.length > 0 ? `${words.join(' ')}\n` : '')
          if (isOld) ageing(join(path, name))
        }
        const locks = await joined()
        locks.leave()
        assert.deepEqual(fs.readdirSync(path), isOld ? [] : ['a.own', 'x'], whose)
      }
  })
})
