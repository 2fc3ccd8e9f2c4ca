// Bodies that come slowly: who leaves ends his own, and one that nobody reads is cancelled.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'

const later = ms => new Promise(resolve => setTimeout(resolve, ms))

/** A function that returns endless Responses, and how many of them nobody has cancelled. */
function endless(options) {
  const bodies = { open: 0 }
  const f = createMime()(async () => {
    bodies.open++
    let timer
    const body = new ReadableStream({
      start(controller) {
        timer = setInterval(() => controller.enqueue(new Uint8Array(1)), 1)
      },
      cancel() {
        bodies.open--
        clearInterval(timer)
      },
    })
    return new Response(body)
  }, options)
  return { f, bodies }
}

/** @param {{ open: number }} bodies */
async function closed(bodies) {
  for (let i = 0; i < 100 && bodies.open > 0; i++) await later(2)
  assert.equal(bodies.open, 0)
}

describe('an entry goes while its body comes, and nobody reads it', () => {
  const ways = {
    'with a listener for removals': async f => {
      f.on('remove', () => {})
      const response = await f(1)
      f.invalidate(1)
      await response.body.cancel()
    },
    'after invalidateIf has looked at it': async f => {
      const response = await f(1)
      assert.equal(
        f.invalidateIf((_, value) => value.bodyUsed),
        0,
      )
      f.invalidate(1)
      await response.body.cancel()
    },
    'which was set': async (f, bodies) => {
      const response = await f(1)
      f.set([2], response)
      f.invalidate(2)
      f.invalidate(1)
      assert.equal(bodies.open, 1)
      await response.body?.cancel().catch(() => {})
    },
  }
  for (const [name, way] of Object.entries(ways)) {
    test(name, async () => {
      const { f, bodies } = endless('5m')
      await way(f, bodies)
      await closed(bodies)
    })
  }

  test('which was loaded in the background', async () => {
    const { f, bodies } = endless({ ttl: '5ms', staleWhileRevalidate: '1h' })
    const first = await f(1)
    await later(10)
    const second = await f(1)
    await later(10)
    f.invalidate(1)
    await Promise.all([first, second].map(response => response.body.cancel()))
    await closed(bodies)
  })
})

test('a listener gets the value of a Response when it asks for it', async () => {
  const f = createMime()(async () => new Response('body'))
  const texts = []
  f.on('remove', ({ value }) => texts.push(value.text()))
  await (await f(1)).text()
  f.invalidate(1)
  assert.deepEqual(await Promise.all(texts), ['body'])
})

describe('who leaves ends the body he got, and no other', () => {
  test('who began the load, who joined it, and who hit', async () => {
    const { f, bodies } = endless('5m')
    const callers = Array.from({ length: 4 }, () => new AbortController())
    const [one, two, three, four] = callers
    const responses = await Promise.all([one, two].map(({ signal }) => f(1, { signal })))
    responses.push(await f(1, { signal: three.signal }), await f(1, { signal: four.signal }))
    const reading = responses.map(response => response.text().catch(({ message }) => message))
    for (const [i, caller] of callers.slice(0, 3).entries()) {
      caller.abort(new Error(`left ${i}`))
      assert.equal(await reading[i], `left ${i}`)
    }
    assert.equal(await Promise.race([reading[3], later(10).then(() => 'reads on')]), 'reads on')
    f.clear()
    four.abort(new Error('left 3'))
    assert.equal(await reading[3], 'left 3')
    await closed(bodies)
  })
})
