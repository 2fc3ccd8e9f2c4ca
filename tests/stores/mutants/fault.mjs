import { naive } from './make.mjs'

const CALLS = 'faults: with a backend that does'
const STORE = 'faults: a store whose backend does'
const DELETED = 'faults: what is deleted or replaced while the backend does'

/** @type {import('./make.mjs').Mutant[]} */
export const faultMutants = [
  naive(
    'lets errors through',
    [`${STORE} throw`, `${STORE} reject`],
    Base =>
      class extends Base {
        read = id => this.backend.get(id)
      },
  ),
  naive(
    'waits for ever',
    [`${STORE} hang`],
    Base =>
      class extends Base {
        timeout = 1e8
      },
  ),
  naive(
    'says nothing',
    ['throw', 'reject', 'hang', 'garbage'].map(fault => `${CALLS} ${fault}`),
    Base =>
      class extends Base {
        tell() {}
      },
  ),
  naive(
    'believes whatever it is told',
    [`${CALLS} garbage`, `${STORE} garbage`, 'faults: at random'],
    Base =>
      class extends Base {
        isOwn = () => true
        open = text => {
          try {
            return super.open(text)
          } catch {
            return { value: text, storedAt: 0, deadline: Infinity, isAsync: true }
          }
        }
      },
  ),
  naive(
    'gives the latest answer to whoever waits',
    [`${CALLS} late`],
    Base =>
      class extends Base {
        async read(id) {
          this.latest = await super.read(id)
          await new Promise(resolve => setTimeout(resolve, 5))
          return this.latest
        }
        isOwn = () => true
      },
  ),
  naive(
    'forgets what it could not delete',
    ['throw', 'reject', 'hang', 'late'].map(fault => `${DELETED} ${fault}`),
    Base =>
      class extends Base {
        delete(key) {
          this.send(() => this.backend.delete(this.idOf(key)))
        }
      },
  ),
  naive(
    'takes a strange answer for a failure, and goes back',
    [`${DELETED} garbage`],
    Base =>
      class extends Base {
        copies = new Map()
        write(key, text, ask) {
          const id = this.idOf(key)
          if (text !== '') this.copies.set(id, text)
          super.write(key, text, async () => {
            const isDone = (await ask(id)) === true
            if (text === '' && !isDone) await this.backend.set(id, this.copies.get(id))
          })
        }
      },
  ),
  naive(
    'sends without waiting',
    ['faults: answers that come late'],
    Base =>
      class extends Base {
        send(ask) {
          const sent = this.limited(ask)
          this.sent.add(sent)
          sent.finally(() => this.sent.delete(sent))
        }
      },
  ),
  naive(
    'gives up after an error',
    ['faults: it works again'],
    Base =>
      class extends Base {
        tell(cause) {
          super.tell(cause)
          this.isOff = true
        }
      },
  ),
  naive(
    'forgets what it could not write, and goes back',
    [`${DELETED} throw`, `${DELETED} reject`],
    Base =>
      class extends Base {
        write(key, text, ask) {
          super.write(key, text, ask)
          if (text === '') return
          const id = this.idOf(key)
          this.send(async () => {
            if (this.newest.get(id) === text) this.newest.delete(id)
          })
        }
      },
  ),
]
