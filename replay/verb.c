#include "replay/verb.h"

#include <string.h>

#include "replay/course_act.h"
#include "replay/node_act.h"

static const struct verb verbs[] = {
    {"check", "LEDGER ID NODE [pass|fail|na]",
     "Ticks an item (pass), or says that it failed or is not applicable.\n\n"
     "  --note TEXT       a note; what is not applicable needs one\n",
     3, 4, VERB_BIT(NOTE), node_act_check},
    {"waive", "LEDGER ID NODE --reason TEXT",
     "Waives an item, status, field or choice: it counts as met.\n\n"
     "  --reason TEXT     why\n",
     3, 3, VERB_BIT(REASON), node_act_waive},
    {"reopen", "LEDGER ID NODE",
     "Takes an item's result back.\n\n"
     "  --reason TEXT     why\n",
     3, 3, VERB_BIT(REASON), node_act_reopen},
    {"record", "LEDGER ID NODE VALUE",
     "Fills in a field or a choice.  A value like -5 goes behind `--`.\n\n"
     "  --unit UNIT       the value's unit, if the checklist names one\n"
     "  --reason TEXT     why it is recorded anew\n",
     4, 4, VERB_BIT(UNIT) | VERB_BIT(REASON), node_act_record},
    {"status", "LEDGER ID NODE VALUE", "Declares a status: VALUE is one of its options.\n\n", 4, 4,
     0, node_act_status},
    {"sample", "LEDGER ID METRIC VALUE",
     "Records one measured value of a metric.  A value like -5 goes behind `--`.\n\n"
     "  --unit UNIT       its unit\n"
     "  --node NODE       the item whose threshold it measures\n"
     "  --source TEXT     where it comes from\n"
     "  --query TEXT      how it was asked for\n"
     "  --window SECONDS  over how long it was measured\n",
     4, 4, VERB_BIT(UNIT) | VERB_BIT(NODE) | VERB_BIT(SOURCE) | VERB_BIT(QUERY) | VERB_BIT(WINDOW),
     node_act_sample},
    {"attest", "LEDGER ID NODE FILE",
     "Attaches a file as evidence: its SHA-256, and without --uri its bytes (up to 525 KiB).\n\n"
     "A DSSE envelope is kept as it came, and its signatures are held against the enrolled keys:\n"
     "the receipt, replay, timeline and report tell whose key signed it, or that none did.  What\n"
     "an in-toto statement is about is compared with the deployment's artifacts.\n\n"
     "  --media TYPE      its media type (of an envelope or a statement it is seen from the file)\n"
     "  --uri URI         where it is kept; then only the digest is recorded\n",
     4, 4, VERB_BIT(MEDIA) | VERB_BIT(URI), node_act_attest},
    {"note", "LEDGER ID TEXT",
     "Adds a note.\n\n"
     "  --node NODE       about this node\n"
     "  --about FROM:TO   about these positions of the deployment's stream\n",
     3, 3, VERB_BIT(NODE) | VERB_BIT(ABOUT), course_act_note},
    {"issue", "LEDGER ID open|change|resolve ISSUE",
     "Opens, changes or resolves an issue.\n\n"
     "  --title TEXT      of an issue that is opened\n"
     "  --severity 1..4   of an issue that is opened; 1 is the worst and stops the gates\n"
     "  --started TIME    when it began\n"
     "  --text TEXT       what is known\n",
     4, 4, VERB_BIT(TITLE) | VERB_BIT(SEVERITY) | VERB_BIT(STARTED) | VERB_BIT(TEXT),
     course_act_issue},
    {"clock", "LEDGER ID TIME", "Confirms T+0, once: all T+n follow from it.\n\n", 3, 3, 0,
     course_act_clock},
    {"reschedule", "LEDGER ID --reason TEXT [--t0 TIME] [--window FROM/TO]",
     "Moves the planned T+0 or window, before the clock is started.\n\n"
     "  --t0 TIME         the new T+0\n"
     "  --window FROM/TO  the new window, two times\n"
     "  --reason TEXT     why\n",
     2, 2, VERB_BIT(T0) | VERB_BIT(WINDOW) | VERB_BIT(REASON), course_act_reschedule},
    {"assign", "LEDGER ID ROLE PRINCIPAL",
     "Assigns a role of this deployment, or with --remove takes it away.\n\n"
     "  --until TIME      until when\n"
     "  --reason TEXT     why\n"
     "  --remove          take it away\n",
     4, 4, VERB_BIT(UNTIL) | VERB_BIT(REASON) | VERB_BIT(REMOVE), course_act_assign},
    {"emergency", "LEDGER ID --reason TEXT",
     "Declares an emergency: gates may open without their approvals, which must follow.\n\n"
     "  --reason TEXT     why\n",
     2, 2, VERB_BIT(REASON), course_act_emergency},
    {"rollback", "LEDGER ID start --reason TEXT | finish STATUS",
     "Starts the rollback, or declares how it ended.\n\n"
     "  --reason TEXT     why it is started\n",
     3, 4, VERB_BIT(REASON), course_act_rollback},
    {"close", "LEDGER ID successful|rolled-back|failed|abandoned", "Closes the deployment.\n\n", 3,
     3, 0, course_act_close},
};

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    }
    return NULL;
}

const char *verb_option_name(enum verb_option option)
{
    static const char *const names[] = {
#define X(name, text) text,
        VERB_OPTION_TABLE(X)
#undef X
    };
    return names[option - VERB_OPTION_BASE - 1];
}
