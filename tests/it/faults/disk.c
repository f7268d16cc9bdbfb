/* A disk in a bad mood, for tests: put before the system's own functions by LD_PRELOAD. What a program does to a file whose name
 * holds the text of DISK_FILE goes as the first line of the file DISK_MOOD says: the number of an error fails whatever writes with it,
 * `+` and a number waits for so many milliseconds at each sync, and nothing leaves it alone. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static int is_meant(int fd) {
  const char *part = getenv("DISK_FILE");
  char link[64], name[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, name, sizeof name - 1);
  if (part == NULL || length < 0) return 0;
  name[length] = 0;
  return strstr(name, part) != NULL;
}

/* Whether this fails, and then `errno` says why. */
static int fails(int fd, int syncs) {
  char said[32] = {0};
  const char *file = getenv("DISK_MOOD");
  if (file == NULL || !is_meant(fd)) return 0;
  int from = syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
  if (from < 0) return 0;
  ssize_t length = syscall(SYS_read, from, said, sizeof said - 1);
  syscall(SYS_close, from);
  if (length <= 0) return 0;
  if (said[0] != '+') {
    errno = atoi(said);
    return errno != 0;
  }
  if (syncs) {
    long millis = atol(said + 1);
    struct timespec pause = {millis / 1000, millis % 1000 * 1000000};
    nanosleep(&pause, NULL);
  }
  return 0;
}

ssize_t write(int fd, const void *from, size_t count) {
  return fails(fd, 0) ? -1 : syscall(SYS_write, fd, from, count);
}
ssize_t pwrite(int fd, const void *from, size_t count, off_t at) {
  return fails(fd, 0) ? -1 : syscall(SYS_pwrite64, fd, from, count, at);
}
ssize_t pwrite64(int fd, const void *from, size_t count, off64_t at) {
  return fails(fd, 0) ? -1 : syscall(SYS_pwrite64, fd, from, count, at);
}
int fsync(int fd) {
  return fails(fd, 1) ? -1 : (int)syscall(SYS_fsync, fd);
}
int fdatasync(int fd) {
  return fails(fd, 1) ? -1 : (int)syscall(SYS_fdatasync, fd);
}
int ftruncate(int fd, off_t length) {
  return fails(fd, 0) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}
int ftruncate64(int fd, off64_t length) {
  return fails(fd, 0) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}
