import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask } from '../calls/child.mjs'
import { load } from '../calls/peers/my-mimic.mjs'
import { play } from '../calls/run.mjs'
import { groups, scenarios } from '../calls/scenarios.mjs'

/** The scenarios of `npm run compare:calls` against this package alone: on a clock of their own where one process will do. */

/** Milliseconds of a unit; only `timeout` waits for real ones. */
const UNIT = 20

/** Milliseconds after which a scenario hangs; only what is wrong waits for it. */
const PATIENCE = 10_000

function virtual() {
  const clock = { time: 0, now: () => clock.time }
  return load({ clock, unit: UNIT })
}

test('the list is long, and its sentences are unique', () => {
  assert.ok(scenarios.length >= 55, `${scenarios.length} scenarios`)
  assert.equal(new Set(scenarios.map(({ what }) => what)).size, scenarios.length)
})

test('every scenario is asked: this package has all the features', () => {
  const { can } = virtual()
  assert.deepEqual(
    scenarios.flatMap(({ needs }) => needs).filter(need => !can.has(need)),
    [],
  )
})

for (const { title, scenarios: inGroup } of groups) {
  describe(title, () => {
    for (const scenario of inGroup.filter(({ alone }) => !alone)) {
      test(scenario.what, () => play(scenario, virtual(), PATIENCE))
    }
  })
}

describe('each in a process of its own', { concurrency: 4 }, () => {
  for (const [index, { what, alone }] of scenarios.entries()) {
    if (alone) test(what, async () => assert.equal(await ask('my-mimic', index), 'right'))
  }
})

test('a scenario that does not end is wrong', async () => {
  const endless = { what: '', needs: [], alone: false, run: () => new Promise(() => {}) }
  await assert.rejects(play(endless, virtual(), 20), /hangs/)
})
