/* cmd_checklist - `checklist show|print|lint FILE`, `print LEDGER ID`, `publish LEDGER FILE`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/cmd.h"
#include "replay/errand.h"
#include "replay/filled.h"
#include "replay/listing.h"
#include "replay/publication.h"
#include "replay/source.h"

static int checklist_usage(FILE *out)
{
    fputs(
        "usage: countersign checklist show FILE [--json]    what the checklist compiles to\n"
        "       countersign checklist print FILE            its Markdown, byte for byte\n"
        "       countersign checklist print LEDGER ID       the copy that a deployment filled in\n"
        "       countersign checklist lint FILE             what could not be placed; exit 1 if "
        "anything\n"
        "       countersign checklist publish LEDGER FILE   make it known, so that deployments "
        "can\n"
        "                                                   be opened with it (--help tells more)\n"
        "FILE may be - for standard input.\n",
        out);
    return out == stdout ? 0 : err_exit(ERR_USAGE);
}

static int checklist_failed(enum err err, const struct err_text *why)
{
    fprintf(stderr, "countersign: checklist: %s\n", why->s);
    return err_exit(err);
}

static int checklist_flush(void)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return 0;
    return checklist_failed(ERR_IO, &(struct err_text){"standard output cannot be written"});
}

static int checklist_write_json(const struct checklist *checklist)
{
    json_t *json = checklist_json(checklist);
    struct buf text = {0};
    ijson_pretty(json, &text);
    fwrite(text.data, 1, text.bytes, stdout);
    buf_free(&text);
    json_decref(json);
    return checklist_flush();
}

static int checklist_show(const struct checklist *checklist)
{
    struct buf text = {0};
    listing_add(checklist, &text);
    fwrite(text.data, 1, text.bytes, stdout);
    buf_free(&text);
    return checklist_flush();
}

static int checklist_print(const struct checklist *checklist)
{
    fwrite(checklist->source, 1, checklist->source_bytes, stdout);
    return checklist_flush();
}

static int checklist_lint(const struct checklist *checklist, const char *path)
{
    for (size_t i = 0; i < checklist->warning_count; i++)
        printf("%s:%u: %s\n", path, checklist->warnings[i].line, checklist->warnings[i].text);
    int exit_code = checklist_flush();
    return exit_code != 0 ? exit_code : checklist->warning_count > 0;
}

static int checklist_print_filled(const char *dir, const char *id)
{
    struct err_text why = {""};
    struct errand errand = {0};
    struct deployment *deployment = NULL;
    struct buf text = {0};
    enum err err = errand_open(dir, &errand, &why);
    if (err != ERR_OK)
        return args_unopened("checklist", err, &why);
    err = errand_head(&errand, id, &deployment, &why);
    if (err == ERR_OK)
        filled_add(deployment, &text);
    int exit_code =
        err == ERR_OK ? args_print("checklist", &text, 0) : args_failed("checklist", err, &why);
    buf_free(&text);
    deployment_free(deployment);
    errand_close(&errand);
    return exit_code;
}

int cmd_checklist(int argc, char *argv[])
{
    const char *verb = argc > 1 ? argv[1] : "";
    if (strcmp(verb, "publish") == 0)
        return publication_command(argc - 1, argv + 1);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return checklist_usage(stdout);
    }
    if (strcmp(verb, "print") == 0 && argc == 4 && argv[3][0] != '-')
        return checklist_print_filled(argv[2], argv[3]);
    bool show = strcmp(verb, "show") == 0, print = strcmp(verb, "print") == 0;
    bool json = show && argc == 4 && strcmp(argv[3], "--json") == 0;
    bool json_first = show && argc == 4 && strcmp(argv[2], "--json") == 0;
    if (!(show || print || strcmp(verb, "lint") == 0) || !(argc == 3 || json || json_first))
        return checklist_usage(stderr);
    const char *path = argv[json_first ? 3 : 2];
    struct checklist *checklist = NULL;
    struct err_text why = {""};
    enum err err = source_compile(path, &checklist, &why);
    if (err != ERR_OK)
        return args_unopened("checklist", err, &why);
    int exit_code = json || json_first ? checklist_write_json(checklist)
                    : show             ? checklist_show(checklist)
                    : print            ? checklist_print(checklist)
                                       : checklist_lint(checklist, path);
    checklist_free(checklist);
    return exit_code;
}
