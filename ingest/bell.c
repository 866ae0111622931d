#include "ingest/bell.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum err bell_new(int *ret_fd, struct err_text *ret_why)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return err_say(ret_why, ERR_IO, "no file descriptors: %s", strerror(errno));
    *ret_fd = fd;
    return ERR_OK;
}

void bell_ring(int fd)
{
    const uint64_t one = 1;
    ASSERT(write(fd, &one, sizeof(one)) == sizeof(one));
}

void bell_hush(int fd)
{
    uint64_t times = 0;
    ssize_t bytes = read(fd, &times, sizeof(times));
    ASSERT(bytes == sizeof(times) || (bytes < 0 && errno == EAGAIN));
}
