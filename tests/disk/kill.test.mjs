import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../property/random.mjs'
import { child, ended, isTold, keyOf, opened, scratch } from './help.mjs'

/** Killed at random moments, compactions among them: nothing that was acknowledged is lost, nothing is torn, nothing deleted is back. */

const KILLS = Number(process.env.MIMIC_KILLS ?? 200)
const BATCH = 10

test(`kill -9 at ${KILLS} random moments`, { timeout: 20 * 60_000 }, async t => {
  const random = new Random(Number(process.env.MIMIC_SEED ?? Date.now() % 1e6))
  let [acknowledged, compactions, kills] = [0, 0, 0]
  const lane = async () => {
    while (kills < KILLS) await batch()
  }
  const batch = async () => {
    const count = Math.min(BATCH, KILLS - kills)
    kills += count
    const path = scratch(t)
    let next = 0
    /** @type {{ from: number, to: number }[]} */
    const done = []
    for (let i = 0; i < count; i++) {
      const from = next
      const writer = child(t, './writer.mjs', [path, String(from), String(1 << 28)])
      const first = new Promise(resolve => writer.once('message', resolve))
      writer.on('message', (/** @type {any} */ message) => {
        done.push(message)
        next = message.to + 1
      })
      await Promise.race([first, ended(writer)])
      await sleep(random.int(random.oneIn(4) ? 1500 : 200))
      writer.kill('SIGKILL')
      await ended(writer)
      if (existsSync(join(path, 'compact.lock'))) compactions++
      await sleep(5)
      // What was being written when it was killed is another's to write.
      next += 1000
    }
    const store = opened(t, path)
    for (const { from, to } of done) {
      for (let n = from; n < to; n++) {
        acknowledged++
        assert.ok(isTold(n, store.getSync(keyOf(n))?.value), `entry ${n} is lost`)
      }
      assert.equal(store.getSync(keyOf(`deleted ${to}`)), undefined, `deletion ${to} is lost`)
    }
    for (let i = 0; i < 50; i++) {
      const value = store.getSync(keyOf(`hot ${i}`))?.value
      assert.ok(value === undefined || isTold(`hot ${i}`, value), `hot ${i} is torn`)
    }
    assert.equal(store.stats().corrupt, 0)
    await store.close()
  }
  await Promise.all([lane(), lane()])
  t.diagnostic(`${acknowledged} acknowledged entries, ${compactions} times there was a compaction's lock`)
  assert.ok(acknowledged > KILLS)
})
