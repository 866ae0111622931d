#include "ledger/interrupt.h"

#include <signal.h>
#include <stddef.h>

#include "ledger/check.h"

static volatile sig_atomic_t came;

static void note(int number)
{
    (void)number;
    came = 1;
}

void interrupt_catch(void)
{
    const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND}, before;
    sigemptyset(&action.sa_mask);
    came = 0;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        ASSERT(sigaction(numbers[i], NULL, &before) == 0);
        if (numbers[i] != SIGHUP || before.sa_handler != SIG_IGN)
            ASSERT(sigaction(numbers[i], &action, NULL) == 0);
    }
}

bool interrupt_came(void *ctx)
{
    (void)ctx;
    return came != 0;
}
