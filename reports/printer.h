/* printer - the program that makes PDFs: this one, or countersign-pdf beside it, which is the same
 * with cairo and pango, whose loading every command would wait for.
 */
#ifndef REPORTS_PRINTER_H
#define REPORTS_PRINTER_H

#include "ledger/ledger.h"

/**
 * printer_needed(path, pdf): Whether another program than this must make a PDF: of the file at
 * ${path}, if that is one, or, where that is NULL, if ${pdf}.
 * printer_become(argc, argv, ret_why): Become the one that does, with the command ${argv}[0] and
 * its arguments; returns only if that cannot be.  Errors: IO.
 */
bool printer_needed(const char *path, bool pdf);
MUST_CHECK enum err printer_become(int argc, char *argv[], struct err_text *ret_why);

#endif
