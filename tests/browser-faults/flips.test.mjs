import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { inBrowser, openPage, serving } from '../browser/store-harness.mjs'

/** 10,000 random bit flips in stored segments: never a wrong value, and at most the segments that were hit are lost. */

serving()

const ROUNDS = 1000
const FLIPS = 10

describe('damage', { concurrency: 1 }, () => {
  inBrowser(
    '10,000 bit flips: no wrong value, nothing lost but what was hit',
    async browser => {
      const page = await openPage(browser)
      const seen = await page.evaluate(
        async ([rounds, flips]) => {
          const valueOf = i => ({ i, text: 'x'.repeat(i % 300), at: new Date(i) })
          for (let i = 0; i < 240; i++) {
            put(i, valueOf(i))
            if (i % 30 === 29) await store.flush()
          }
          put(240, 'y'.repeat(150_000))
          await store.flush()
          const whole = JSON.stringify(Array.from({ length: 240 }, (_, i) => valueOf(i)))
          const expected = JSON.parse(whole).map(value => JSON.stringify(value))
          await store.close()
          /** Every block as it was written. */
          const pristine = await raw(['heads', 'bodies'], 'readonly', (stores, done) => {
            const blocks = []
            for (const from of stores) {
              from.openCursor().onsuccess = ({ target }) => {
                if (!target.result) return done(blocks)
                blocks.push({ name: from.name, key: target.result.key, bytes: target.result.value })
                target.result.continue()
              }
            }
          })
          const sum = { read: 0, lost: 0, wrong: 0, tooMany: 0, corrupt: 0 }
          const random = n => Math.floor(Math.random() * n)
          for (let round = 0; round < rounds; round++) {
            const hit = new Set()
            const damaged = pristine.map(block => ({ ...block, bytes: block.bytes.slice() }))
            for (let flip = 0; flip < flips; flip++) {
              // All in two segments, so that the others must survive.
              const keys = [...new Set(pristine.map(({ key }) => String(key)))]
              const chosen = damaged.filter(
                ({ key }) => keys.indexOf(String(key)) === (round + (flip % 2)) % keys.length,
              )
              const { bytes, key } = chosen[random(chosen.length)]
              bytes[random(bytes.length)] ^= 1 << random(8)
              hit.add(String(key))
            }
            await raw(['heads', 'bodies'], 'readwrite', stores => {
              for (const target of stores) target.clear()
              for (const { name, key, bytes } of damaged) stores.find(s => s.name === name).put(bytes, key)
            })
            await open_()
            let lost = 0
            for (let i = 0; i < 240; i++) {
              const value = await read(i)
              if (value === undefined) lost++
              else if (JSON.stringify(value) === expected[i]) sum.read++
              else sum.wrong++
            }
            const large = await read(240)
            if (large !== undefined && large !== 'y'.repeat(150_000)) sum.wrong++
            sum.lost += lost
            // 30 entries a segment.
            if (lost > 30 * hit.size) sum.tooMany++
            sum.corrupt += store.stats().corrupt
            await store.close()
          }
          return sum
        },
        [ROUNDS, FLIPS],
      )
      assert.deepEqual([seen.wrong, seen.tooMany], [0, 0], JSON.stringify(seen))
      // It must have hit something, and left something.
      assert.ok(seen.lost > ROUNDS && seen.read > 100 * ROUNDS && seen.corrupt > ROUNDS, JSON.stringify(seen))
    },
    900_000,
  )
})
