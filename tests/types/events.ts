/** Events: the type given to `on`, or `type` in `onEvent`, says what is there. */
import { type MimeEvent, mime, type RemovalCause } from '../../js/index.js'
import { check, type Equal } from './equal.js'

const f = mime((x: number) => x)

f.on('remove', event => {
  check<Equal<typeof event.type, 'remove'>>()
  check<Equal<typeof event.cause, 'expired' | 'size' | 'invalidated' | 'replaced'>>()
  check<Equal<typeof event.name, string | undefined>>()
})
f.on('error', event => {
  check<Equal<typeof event.code, string | undefined>>()
  check<Equal<typeof event.error, unknown>>()
})
f.on('trap', event => event.error)
for (const type of ['hit', 'miss', 'stale', 'coalesced'] as const) f.on(type, event => event.name)
const off: () => void = f.on('hit', () => {})
// @ts-expect-error a hit has no cause
f.on('hit', event => event.cause)
// @ts-expect-error no such event
f.on('hits', () => {})
// @ts-expect-error no listener
f.on('hit')

mime((x: number) => x, {
  onEvent(event) {
    check<Equal<typeof event, MimeEvent>>()
    check<
      Equal<
        typeof event.type,
        'hit' | 'miss' | 'stale' | 'coalesced' | 'remove' | 'refused' | 'error' | 'trap'
      >
    >()
    if (event.type === 'remove') check<Equal<typeof event.cause, RemovalCause>>()
    // @ts-expect-error not all have a cause
    event.cause
  },
})

/** Every event is thought of: `never` is what is left. */
function count(event: MimeEvent): number {
  switch (event.type) {
    case 'hit':
    case 'miss':
    case 'stale':
    case 'coalesced':
      return 1
    case 'remove':
    case 'refused':
    case 'error':
    case 'trap':
      return 0
    default:
      return event satisfies never
  }
}
export { count, off }
