#include "replay/consent.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_BYTES 64

bool consent_possible(void)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

enum consent consent_ask(const char *question)
{
    char answer[ANSWER_BYTES];
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return CONSENT_NOBODY;
    ssize_t bytes = -1;
    if (write(fd, question, strlen(question)) == (ssize_t)strlen(question))
        bytes = read(fd, answer, sizeof(answer) - 1); /* a signal ends it: no */
    close(fd);
    while (bytes > 0 && strchr(" \t\r\n", answer[bytes - 1]) != NULL)
        bytes--;
    answer[bytes > 0 ? bytes : 0] = '\0';
    bool yes = strcasecmp(answer, "yes") == 0 || strcasecmp(answer, "y") == 0;
    return yes ? CONSENT_YES : CONSENT_NO;
}
