import { Worker } from 'node:worker_threads'
import { type LibC, libc, SystemError, systemCalls } from './system-calls.ts'

/**
 * Waiting in the kernel for a lock that another process holds, without holding up the event loop and without a thread of
 * libuv's pool. A descriptor belongs to the whole process, so a thread that blocks in flock(2) on its number takes the lock for
 * all of it, in its place among the other processes that wait there. Why this and not polling: docs/decisions/locking.md.
 *
 * Few threads are kept, since each costs some megabytes. A wait that finds none free is polled until one is.
 */

/** No more threads than this wait in the kernel at a time. */
const MAX_THREADS = 8
/** The first thread is started at once; one more when the oldest wait has had none for this many milliseconds. */
const GROW_AFTER = 20
/** A thread with nothing to wait for ends after this long. */
const IDLE_FOR = 30_000
/** How often the waits without a thread are tried. */
const POLL_EVERY = 2
/** A thread that shall give up is woken again until it answers: a signal that comes just before flock(2) is lost. */
const WAKE_EVERY = 5
/** setTimeout takes no more; a longer wait is without end. */
const LONGEST_TIMER = 0x7fffffff

interface Wait {
  readonly fd: number
  readonly since: number
  readonly settle: (result: boolean | SystemError) => void
  thread: Thread | undefined
}

interface Thread {
  readonly worker: Worker
  /** Shared with the thread, see {@link BUSY} and {@link GIVE_UP}. */
  readonly state: Int32Array
  /** pthread_self(), once it runs. */
  id: number | bigint | undefined
  wait: Wait | undefined
  waking: NodeJS.Timeout | undefined
  idle: NodeJS.Timeout | undefined
}

/** state[BUSY] is 1 from the moment the thread is given a descriptor until it has left flock(2). */
const BUSY = 0
/** state[GIVE_UP] is 1 when it shall leave without the lock. */
const GIVE_UP = 1

const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
const koffi = require(workerData.koffiPath)
const lib = koffi.load(null)
const flock = lib.func('int flock(int, int)')
const { state } = workerData
parentPort.on('message', (fd) => {
  let errno = koffi.os.errno.EINTR
  while (errno === koffi.os.errno.EINTR && Atomics.load(state, ${GIVE_UP}) === 0) {
    errno = flock(fd, 2) === 0 ? 0 : koffi.errno()
  }
  Atomics.store(state, ${BUSY}, 0)
  Atomics.notify(state, ${BUSY})
  parentPort.postMessage({ errno })
})
parentPort.postMessage({ id: lib.func('uintptr_t pthread_self()')() })
`

const threads = new Set<Thread>()
/** Without a thread, oldest first. */
const backlog = new Set<Wait>()
let polling: NodeJS.Timeout | undefined
let threadsFail = false

/**
 * Takes the lock on the file that `fd` has open as soon as it is free: true with the lock, false without it after `timeout`
 * milliseconds. Until this settles the descriptor must not be closed; from then on nothing here uses it.
 */
export function waitForLock(fd: number, timeout: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = timeout > LONGEST_TIMER ? undefined : setTimeout(() => giveUp(wait), timeout)
    const wait: Wait = {
      fd,
      since: Date.now(),
      settle: (result) => {
        clearTimeout(timer)
        backlog.delete(wait)
        typeof result === 'boolean' ? resolve(result) : reject(result)
      },
      thread: undefined,
    }
    const free = [...threads].find((thread) => thread.id !== undefined && thread.wait === undefined)
    if (free !== undefined) {
      assign(free, wait)
      return
    }
    backlog.add(wait)
    polling ??= setInterval(poll, POLL_EVERY)
    if (threads.size === 0) {
      startThread()
    }
  })
}

function poll(): void {
  const { tryLock } = systemCalls()
  for (const wait of backlog) {
    try {
      if (tryLock!(wait.fd)) {
        wait.settle(true)
      }
    } catch (error) {
      wait.settle(error as SystemError)
    }
  }
  const [oldest] = backlog
  if (oldest === undefined) {
    clearInterval(polling)
    polling = undefined
  } else if (Date.now() - oldest.since >= GROW_AFTER && ![...threads].some((thread) => thread.id === undefined)) {
    startThread()
  }
}

function giveUp(wait: Wait): void {
  if (wait.thread === undefined) {
    wait.settle(false)
  } else {
    const { thread } = wait
    wake(thread)
    thread.waking = setInterval(wake, WAKE_EVERY, thread)
  }
}

function assign(thread: Thread, wait: Wait): void {
  clearTimeout(thread.idle)
  backlog.delete(wait)
  thread.wait = wait
  wait.thread = thread
  Atomics.store(thread.state, GIVE_UP, 0)
  Atomics.store(thread.state, BUSY, 1)
  thread.worker.ref()
  thread.worker.postMessage(wait.fd)
}

/** The thread is free: it takes over the oldest wait, or rests. */
function takeNext(thread: Thread): void {
  const [oldest] = backlog
  if (oldest !== undefined) {
    assign(thread, oldest)
    return
  }
  thread.worker.unref()
  thread.idle = setTimeout(() => {
    threads.delete(thread)
    void thread.worker.terminate()
  }, IDLE_FOR).unref()
}

function startThread(): void {
  const c = libc()
  if (c === null || threadsFail || threads.size >= MAX_THREADS) {
    return
  }
  const { EINTR } = c.koffi.os.errno
  const state = new Int32Array(new SharedArrayBuffer(8))
  let worker: Worker
  try {
    worker = new Worker(THREAD, {
      eval: true,
      name: 'session-start flock',
      workerData: { koffiPath: c.koffiPath, state },
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
    })
  } catch {
    threadsFail = true
    return
  }
  const thread: Thread = { worker, state, id: undefined, wait: undefined, waking: undefined, idle: undefined }
  if (threads.size === 0) {
    wakeAllAtExit()
  }
  threads.add(thread)
  worker.unref()
  worker.on('message', ({ id, errno }: { id?: number | bigint; errno?: number }) => {
    const { wait } = thread
    clearInterval(thread.waking)
    thread.id ??= id
    thread.wait = undefined
    if (wait !== undefined && errno !== undefined) {
      wait.settle(errno === 0 ? true : errno === EINTR ? false : new SystemError('flock', errno))
    }
    takeNext(thread)
  })
  worker.on('error', () => {
    threadsFail = true
  })
  worker.on('exit', () => {
    threads.delete(thread)
    clearInterval(thread.waking)
    if (thread.wait !== undefined) {
      thread.wait.thread = undefined
      backlog.add(thread.wait)
      polling ??= setInterval(poll, POLL_EVERY)
    }
  })
}

/**
 * Makes flock(2) return in a thread that waits there. That takes a signal, and a handler that does nothing and that no system call
 * is restarted after. libc's abs() is such a handler: it takes an int and touches nothing.
 */
function wake(thread: Thread): void {
  const c = libc()
  if (c !== null && Atomics.load(thread.state, BUSY) === 1 && thread.id !== undefined) {
    Atomics.store(thread.state, GIVE_UP, 1)
    signals ??= signalsOf(c)
    signals.wake(thread.id)
  }
}

let signals: { wake: (id: number | bigint) => void } | undefined

function signalsOf({ lib }: LibC): { wake: (id: number | bigint) => void } {
  const signal = lib.func('uintptr_t signal(int, void *)')
  const siginterrupt = lib.func('int siginterrupt(int, int)')
  const kill = lib.func('int pthread_kill(uintptr_t, int)')
  const doNothing = lib.symbol('abs')
  // SIGURG is ignored unless somebody asks for it; on Linux there are the real-time signals, which nobody uses by chance.
  let number = process.platform === 'linux' ? 50 : 16
  for (; process.platform === 'linux' && number < 60; number++) {
    const before = signal(number, doNothing)
    if (Number(before) === 0) {
      break
    }
    signal(number, before)
  }
  signal(number, doNothing)
  siginterrupt(number, 1)
  return { wake: (id) => void kill(id, number) }
}

/** Node joins its threads when it ends, and would wait for as long as they do. */
function wakeAllAtExit(): void {
  if (!exitWatched) {
    exitWatched = true
    process.on('exit', () => {
      for (const thread of threads) {
        for (let tries = 0; tries < 400 && Atomics.load(thread.state, BUSY) === 1; tries++) {
          wake(thread)
          Atomics.wait(thread.state, BUSY, 1, WAKE_EVERY)
        }
      }
    })
  }
}

let exitWatched = false
