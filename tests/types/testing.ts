/** The types of the test kit; each line that must not compile stands under `@ts-expect-error`. */
import { mime } from '../../js/index.js'
import { counted, expectCalls, expectHit, expectMiss, recorded, virtualClock } from '../../js/testing.js'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const check = <_ extends true>() => {}

// The clock is one for the option `clock`; durations are those of a ttl.
const clock = virtualClock()
const now: number = clock.advance('5m') + clock.now()
clock.set(5)
// @ts-expect-error a number or a string
clock.advance(new Date())

const load = async (id: number, options?: { all: boolean }) => ({ id, options })
const spy = counted(load)
check<Equal<ReturnType<typeof spy>, ReturnType<typeof load>>>()
check<Equal<(typeof spy)['calls'], readonly Parameters<typeof load>[]>>()
spy.reset()

// What is expected has the arguments of the function.
const f = mime(spy, { ttl: '5m', clock })
expectHit(f, 1)
expectMiss(f, 1, { all: true })
// @ts-expect-error a string is no number
expectHit(f, '1')
// @ts-expect-error the argument is missing
expectMiss(f)
// @ts-expect-error not wrapped
expectHit(load, 1)
const batch = mime.batch(async (keys: string[]) => keys)
expectHit(batch, 'a')

expectCalls(f, 1)
expectCalls(spy, 1)
expectCalls({ mock: { calls: [] } }, 0)
// @ts-expect-error counts nothing
expectCalls(load, 1)

const taped = recorded(load, { file: new URL('file:///x.json'), mode: 'replay', name: 'load' })
check<Equal<typeof taped, typeof load>>()
recorded(load, { file: 'x.json', mode: undefined, name: undefined })
// @ts-expect-error no such mode
recorded(load, { file: 'x.json', mode: 'play' })
// @ts-expect-error the file is missing
recorded(load, {})

export { now }
