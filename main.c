/* main - the composition root: the command table, `help`, `version`, and the wiring of `serve` and
 * `append`. The only place that sees all four folders.
 */
#include <stdio.h>
#include <string.h>

#include "ingest/ingest.h"
#include "ledger/ledger.h"
#include "replay/replay.h"

typedef int command_fn(int argc, char *argv[]);

struct command {
    const char *name;
    command_fn *run;
    const char *help;
};

static int cmd_help(int argc, char *argv[]);
static int cmd_version(int argc, char *argv[]);
static int cmd_serve(int argc, char *argv[]);

static const struct command commands[] = {
    {"serve", cmd_serve, "take events in over HTTP"},
    {"help", cmd_help, "this list"},
    {"checklist", cmd_checklist, "look at a checklist: show, print, lint"},
    {"version", cmd_version, "the program's version"},
};

static int cmd_help(int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    puts("countersign: the audit ledger for production deployments\n\nusage: countersign COMMAND "
         "...\n");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        printf("  %-12s %s\n", commands[i].name, commands[i].help);
    puts("\n`countersign COMMAND --help` tells more.\n"
         "Exit codes: 0 yes or done, 1 no, 2 usage, 3 could not, 4 the ledger is damaged.");
    return 0;
}

static int cmd_version(int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    puts("countersign " COUNTERSIGN_VERSION);
    return 0;
}

static int cmd_serve(int argc, char *argv[])
{
    static const struct ingest_parts parts = {NULL, NULL};
    return serve_run(argc, argv, &parts);
}

int main(int argc, char *argv[])
{
    if (argc < 2) {
        cmd_help(argc, argv);
        return 2;
    }
    const char *name = strcmp(argv[1], "--help") == 0      ? "help"
                       : strcmp(argv[1], "--version") == 0 ? "version"
                                                           : argv[1];
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "countersign: no command '%s'; `countersign help` lists them\n", argv[1]);
    return 2;
}
