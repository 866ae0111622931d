#include "reports/demo_act.h"

#include <stdlib.h>

void demo_act_free(struct demo_act *act)
{
    free(act->data);
    free(act->stream);
    *act = (struct demo_act){.data = NULL};
}
