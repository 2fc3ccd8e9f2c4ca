/** The types of the suite of stores; each line that must not compile stands under `@ts-expect-error`. */
import { test } from 'node:test'
import { memoryStore, type Store } from '../../js/index.js'
import { chaos, FAULTS, type Fault, storeChecks, testStore } from '../../js/testing-store.js'

testStore({ name: 'memory', open: () => memoryStore(), sync: true, tags: true, test })
testStore({
  name: 'mine',
  open: async (place, wrap): Promise<Store> => {
    const backend = wrap(new Map([[place, 1]]))
    return backend.size > 0 ? memoryStore() : memoryStore()
  },
  remove: place => place.length,
  persists: true,
  times: false,
  without: ['undefined'],
  patience: 1000,
})
// @ts-expect-error no store
testStore({ name: 'memory', open: () => new Map() })
// @ts-expect-error it has to be opened
testStore({ name: 'memory' })
// @ts-expect-error misspelt
testStore({ name: 'memory', open: () => memoryStore(), persist: true })

const checks: { name: string; run(): Promise<void> }[] = storeChecks({ name: 'x', open: () => memoryStore() })
const fault: Fault | undefined = FAULTS[0]
const broken: Map<string, number> = chaos(new Map<string, number>(), method =>
  method === 'get' ? 'hang' : undefined,
)
// @ts-expect-error no such fault
chaos(new Map(), () => 'explode')
export { broken, checks, fault }
