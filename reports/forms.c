#include "reports/forms.h"

#define X(id, name, title, cell, brief, means) {name, title, cell, brief, means},
static const struct column coverage[] = {COVERAGE_COLUMNS(X)};
static const struct column clock_steps[] = {CLOCK_COLUMNS(X)};
static const struct column ledger_keys[] = {KEY_COLUMNS(X)};
static const struct column population[] = {POPULATION_COLUMNS(X)};
static const struct column reconciliation[] = {RECONCILIATION_COLUMNS(X)};
static const struct column kinds[] = {KIND_COLUMNS(X)};
static const struct column exceptions[] = {PLACE_COLUMNS(X) EXCEPTION_COLUMNS(X)};
static const struct column decisions[] = {PLACE_COLUMNS(X) DECISION_COLUMNS(X)};
static const struct column thresholds[] = {THRESHOLD_COLUMNS(X)};
static const struct column metrics[] = {PLACE_COLUMNS_SHORT(X) METRIC_COLUMNS(X)};
static const struct column rollbacks[] = {PLACE_COLUMNS(X) ROLLBACK_COLUMNS(X)};
static const struct column changes[] = {PLACE_COLUMNS(X) CHANGE_COLUMNS(X)};
static const struct column delivery[] = {DELIVERY_COLUMNS(X)};
static const struct column trend[] = {TREND_COLUMNS(X)};
static const struct column lateness[] = {LATENESS_COLUMNS(X)};
static const struct column waiting[] = {PLACE_COLUMNS_SHORT(X) WAITING_COLUMNS(X)};
static const struct column restores[] = {RESTORE_COLUMNS(X)};
static const struct column controls[] = {CONTROL_COLUMNS(X)};
static const struct column sample[] = {SAMPLE_COLUMNS(X)};
static const struct column signed_events[] = {PLACE_COLUMNS(X) SIGNED_COLUMNS(X)};
static const struct column evidence[] = {PLACE_COLUMNS(X) EVIDENCE_COLUMNS(X)};
static const struct column retention[] = {RETENTION_COLUMNS(X)};
static const struct column holds[] = {PLACE_COLUMNS_SHORT(X) HOLD_COLUMNS(X)};
static const struct column traces[] = {PLACE_COLUMNS(X) SIGNED_COLUMNS(X)};
#undef X

#define COLUMNS(columns) columns, sizeof(columns) / sizeof((columns)[0])

static const struct sheet_form forms[FORM_COUNT] = {
    [FORM_COVERAGE] = {"coverage", "What was verified", NULL, "Nothing.", COLUMNS(coverage)},
    [FORM_CLOCK_STEPS] = {"clock_steps", "Largest clock steps",
                          "Entries whose time was held at the one before, because admission's "
                          "clock was behind it.",
                          "No clock stepped back.", COLUMNS(clock_steps)},
    [FORM_LEDGER_KEYS] = {"ledger_keys", "Keys of the ledger",
                          "Each signs the checkpoints of its time.", "None.", COLUMNS(ledger_keys)},
    [FORM_POPULATION] = {"population", "Population",
                         "Every deployment that was open in the period or has an entry in it, with "
                         "the first and last of its entries in the ledger, as of the size.",
                         "No deployment was open in this period.", COLUMNS(population)},
    [FORM_KINDS] = {"exception_kinds", "Exceptions by kind",
                    "Gravity 1: what the record rests on is in question; 2: a control was gone "
                    "round, or is missing; 3: what the rules do not allow was tried, without "
                    "effect; 4: accepted, and to be looked at.",
                    "None.", COLUMNS(kinds)},
    [FORM_EXCEPTIONS] = {"exceptions", "Exceptions",
                         "Every refusal, flag, waiver, suspect signature, unmeasured pass, "
                         "quarantine, conflict and denial of the period; weaker policy, emergency, "
                         "open criterion, unclosed and unreconciled of every deployment that was "
                         "open in it, as of the size, at the entry that it comes from, which may "
                         "lie outside the period; and gaps in the verification. The gravest first.",
                         "None.", COLUMNS(exceptions)},
    [FORM_RECONCILIATION] = {"reconciliation", "Reconciliation",
                             "Deploy events of the platform against deployments of the ledger.",
                             "Nothing to reconcile.", COLUMNS(reconciliation)},
    [FORM_DECISIONS] = {"decisions", "Decisions and approvals",
                        "Who, in which role, with which key, when, and when it was due.", "None.",
                        COLUMNS(decisions)},
    [FORM_THRESHOLDS] = {"thresholds", "Thresholds",
                         "Each threshold with all values that judged it.",
                         "No threshold was measured.", COLUMNS(thresholds)},
    [FORM_METRICS] = {"metrics", "Metrics against thresholds",
                      "Every value that judged a threshold.", "None.", COLUMNS(metrics)},
    [FORM_ROLLBACKS] = {"rollbacks", "Rollbacks", NULL, "None.", COLUMNS(rollbacks)},
    [FORM_CHANGES] = {"changes", "Changes of keys, roles, tokens, policies and checklists",
                      "Each with the admin who made it.", "None.", COLUMNS(changes)},
    [FORM_DELIVERY] = {"delivery", "Figures of delivery",
                       "Over the deployments that were opened in the period.", "None.",
                       COLUMNS(delivery)},
    [FORM_TREND] = {"trend", "Trend by month", "Deployments count in the month of their opening.",
                    "None.", COLUMNS(trend)},
    [FORM_LATENESS] = {"lateness", "Lateness by phase",
                       "Accepted acts on nodes that have a window, against its end.",
                       "No act had a window.", COLUMNS(lateness)},
    [FORM_WAITING] = {"waiting", "Waiting at gates",
                      "From the last thing that a gate needed to the decision that opened it.",
                      "No gate was opened.", COLUMNS(waiting)},
    [FORM_RESTORES] = {"restores", "Failures and their repair",
                       "Rollbacks, issues of severity 1, and deployments closed as failed.",
                       "Nothing failed.", COLUMNS(restores)},
    [FORM_CONTROLS] = {"controls", "Controls", "Which part answers which control.", "None.",
                       COLUMNS(controls)},
    [FORM_SAMPLE] = {"sample", "Sample for testing",
                     "The deployments counted in the period, sorted by SHA-256 of the seed's UTF-8 "
                     "bytes, a zero byte and the deployment's id; the first of them, as many as "
                     "the size says. Anyone draws the same.",
                     "Nothing was drawn.", COLUMNS(sample)},
    [FORM_SIGNED] = {"signed_events", "Signed events of the sample",
                     "Decisions and approvals of the deployments drawn, as they were signed.",
                     "None.", COLUMNS(signed_events)},
    [FORM_EVIDENCE] = {"evidence", "Evidence", "Held here, held elsewhere, or only named.", "None.",
                       COLUMNS(evidence)},
    [FORM_RETENTION] =
        {"retention", "Retention",
         "At least 365 days from a deployment's last event, the ledger's own stream "
         "as long as anything that relies on it. Nothing is ever disposed of in this "
         "release.",
         "Nothing to keep.", COLUMNS(retention)},
    [FORM_HOLDS] = {"holds", "Holds", "What must be kept whatever its date.", "No hold was placed.",
                    COLUMNS(holds)},
    [FORM_TRACES] = {"exception_events", "Events of the exceptions",
                     "The entries that the exceptions on pages are about, but for those that stand "
                     "with the sample. Each with its signatures, for ssh-keygen to check: "
                     "countersign show LEDGER SEQ --sshsig DIR",
                     "None.", COLUMNS(traces)},
};

const struct sheet_form *forms_of(enum form form)
{
    return &forms[form];
}

static const char *const files[FORM_COUNT] = {
    [FORM_COVERAGE] = "csv/coverage.csv",
    [FORM_CLOCK_STEPS] = "csv/clock_steps.csv",
    [FORM_LEDGER_KEYS] = "csv/ledger_keys.csv",
    [FORM_POPULATION] = "csv/population.csv",
    [FORM_KINDS] = "csv/exception_kinds.csv",
    [FORM_EXCEPTIONS] = "csv/exceptions.csv",
    [FORM_RECONCILIATION] = "csv/reconciliation.csv",
    [FORM_DECISIONS] = "csv/decisions.csv",
    [FORM_THRESHOLDS] = "csv/thresholds.csv",
    [FORM_METRICS] = "csv/metrics.csv",
    [FORM_ROLLBACKS] = "csv/rollbacks.csv",
    [FORM_CHANGES] = "csv/changes.csv",
    [FORM_DELIVERY] = "csv/delivery.csv",
    [FORM_TREND] = "csv/trend.csv",
    [FORM_LATENESS] = "csv/lateness.csv",
    [FORM_WAITING] = "csv/waiting.csv",
    [FORM_RESTORES] = "csv/restores.csv",
    [FORM_CONTROLS] = "csv/controls.csv",
    [FORM_SAMPLE] = "csv/sample.csv",
    [FORM_SIGNED] = "csv/signed_events.csv",
    [FORM_EVIDENCE] = "csv/evidence.csv",
    [FORM_RETENTION] = "csv/retention.csv",
    [FORM_HOLDS] = "csv/holds.csv",
    [FORM_TRACES] = "csv/exception_events.csv",
};

const char *forms_csv(enum form form)
{
    return files[form];
}
