const POLL_MS = 50;
const WAIT_MS = 60_000;

/**
 * Polls until the answer is true; a rejection counts as false. @throws Error that names the wait
 */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const endsAtMs = performance.now() + WAIT_MS;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > endsAtMs) throw new Error(`after ${WAIT_MS} ms still not: ${what}`);
    await Bun.sleep(POLL_MS);
  }
}
