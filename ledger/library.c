#include "ledger/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static enum err load(struct library *library, struct err_text *ret_why)
{
    void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
    bool whole = handle != NULL;
    for (size_t i = 0; whole && i < library->function_count; i++) {
        void *address = dlsym(handle, library->functions[i].name);
        memcpy(library->functions[i].pointer, &address, sizeof(address));
        whole = address != NULL;
    }
    if (!whole)
        return err_say(ret_why, ERR_IO, "%s; install Debian's package %s", dlerror(),
                       library->package);
    library->loaded = true;
    return ERR_OK;
}

enum err library_load(struct library *library, struct err_text *ret_why)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    enum err err = ERR_OK;
    ASSERT(pthread_mutex_lock(&lock) == 0);
    if (!library->loaded)
        err = load(library, ret_why);
    ASSERT(pthread_mutex_unlock(&lock) == 0);
    return err;
}
