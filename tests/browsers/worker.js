/** A worker of any kind with a store of its own. Asked with a number, it writes an entry of that number and says what entry 0 is. */

import '/tests/browser/store-page.js'

const answer = async (n, port) => {
  await open_({})
  put(n, `of worker ${n}`)
  await store.flush()
  port.postMessage(await read(0))
}

addEventListener('message', event => answer(event.data, event.ports[0] ?? globalThis))
addEventListener('connect', event => {
  const [port] = event.ports
  port.onmessage = ({ data }) => answer(data, port)
})
