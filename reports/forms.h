/* forms - the sheets of a period's report: their names, titles, columns and what each means, in one
 * place for JSON, CSV, the schema and the pages.  Static.
 */
#ifndef REPORTS_FORMS_H
#define REPORTS_FORMS_H

#include "reports/sheet.h"

/* In the order of the report.  `Order` says how the rows of each stand. */
enum form {
    FORM_COVERAGE,       /* what was checked of the ledger, and what was not */
    FORM_CLOCK_STEPS,    /* largest first */
    FORM_LEDGER_KEYS,    /* in order of their first entry */
    FORM_POPULATION,     /* in order of first_seq */
    FORM_KINDS,          /* of exceptions, gravest first */
    FORM_EXCEPTIONS,     /* gravest first, then by seq */
    FORM_RECONCILIATION, /* no-deployment, no-event, then matched; each by time */
    FORM_DECISIONS,      /* by seq, as all that follow but where they say otherwise */
    FORM_THRESHOLDS,     /* most often outside first */
    FORM_METRICS,        /* outside first, then by seq */
    FORM_ROLLBACKS,
    FORM_CHANGES,
    FORM_DELIVERY,
    FORM_TREND,    /* by month */
    FORM_LATENESS, /* as the phases come up */
    FORM_WAITING,
    FORM_RESTORES, /* by when they began */
    FORM_CONTROLS,
    FORM_SAMPLE, /* in the order of the draw */
    FORM_SIGNED, /* by deployment as in the sample, then by seq */
    FORM_EVIDENCE,
    FORM_RETENTION, /* the population in its order, `inbox`, `ledger` */
    FORM_HOLDS,
    FORM_TRACES, /* the entries of the exceptions on pages, by seq */
    FORM_COUNT
};

/* Every X(id, name, title, cell, brief, means) is a column. */

/* Of a row that stands for an entry; the first PLACE_SHORT of them where there are many. */
#define PLACE_COLUMNS_SHORT(X)                                                                     \
    X(PLACE_SEQ, "seq", "seq", CELL_EVENT, true, "Position in the ledger")                         \
    X(PLACE_TIME, "time", "time", CELL_TIME, true, "The entry's time_us")                          \
    X(PLACE_DEPLOYMENT, "deployment", "deployment", CELL_DEPLOYMENT, true,                         \
      "The stream: a deployment's id, `ledger` or `inbox`")                                        \
    X(PLACE_PRINCIPAL, "principal", "who", CELL_TEXT, true, "Whom the ledger knew it to be from")

#define PLACE_COLUMNS(X)                                                                           \
    PLACE_COLUMNS_SHORT(X)                                                                         \
    X(PLACE_POS, "pos", "position", CELL_COUNT, false,                                             \
      "Position in the stream; none where the entry is not in it")                                 \
    X(PLACE_LEAF, "leaf", "leaf", CELL_CODE, false, "The entry's leaf hash")

/* How an entry was judged; the last columns of its row. */
#define VERDICT_COLUMNS(X, P)                                                                      \
    X(P##_VERDICT, "verdict", "verdict", CELL_CODE, true, "accepted or refused")                   \
    X(P##_RULE, "rule", "rule", CELL_CODE, false, "The rule that refused it")                      \
    X(P##_FLAGS, "flags", "flags", CELL_CODE, true, "Flags of what was accepted, between blanks")  \
    X(P##_REASON, "verdict_reason", "finding", CELL_TEXT, false, "What was found, for a person")

#define COVERAGE_COLUMNS(X)                                                                        \
    X(COVERAGE_WHAT, "what", "what", CELL_TEXT, true, "A part of the ledger")                      \
    X(COVERAGE_CHECKED, "checked", "checked", CELL_YES, true,                                      \
      "Whether it was checked before or while the report was made")                                \
    X(COVERAGE_HOW, "how", "how", CELL_TEXT, true, "How, or how it can be")

#define CLOCK_COLUMNS(X)                                                                           \
    X(CLOCK_SEQ, "seq", "seq", CELL_EVENT, true, "The entry")                                      \
    X(CLOCK_TIME, "time", "time", CELL_TIME, true, "Its time_us")                                  \
    X(CLOCK_ADMITTED, "admitted", "clock of admission", CELL_TIME, true,                           \
      "What admission's clock said, which was behind the entry before")                            \
    X(CLOCK_STEP, "step_s", "step (s)", CELL_NUMBER, true, "time less admitted, in seconds")

#define KEY_COLUMNS(X)                                                                             \
    X(KEY_VKEY, "vkey", "vkey", CELL_CODE, true, "The key that signs checkpoints, as a vkey")      \
    X(KEY_FROM, "from_seq", "from", CELL_EVENT, true, "The entry that named it")                   \
    X(KEY_UNTIL, "until_seq", "until", CELL_EVENT, true,                                           \
      "The entry that named the next one; none: it is the one on the cover")

#define POPULATION_COLUMNS(X)                                                                      \
    X(POP_DEPLOYMENT, "deployment", "deployment", CELL_DEPLOYMENT, true, "Its id")                 \
    X(POP_TITLE, "title", "title", CELL_TEXT, false, "As its opening says")                        \
    X(POP_RELEASE, "release", "release", CELL_TEXT, true, "As its opening says")                   \
    X(POP_ENVIRONMENT, "environment", "environment", CELL_TEXT, false, "As its opening says")      \
    X(POP_LEAD, "lead", "lead", CELL_TEXT, true, "Who leads it")                                   \
    X(POP_REASON, "reason", "reason", CELL_TEXT, false, "As its opening says")                     \
    X(POP_IMPACT, "impact", "impact", CELL_TEXT, false, "As its opening says")                     \
    X(POP_STATE, "state", "state", CELL_CODE, true,                                                \
      "The outcome; or unclosed, the phase it is in, never opened")                                \
    X(POP_OUTCOME, "outcome", "outcome", CELL_CODE, false,                                         \
      "As it was closed: successful, rolled-back, failed, abandoned")                              \
    X(POP_OPENED, "opened", "opened", CELL_TIME, true, "time_us of the accepted opening")          \
    X(POP_OPENED_SEQ, "opened_seq", "opening", CELL_EVENT, false, "That entry")                    \
    X(POP_T0, "t0", "T0", CELL_TIME, false, "T0 in force")                                         \
    X(POP_CLOCK, "clock_started", "T+0", CELL_TIME, false, "When T+0 was confirmed")               \
    X(POP_CLOSED, "closed", "closed", CELL_TIME, true, "time_us of the accepted closing")          \
    X(POP_COUNTED, "counted", "counted", CELL_YES, false, "Opened in the period")                  \
    X(POP_IN, "carried_in", "carried in", CELL_YES, true, "Opened before the period")              \
    X(POP_OUT, "carried_out", "carried out", CELL_YES, true,                                       \
      "Opened, and not closed before the period ended")                                            \
    X(POP_EMERGENCY, "emergency", "emergency", CELL_YES, false, "Declared, or opened as one")      \
    X(POP_CHECKLIST, "checklist", "checklist", CELL_CODE, false, "SHA-256 of its Markdown")        \
    X(POP_CHANGES, "changes", "changes", CELL_COUNT, false, "Changes that the opening names")      \
    X(POP_CHANGED, "change_time", "first change", CELL_TIME, false,                                \
      "The earliest time of these changes, where one is given")                                    \
    X(POP_REPAIRS, "repairs", "repairs", CELL_TEXT, false,                                         \
      "Deployments that it repairs, between blanks")                                               \
    X(POP_BACK, "rollback_started", "rollback", CELL_TIME, false, "When rollback was opened")      \
    X(POP_BACK_END, "rollback_finished", "rollback finished", CELL_TIME, false, "When it ended")   \
    X(POP_ENTRIES, "entries", "entries", CELL_COUNT, true, "Of its stream, below the size")        \
    X(POP_ACCEPTED, "accepted", "accepted", CELL_COUNT, false, "Of these")                         \
    X(POP_REFUSED, "refused", "refused", CELL_COUNT, true, "Of these")                             \
    X(POP_FLAGGED, "flagged", "flagged", CELL_COUNT, true, "Of those accepted")                    \
    X(POP_DEPLOYS, "deploy_events", "deploy events", CELL_COUNT, false,                            \
      "CDEvents service.deployed, upgraded, rolledback in its stream")                             \
    X(POP_FIRST_SEQ, "first_seq", "first seq", CELL_EVENT, true, "Its first entry")                \
    X(POP_FIRST_POS, "first_pos", "first position", CELL_COUNT, false, "0 always")                 \
    X(POP_FIRST_LEAF, "first_leaf", "first leaf", CELL_CODE, true, "Its leaf hash")                \
    X(POP_LAST_SEQ, "last_seq", "last seq", CELL_EVENT, true, "Its last entry below the size")     \
    X(POP_LAST_POS, "last_pos", "last position", CELL_COUNT, false, "entries - 1 always")          \
    X(POP_LAST_LEAF, "last_leaf", "last leaf", CELL_CODE, true, "Its leaf hash")                   \
    X(POP_LAST_TIME, "last_time", "last event", CELL_TIME, false, "Its time_us")

#define RECONCILIATION_COLUMNS(X)                                                                  \
    X(REC_RESULT, "result", "result", CELL_CODE, true,                                             \
      "matched, no-deployment (of a deploy event), no-event (of a deployment)")                    \
    X(REC_SEQ, "seq", "seq", CELL_EVENT, true, "The deploy event, or the deployment's opening")    \
    X(REC_LINE, "line", "line", CELL_COUNT, false, "Of the file of --platform, from 1")            \
    X(REC_TIME, "time", "time", CELL_TIME, true, "Of the deploy event, or of the opening")         \
    X(REC_DEPLOYMENT, "deployment", "deployment", CELL_DEPLOYMENT, true, "The deployment")         \
    X(REC_BY, "by", "matched by", CELL_CODE, true, "stream, id, release or artifact")              \
    X(REC_TYPE, "type", "deploy event", CELL_CODE, true, "Its type")                               \
    X(REC_SERVICE, "service", "service", CELL_TEXT, true, "What was deployed")                     \
    X(REC_ARTIFACT, "artifact", "artifact", CELL_TEXT, false, "The artifact deployed")             \
    X(REC_ENVIRONMENT, "environment", "environment", CELL_TEXT, false, "Where to")

#define KIND_COLUMNS(X)                                                                            \
    X(KIND_KIND, "kind", "what", CELL_CODE, true,                                                  \
      "refusal:<rule>, flag:<flag>, or a word of its own")                                         \
    X(KIND_ROWS, "count", "count", CELL_COUNT, true, "Exceptions of this kind")                    \
    X(KIND_DEPLOYMENTS, "deployments", "deployments", CELL_COUNT, true, "In so many deployments")  \
    X(KIND_GRAVITY, "gravity", "gravity", CELL_COUNT, true, "1 is the gravest")                    \
    X(KIND_MEANS, "means", "means", CELL_TEXT, true, "What it says")

#define EXCEPTION_COLUMNS(X)                                                                       \
    X(EXC_KIND, "kind", "what", CELL_CODE, true,                                                   \
      "refusal:<rule>, flag:<flag>, or a word of its own")                                         \
    X(EXC_GRAVITY, "gravity", "gravity", CELL_COUNT, true, "1 is the gravest")                     \
    X(EXC_NODE, "node", "node", CELL_CODE, true, "Of the checklist; a criterion's id")             \
    X(EXC_TEXT, "text", "finding", CELL_TEXT, true, "What was found, for a person")

#define DECISION_COLUMNS(X)                                                                        \
    X(DEC_ACT, "act", "act", CELL_CODE, true,                                                      \
      "approval.given, approval.rejected, approval.withdrawn, decision.made")                      \
    X(DEC_NODE, "node", "node", CELL_CODE, false, "Of the checklist")                              \
    X(DEC_LABEL, "label", "of", CELL_TEXT, true, "The node's label")                               \
    X(DEC_VALUE, "value", "value", CELL_TEXT, true, "Of a decision")                               \
    X(DEC_ROLE, "role", "role", CELL_TEXT, true, "In which it was done")                           \
    X(DEC_KEY, "key", "key", CELL_CODE, true, "Fingerprint of the key that signed")                \
    X(DEC_TOUCH, "touch", "touch", CELL_TEXT, true, "What a security key attests")                 \
    X(DEC_DUE, "due", "due", CELL_TIME, true, "The end of the node's window, by T0 then")          \
    X(DEC_LATE, "late_min", "late by (min)", CELL_NUMBER, true, "Minutes behind due; else none")   \
    X(DEC_BASIS, "basis_pos", "basis", CELL_COUNT, false, "The position that the signer saw")      \
    X(DEC_COMMENT, "comment", "comment", CELL_TEXT, false, "The signer's, or the reason")          \
    VERDICT_COLUMNS(X, DEC)

#define THRESHOLD_COLUMNS(X)                                                                       \
    X(THR_ITEM, "item", "item", CELL_TEXT, true, "The item's label")                               \
    X(THR_OP, "op", "must be", CELL_CODE, true, "How a value is compared")                         \
    X(THR_BOUND, "bound", "bound", CELL_NUMBER, true, "With what")                                 \
    X(THR_UNIT, "unit", "unit", CELL_TEXT, true, "Of bound and values")                            \
    X(THR_DEPLOYMENTS, "deployments", "deployments", CELL_COUNT, true, "That measured it")         \
    X(THR_MEASURED, "measured", "measured", CELL_COUNT, true, "Values that judged it")             \
    X(THR_WITHIN, "within", "within", CELL_COUNT, true, "Of these")                                \
    X(THR_OUTSIDE, "outside", "outside", CELL_COUNT, true, "Of these")                             \
    X(THR_LEAST, "least", "least", CELL_NUMBER, true, "The least value")                           \
    X(THR_MEDIAN, "median", "median", CELL_NUMBER, true,                                           \
      "The middle one; of an even number the lower of the two")                                    \
    X(THR_MOST, "most", "most", CELL_NUMBER, true, "The greatest value")

#define METRIC_COLUMNS(X)                                                                          \
    X(MET_ACT, "act", "act", CELL_CODE, false, "metric.sampled or field.recorded")                 \
    X(MET_NODE, "node", "node", CELL_CODE, false, "That the event names")                          \
    X(MET_VALUE, "value", "value", CELL_NUMBER, true, "As its producer wrote it")                  \
    X(MET_UNIT, "unit", "unit", CELL_TEXT, true, "Of the value")                                   \
    X(MET_ITEM, "item", "item", CELL_CODE, false, "The node whose threshold it judged")            \
    X(MET_LABEL, "item_label", "of", CELL_TEXT, true, "Its label")                                 \
    X(MET_OP, "op", "must be", CELL_CODE, true, "How it was compared")                             \
    X(MET_BOUND, "bound", "bound", CELL_NUMBER, true, "With what")                                 \
    X(MET_BOUND_UNIT, "bound_unit", "unit of the bound", CELL_TEXT, false, "Of the bound")         \
    X(MET_HOLDS, "holds", "within", CELL_YES, true, "Whether the value is within the threshold")   \
    X(MET_FLAGS, "flags", "flags", CELL_CODE, false, "Flags of the event, between blanks")

#define ROLLBACK_COLUMNS(X)                                                                        \
    X(BACK_ACT, "act", "act", CELL_CODE, true,                                                     \
      "rollback.started, rollback.finished, or the decision for one")                              \
    X(BACK_CAUSE, "cause", "cause", CELL_TEXT, true, "The reason or comment")                      \
    X(BACK_STATUS, "status", "status", CELL_TEXT, true, "As it ended; a decision's value")         \
    VERDICT_COLUMNS(X, BACK)

#define CHANGE_COLUMNS(X)                                                                          \
    X(CHA_ACT, "act", "act", CELL_CODE, true, "The event's subject and verb, or its type")         \
    X(CHA_SUBJECT, "subject", "of", CELL_TEXT, true,                                               \
      "The principal, deployment or checklist that it is about")                                   \
    X(CHA_ROLE, "role", "role", CELL_TEXT, true, "Granted or revoked")                             \
    X(CHA_KEY, "key", "key", CELL_CODE, true,                                                      \
      "Fingerprint of the key enrolled or revoked; the vkey")                                      \
    X(CHA_SHA256, "sha256", "SHA-256", CELL_CODE, false, "Of a checklist or a token")              \
    X(CHA_DETAIL, "detail", "detail", CELL_TEXT, true, "The other members of its data")            \
    VERDICT_COLUMNS(X, CHA)

#define DELIVERY_COLUMNS(X)                                                                        \
    X(DEL_FIGURE, "figure", "figure", CELL_CODE, false, "Its name")                                \
    X(DEL_TITLE, "title", "figure", CELL_TEXT, true, "For people")                                 \
    X(DEL_VALUE, "value", "value", CELL_NUMBER, true, "None: of nothing could it be computed")     \
    X(DEL_UNIT, "unit", "unit", CELL_TEXT, true, "Of the value")                                   \
    X(DEL_COMPUTABLE, "computable", "computable", CELL_COUNT, true, "It is computed of so many")   \
    X(DEL_OF, "of", "of", CELL_COUNT, true, "Of so many that it is about")                         \
    X(DEL_FORMULA, "formula", "formula", CELL_TEXT, true, "How")

#define TREND_COLUMNS(X)                                                                           \
    X(TRE_MONTH, "month", "month", CELL_CODE, true, "Of the opening, UTC")                         \
    X(TRE_OPENED, "opened", "opened", CELL_COUNT, true, "Deployments opened in it")                \
    X(TRE_SUCCESSFUL, "successful", "successful", CELL_COUNT, true, "Of these, by outcome")        \
    X(TRE_BACK, "rolled_back", "rolled back", CELL_COUNT, true, "Of these")                        \
    X(TRE_FAILED, "failed", "failed", CELL_COUNT, true, "Of these")                                \
    X(TRE_ABANDONED, "abandoned", "abandoned", CELL_COUNT, true, "Of these")                       \
    X(TRE_OPEN, "not_closed", "not closed", CELL_COUNT, true, "Of these")                          \
    X(TRE_EMERGENCIES, "emergencies", "emergencies", CELL_COUNT, true, "Of these")                 \
    X(TRE_LEAD, "lead_time_h", "lead time (h)", CELL_NUMBER, true, "As in delivery")               \
    X(TRE_FAILURE, "change_failure_pct", "change failure (%)", CELL_NUMBER, true,                  \
      "As in delivery")                                                                            \
    X(TRE_RESTORE, "restore_h", "restore (h)", CELL_NUMBER, true, "As in delivery")                \
    X(TRE_WAITING, "waiting_min", "gate waiting (min)", CELL_NUMBER, true, "As in delivery")       \
    X(TRE_ACTS, "timed_acts", "timed acts", CELL_COUNT, false,                                     \
      "Accepted acts on nodes with a window, in the month")                                        \
    X(TRE_LATE, "late_acts", "late acts", CELL_COUNT, true, "Of these")

#define LATENESS_COLUMNS(X)                                                                        \
    X(LAT_PHASE, "phase", "phase", CELL_TEXT, true, "The checklist's section (##)")                \
    X(LAT_DEPLOYMENTS, "deployments", "deployments", CELL_COUNT, true,                             \
      "That had timed acts in it")                                                                 \
    X(LAT_ACTS, "acts", "timed acts", CELL_COUNT, true, "Accepted, on nodes with a window")        \
    X(LAT_LATE, "late", "late", CELL_COUNT, true, "Of these")                                      \
    X(LAT_SHARE, "late_pct", "late (%)", CELL_NUMBER, true, "late / acts")                         \
    X(LAT_MEDIAN, "median_late_min", "median late by (min)", CELL_NUMBER, true, "Of those late")   \
    X(LAT_MOST, "most_late_min", "most late by (min)", CELL_NUMBER, true, "Of those late")

#define WAITING_COLUMNS(X)                                                                         \
    X(WAI_GATE, "gate", "node", CELL_CODE, false, "The gate's node")                               \
    X(WAI_LABEL, "label", "gate", CELL_TEXT, true, "Its label")                                    \
    X(WAI_READY, "ready", "ready", CELL_TIME, true,                                                \
      "When the last of what it needs was done, approvals among it")                               \
    X(WAI_WAITED, "waited_min", "waited (min)", CELL_NUMBER, true, "From then to the decision")

#define RESTORE_COLUMNS(X)                                                                         \
    X(RES_KIND, "kind", "what", CELL_CODE, true,                                                   \
      "rollback, issue (of severity 1), failed (a deployment closed as failed)")                   \
    X(RES_DEPLOYMENT, "deployment", "deployment", CELL_DEPLOYMENT, true, "That failed")            \
    X(RES_ISSUE, "issue", "issue", CELL_TEXT, true, "Of an issue its id")                          \
    X(RES_BEGAN, "began", "began", CELL_TIME, true,                                                \
      "Rollback started; the issue started, else opened; the failed one closed")                   \
    X(RES_RESTORED, "restored", "restored", CELL_TIME, true,                                       \
      "Rollback finished; issue resolved; the first successful one that repairs it closed")        \
    X(RES_BY, "restored_by", "by", CELL_DEPLOYMENT, true, "The deployment that repairs it")        \
    X(RES_HOURS, "hours", "hours", CELL_NUMBER, true, "From one to the other")

#define CONTROL_COLUMNS(X)                                                                         \
    X(CON_CONTROL, "control", "control", CELL_TEXT, true, "A control of a standard")               \
    X(CON_ASKS, "asks", "asks", CELL_TEXT, true, "What it asks for")                               \
    X(CON_ANSWERED, "answered_by", "answered by", CELL_TEXT, true, "Where the report answers it")

#define SAMPLE_COLUMNS(X)                                                                          \
    X(SAM_RANK, "rank", "drawn", CELL_COUNT, true, "From 1")                                       \
    X(SAM_DEPLOYMENT, "deployment", "deployment", CELL_DEPLOYMENT, true, "The deployment drawn")   \
    X(SAM_STATE, "state", "state", CELL_CODE, true, "As in the population")                        \
    X(SAM_FIRST, "first_seq", "first seq", CELL_EVENT, true, "As in the population")               \
    X(SAM_LAST, "last_seq", "last seq", CELL_EVENT, true, "As in the population")                  \
    X(SAM_SIGNED, "signed", "signed events", CELL_COUNT, true, "That are shown of it")             \
    X(SAM_DIGEST, "digest", "SHA-256 of the draw", CELL_CODE, true,                                \
      "SHA-256(seed | 0x00 | deployment)")

#define SIGNED_COLUMNS(X)                                                                          \
    X(SIG_ACT, "act", "act", CELL_CODE, true, "The event's subject and verb")                      \
    X(SIG_NODE, "node", "node", CELL_CODE, true, "Of the checklist")                               \
    X(SIG_KEY, "key", "key", CELL_CODE, true, "Fingerprint of the key that signed")                \
    X(SIG_EVENT, "event", "event", CELL_TEXT, false,                                               \
      "The bytes that were signed; of an exception only where they are few")

#define EVIDENCE_COLUMNS(X)                                                                        \
    X(EVI_NODE, "node", "node", CELL_CODE, true, "Of the checklist")                               \
    X(EVI_MEDIA, "media", "media", CELL_TEXT, true, "Media type, as the sender says")              \
    X(EVI_SHA256, "sha256", "SHA-256", CELL_CODE, true, "Of its bytes, as the sender says")        \
    X(EVI_URI, "uri", "where", CELL_TEXT, true, "Where else it is")                                \
    X(EVI_KEPT, "kept", "kept", CELL_CODE, true,                                                   \
      "held (in the ledger), held-elsewhere (a uri), only-named")                                  \
    X(EVI_FOUND, "found", "finding", CELL_TEXT, true, "What its bytes were found to be")           \
    VERDICT_COLUMNS(X, EVI)

#define RETENTION_COLUMNS(X)                                                                       \
    X(RET_DEPLOYMENT, "deployment", "deployment", CELL_DEPLOYMENT, true,                           \
      "The deployment, or the stream `inbox` or `ledger`")                                         \
    X(RET_STATE, "state", "state", CELL_CODE, true,                                                \
      "kept, held (by a hold), due (its time has come)")                                           \
    X(RET_CLASS, "class", "class", CELL_TEXT, true,                                                \
      "Of the policy that says how long, or default; none of `ledger`")                            \
    X(RET_DAYS, "days", "days", CELL_COUNT, true, "So many from its last event")                   \
    X(RET_LAST, "last_event", "last event", CELL_TIME, true, "time_us of its last entry")          \
    X(RET_UNTIL, "keep_until", "kept at least until", CELL_TIME, true,                             \
      "last_event and the days; of `ledger` the latest of all streams")                            \
    X(RET_HOLD, "hold_seq", "hold", CELL_EVENT, true, "The oldest hold on it that stands")

#define HOLD_COLUMNS(X)                                                                            \
    X(HOL_HELD, "held", "holds", CELL_DEPLOYMENT, true, "The deployment that it holds")            \
    X(HOL_REASON, "reason", "reason", CELL_TEXT, true, "Why")                                      \
    X(HOL_RELEASED, "released", "released", CELL_TIME, true, "When it was released")               \
    X(HOL_RELEASED_SEQ, "released_seq", "in entry", CELL_EVENT, true,                              \
      "The entry that released it")                                                                \
    X(HOL_RELEASED_BY, "released_by", "by", CELL_TEXT, true, "Who did")                            \
    X(HOL_RELEASE_REASON, "release_reason", "why", CELL_TEXT, true, "Why")

#define X(id, name, title, cell, brief, means) id,
enum { PLACE_COLUMNS(X) PLACE_COUNT, PLACE_SHORT = PLACE_POS };
enum { COVERAGE_COLUMNS(X) };
enum { CLOCK_COLUMNS(X) };
enum { KEY_COLUMNS(X) };
enum { POPULATION_COLUMNS(X) };
enum { RECONCILIATION_COLUMNS(X) };
enum { KIND_COLUMNS(X) };
enum { EXC_BASE = PLACE_COUNT - 1, EXCEPTION_COLUMNS(X) };
enum { DEC_BASE = PLACE_COUNT - 1, DECISION_COLUMNS(X) };
enum { THRESHOLD_COLUMNS(X) };
enum { MET_BASE = PLACE_SHORT - 1, METRIC_COLUMNS(X) };
enum { BACK_BASE = PLACE_COUNT - 1, ROLLBACK_COLUMNS(X) };
enum { CHA_BASE = PLACE_COUNT - 1, CHANGE_COLUMNS(X) };
enum { DELIVERY_COLUMNS(X) };
enum { TREND_COLUMNS(X) };
enum { LATENESS_COLUMNS(X) };
enum { WAI_BASE = PLACE_SHORT - 1, WAITING_COLUMNS(X) };
enum { RESTORE_COLUMNS(X) };
enum { CONTROL_COLUMNS(X) };
enum { SAMPLE_COLUMNS(X) };
enum { SIG_BASE = PLACE_COUNT - 1, SIGNED_COLUMNS(X) };
enum { EVI_BASE = PLACE_COUNT - 1, EVIDENCE_COLUMNS(X) };
enum { RETENTION_COLUMNS(X) };
enum { HOL_BASE = PLACE_SHORT - 1, HOLD_COLUMNS(X) };
#undef X

/**
 * forms_of(form): The form of a sheet.
 * forms_csv(form): Where its CSV file is, "csv/population.csv"; static.
 */
const struct sheet_form *forms_of(enum form form);
const char *forms_csv(enum form form);

#endif
