import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { indexedDBStore, mime } from '../../js/entry/inline.js'

/** Where there is no IndexedDB, as when a page is rendered on a server: it works in memory and says so once. */

async function remember() {
  const warned = []
  const { warn } = console
  console.warn = message => warned.push(message)
  try {
    const store = indexedDBStore()
    let calls = 0
    const f = mime(async x => `${x} ${++calls}`, { name: 'f', version: '1', store })
    const g = mime(x => `${x} ${++calls}`, { name: 'g', version: '1', store })
    await Promise.all([f.ready, g.ready])
    const values = [await f(1), await f(1), g(2), g(2)]
    await f.flush()
    await store.close()
    return { values, warned, available: store.stats().available }
  } finally {
    console.warn = warn
  }
}

function judge({ values, warned, available }) {
  assert.deepEqual(values, ['1 1', '1 1', '2 2', '2 2'])
  assert.equal(available, 0)
  assert.equal(warned.length, 1, String(warned))
  assert.match(warned[0], /IndexedDB cannot be used, results stay in memory only/)
}

test('on a server', async () => {
  assert.equal(globalThis.indexedDB, undefined)
  judge(await remember())
})

test('in a worker thread', async () => {
  const source = `
    import { parentPort } from 'node:worker_threads'
    import { indexedDBStore, mime } from ${JSON.stringify(new URL('../../js/entry/inline.js', import.meta.url).href)}
    parentPort.postMessage(await (${remember})())`
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
  const [answer] = await once(worker, 'message')
  judge(answer)
  await worker.terminate()
})
