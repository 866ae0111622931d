/* disk_kit - a disk that is full, or whose syncs fail, at the test's word. */
#ifndef TESTS_UNIT_DISK_KIT_H
#define TESTS_UNIT_DISK_KIT_H

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the operating system is made to do. */
static bool disk_full, sync_fails;

int fstatvfs(int fd, struct statvfs *info)
{
    (void)fd;
    memset(info, 0, sizeof(*info));
    info->f_frsize = 4096;
    info->f_bavail = disk_full ? 1 : 1UL << 30;
    return 0;
}

/* Called by liblmdb: so it must be seen from outside. */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
    if (sync_fails) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

#endif
