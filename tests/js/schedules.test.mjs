import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { plans } from '../schedules/plans.mjs'
import { runPlan } from '../schedules/run.mjs'

/** Loads, invalidations, expiry, eviction, aborts and rejections in every order, against a model. */

/** How many times the samples of the plans that are too large to be gone through. */
const MORE = Number(process.env.SCHEDULES ?? 1)
const LEAST = 10_000

let total = 0

for (const [kind, some] of Object.entries(plans)) {
  describe(kind, () => {
    for (const plan of some) {
      test(plan.name, async () => {
        total += await runPlan(plan, MORE)
      })
    }
  })
}

test('rejections that nobody handles: one for each error, and none beyond', async () => {
  const file = fileURLToPath(new URL('../schedules/rejections.mjs', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [file])
  assert.ok(Number(stdout) > 500, stdout)
  total += Number(stdout)
})

test(`at least ${LEAST} schedules`, t => {
  t.diagnostic(`${total} schedules`)
  assert.ok(total >= LEAST, `${total}`)
})
