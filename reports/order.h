/* order - what the command `report` is asked for: its command line, taken apart. */
#ifndef REPORTS_ORDER_H
#define REPORTS_ORDER_H

#include "reports/params.h"

struct order {
    struct args args;
    const char *dir;        /* the ledger */
    const char *out;        /* where files go */
    const char *check;      /* a file to be made again and compared; or NULL */
    const char *deployment; /* of a dossier; or NULL: the report of a period */
    struct params params;   /* its size 0: all entries; of --check they stand in the file */
    struct buf platform;    /* owned: the bytes of its file of the platform's */
    unsigned formats;       /* of a report (format.h), or of a dossier (casefile_files.h) */
    bool pdf;               /* a PDF is among what is written */
    bool issues;
};

/**
 * order_take(argc, argv, ret_order, ret_exit): False if the command is over, as args_parse has it.
 * order_platform(order, ret_why): Read the file of the platform's, if one is named.  Errors: IO,
 * TOO_BIG.
 * order_free(order): In any case.
 *
 * order_name(): The command's name, for complaints; static.
 */
MUST_CHECK bool order_take(int argc, char *argv[], struct order *ret_order, int *ret_exit);
MUST_CHECK enum err order_platform(struct order *order, struct err_text *ret_why);
void order_free(struct order *order);
const char *order_name(void);

#endif
