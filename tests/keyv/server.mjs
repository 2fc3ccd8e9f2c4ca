import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import KeyvRedis from '@keyv/redis'
import Keyv from 'keyv'

/** A Redis of our own, on a socket in a folder of its own, which keeps nothing. */
export class Server {
  folder = mkdtempSync(join(tmpdir(), 'mimic-redis-'))
  socket = join(this.folder, 'redis.sock')
  /** @type {Map<string, Keyv[]>} */
  #connected = new Map()

  async start() {
    const program = process.env.REDIS_SERVER ?? 'redis-server'
    const options = ['--port', '0', '--unixsocket', this.socket, '--save', '', '--appendonly', 'no']
    this.process = spawn(program, [...options, '--dir', this.folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const line of this.process.stdout) if (String(line).includes('eady to accept')) break
    this.process.stdout.resume()
  }

  /** As a machine that fails: nothing is said to anybody. */
  async kill() {
    this.process.kill('SIGKILL')
    await once(this.process, 'exit')
  }

  /** @param {string} namespace @param {object} [options] of KeyvRedis @returns {Keyv} */
  connect(namespace, options) {
    const socket = { path: this.socket, reconnectStrategy: 50 }
    const adapter = new KeyvRedis({ socket }, { throwOnConnectError: false, ...options })
    const keyv = new Keyv(adapter, { namespace })
    this.#connected.set(namespace, [...(this.#connected.get(namespace) ?? []), keyv])
    return keyv
  }

  /** @param {string} namespace */
  async disconnect(namespace) {
    const keyvs = this.#connected.get(namespace) ?? []
    this.#connected.delete(namespace)
    for (const keyv of keyvs) await keyv.store.disconnect(true).catch(() => {})
  }

  async end() {
    for (const namespace of this.#connected.keys()) await this.disconnect(namespace)
    if (this.process.exitCode === null && this.process.signalCode === null) await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
