import { Worker } from 'node:worker_threads'
import { interruptThread, THREAD_ID } from './interrupt.ts'
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
/** How often a thread that shall give up is interrupted until it answers. */
const INTERRUPT_EVERY = 5
/** setTimeout takes no more; a longer wait is without end. */
const LONGEST_TIMER = 0x7fffffff

interface Wait {
  readonly fd: number
  readonly since: number
  /** With whether the lock was taken, or with the error that says why not. */
  readonly settle: (result: unknown) => void
  thread: Thread | undefined
}

interface Thread {
  readonly worker: Worker
  /** Shared with the thread, see {@link BUSY} and {@link GIVE_UP}. */
  readonly state: Int32Array
  /** Its {@link THREAD_ID}, once it runs. */
  id: number | bigint | undefined
  wait: Wait | undefined
  interrupting: NodeJS.Timeout | undefined
  idle: NodeJS.Timeout | undefined
}

/** state[BUSY] is 1 from the moment the thread is given a descriptor until it has left flock(2). */
const BUSY = 0
/** state[GIVE_UP] is 1 when it shall leave without the lock. */
const GIVE_UP = 1

/** What a thread runs: a text, since a file would have to be found from the built package and from its sources alike. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
const koffi = require(workerData.koffiPath)
const lib = koffi.load(null)
const flock = lib.func('int flock(int, int)')
const { EINTR } = koffi.os.errno
const { state } = workerData
parentPort.on('message', (fd) => {
  let errno = EINTR
  while (errno === EINTR && Atomics.load(state, ${GIVE_UP}) === 0) {
    errno = flock(fd, 2) === 0 ? 0 : koffi.errno()
  }
  Atomics.store(state, ${BUSY}, 0)
  Atomics.notify(state, ${BUSY})
  parentPort.postMessage({ errno })
})
parentPort.postMessage({ id: lib.func('${THREAD_ID}')() })
`

/** What it answers: once its id, then for each descriptor how flock(2) ended, 0 with the lock taken. */
type Answer = { id: number | bigint } | { errno: number }

const threads = new Set<Thread>()
/** The waits without a thread, oldest first. */
const backlog = new Set<Wait>()
let polling: NodeJS.Timeout | undefined
let threadsFail = false

/**
 * Takes the lock on the file that `fd` has open as soon as it is free: true with the lock, false without it after `timeout`
 * milliseconds. Until this settles the descriptor must not be closed; from then on nothing here uses it.
 * @throws SystemError what flock(2) says.
 */
export function waitForLock(fd: number, timeout: number): Promise<boolean> {
  if (timeout <= 0) {
    return Promise.resolve(false)
  }
  return new Promise((resolve, reject) => {
    const timer = timeout > LONGEST_TIMER ? undefined : setTimeout(() => giveUp(wait), timeout)
    const wait: Wait = {
      fd,
      since: Date.now(),
      settle(result) {
        clearTimeout(timer)
        backlog.delete(wait)
        typeof result === 'boolean' ? resolve(result) : reject(result)
      },
      thread: undefined,
    }
    const free = [...threads].find(isFree)
    if (free !== undefined) {
      assign(free, wait)
    } else {
      poll(wait)
      if (threads.size === 0) {
        startThread()
      }
    }
  })
}

function giveUp(wait: Wait): void {
  const { thread } = wait
  if (thread === undefined) {
    wait.settle(false)
  } else {
    interrupt(thread)
    thread.interrupting = setInterval(interrupt, INTERRUPT_EVERY, thread)
  }
}

function interrupt(thread: Thread): void {
  Atomics.store(thread.state, GIVE_UP, 1)
  if (Atomics.load(thread.state, BUSY) === 1) {
    interruptThread(thread.id!)
  }
}

// The waits without a thread

function poll(wait: Wait): void {
  backlog.add(wait)
  polling ??= setInterval(tryAll, POLL_EVERY)
}

function tryAll(): void {
  const { tryLock } = systemCalls()
  for (const wait of backlog) {
    try {
      if (tryLock!(wait.fd)) {
        wait.settle(true)
      }
    } catch (error) {
      wait.settle(error)
    }
  }
  const [oldest] = backlog
  if (oldest === undefined) {
    clearInterval(polling)
    polling = undefined
  } else if (Date.now() - oldest.since >= GROW_AFTER && ![...threads].some(isStarting)) {
    startThread()
  }
}

// The threads

function isFree(thread: Thread): boolean {
  return thread.id !== undefined && thread.wait === undefined
}

function isStarting(thread: Thread): boolean {
  return thread.id === undefined
}

function startThread(): void {
  const c = libc()
  if (c instanceof Error || threadsFail || threads.size >= MAX_THREADS) {
    return
  }
  const state = new Int32Array(new SharedArrayBuffer(8))
  let worker: Worker
  try {
    worker = newWorker(c, state)
  } catch {
    // No threads may be started here: polling has to do.
    threadsFail = true
    return
  }
  const thread: Thread = { worker, state, id: undefined, wait: undefined, interrupting: undefined, idle: undefined }
  threads.add(thread)
  interruptAllAtExit()
  worker.unref()
  worker.on('message', (answer: Answer) => {
    if ('id' in answer) {
      thread.id = answer.id
    } else {
      answered(thread, answer.errno, c)
    }
    takeNext(thread)
  })
  worker.on('error', () => {
    threadsFail = true
  })
  worker.on('exit', () => {
    threads.delete(thread)
    clearInterval(thread.interrupting)
    if (thread.wait !== undefined) {
      thread.wait.thread = undefined
      poll(thread.wait)
    }
  })
}

function newWorker({ koffiPath }: LibC, state: Int32Array): Worker {
  return new Worker(THREAD, {
    eval: true,
    name: 'session-start flock',
    workerData: { koffiPath, state },
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  })
}

function assign(thread: Thread, wait: Wait): void {
  clearTimeout(thread.idle)
  backlog.delete(wait)
  thread.wait = wait
  wait.thread = thread
  Atomics.store(thread.state, GIVE_UP, 0)
  Atomics.store(thread.state, BUSY, 1)
  // A wait keeps the process alive, a thread that rests does not.
  thread.worker.ref()
  thread.worker.postMessage(wait.fd)
}

function answered(thread: Thread, errno: number, { koffi }: LibC): void {
  const { wait } = thread
  clearInterval(thread.interrupting)
  thread.wait = undefined
  if (wait !== undefined) {
    wait.thread = undefined
    wait.settle(errno === 0 ? true : errno === koffi.os.errno['EINTR'] ? false : new SystemError('flock', errno))
  }
}

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

/** Node joins its threads when it ends, and would wait as long as they do. */
function interruptAllAtExit(): void {
  if (!exitWatched) {
    exitWatched = true
    process.on('exit', () => {
      for (const thread of threads) {
        for (let tries = 0; tries < 400 && Atomics.load(thread.state, BUSY) === 1; tries++) {
          interrupt(thread)
          Atomics.wait(thread.state, BUSY, 1, INTERRUPT_EVERY)
        }
      }
    })
  }
}

let exitWatched = false
