#include "ledger/thread.h"

#include <signal.h>

/* A thread's own faults, which are no use to another one: SIGBUS is what a short file ends in. */
static const int faults[] = {SIGBUS, SIGSEGV, SIGILL, SIGFPE};

int thread_start(thread_fn *run, void *ctx, size_t stack_bytes, pthread_t *ret_thread)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    ASSERT(pthread_attr_init(&attributes) == 0);
    if (stack_bytes > 0)
        ASSERT(pthread_attr_setstacksize(&attributes, stack_bytes) == 0);
    ASSERT(sigfillset(&all) == 0);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        ASSERT(sigdelset(&all, faults[i]) == 0);
    ASSERT(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    int failed = pthread_create(ret_thread, &attributes, run, ctx);
    ASSERT(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    ASSERT(pthread_attr_destroy(&attributes) == 0);
    return failed;
}
