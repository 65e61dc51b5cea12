/*
 * A worse disk for one process, loaded before libc (LD_PRELOAD).
 *
 * SLOW_FSYNC_MS: every fsync and fdatasync takes that much longer; SLOW_FSYNC_COUNT names a file that
 * grows by one byte each time. While the file FULL_DISK_FLAG names is there, the disk is full:
 * positioned writes, which SQLite uses, fail with ENOSPC. FAILING_FSYNC_FLAG is the same for fsync, with EIO.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static int is_on(const char *flag) {
  const char *path = getenv(flag);
  return path != NULL && access(path, F_OK) == 0;
}

static void count_one(void) {
  const char *path = getenv("SLOW_FSYNC_COUNT");
  int file = path == NULL ? -1 : open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (file < 0) return;
  if (write(file, ".", 1) < 0) abort();
  close(file);
}

static int slow_sync(const char *name, int file) {
  const char *ms = getenv("SLOW_FSYNC_MS");
  long delay_ms = ms == NULL ? 0 : atol(ms);
  struct timespec delay = {delay_ms / 1000, delay_ms % 1000 * 1000000};
  while (nanosleep(&delay, &delay) != 0 && errno == EINTR) continue;
  count_one();
  if (is_on("FAILING_FSYNC_FLAG")) {
    errno = EIO;
    return -1;
  }
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  return real(file);
}

int fsync(int file) { return slow_sync("fsync", file); }

int fdatasync(int file) { return slow_sync("fdatasync", file); }

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  if (is_on("FULL_DISK_FLAG")) {
    errno = ENOSPC;
    return -1;
  }
  ssize_t (*real)(int, const void *, size_t, off64_t) =
      (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
  return real(file, bytes, count, offset);
}
