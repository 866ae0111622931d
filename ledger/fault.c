#include "ledger/fault.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/err.h"

#define WORD_BYTES 1024
#define ADVICE                                                                                     \
    " cannot be read as it is: it was cut short or damaged while it was open, or the disk fails. " \
    "Run verify; then repair --index, or restore a backup.  (If verify finds nothing, this is a "  \
    "fault of the program: please report it.)\n"

static const char of_any[] = "countersign: a ledger's data.mdb" ADVICE;
static char of_one[WORD_BYTES]; /* "": none is watched yet */
static _Atomic(const char *) word = of_any;

/* Does nothing that may not be done in the midst of anything. */
static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (info->si_code <= 0) { /* somebody has sent it, and means what it does */
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    const char *text = atomic_load(&word);
    (void)!write(STDERR_FILENO, text, strlen(text));
    _exit(err_exit(ERR_DAMAGED));
}

/* A sanitizer or a fuzzer tells more: what it has taken is left to it. */
static void take_signal(int number)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO}, old;
    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
        sigaction(number, &action, NULL);
}

void fault_watch(const char *dir)
{
    char text[WORD_BYTES];
    int bytes = snprintf(text, sizeof(text), "countersign: %s/data.mdb" ADVICE, dir);
    bool first = of_one[0] == '\0';
    if (first) {
        take_signal(SIGBUS);
        take_signal(SIGSEGV);
    }
    /* Of several ledgers it cannot be told which it was. */
    if (!first && strcmp(of_one, text) != 0) {
        atomic_store(&word, of_any);
    } else if (first && bytes > 0 && (size_t)bytes < sizeof(text)) {
        memcpy(of_one, text, (size_t)bytes + 1);
        atomic_store(&word, of_one);
    }
}
