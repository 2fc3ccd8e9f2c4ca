// Takes locks, and is killed: tests/disk/locks.test.mjs.
import { Locks } from '../../js/stores/disk/locks.js'

const [path, ...names] = process.argv.slice(2)
const locks = new Locks(path)
const { signal } = new AbortController()
for (const name of names) if (!(await locks.lock(name, signal))) throw new Error('somebody has it')
process.kill(process.pid, 'SIGKILL')
