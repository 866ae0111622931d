#include "reports/control.h"

#include <stddef.h>

static const struct {
    const char *control;
    const char *asks;
    const char *answered_by;
} controls[] = {
    {"SOC 2 CC8.1", "changes are authorised, tested, approved and documented before they are made",
     "decisions and approvals with their keys and times; items, metrics and commands of each "
     "deployment"},
    {"ISO/IEC 27001:2022 A.8.32",
     "changes are assessed, authorised, tested, and can be backed out of",
     "population, decisions, rollbacks"},
    {"PCI DSS 4.0 6.5.1", "reason, impact, approval, testing and back-out of each change",
     "the opening of each deployment, decisions, metrics, rollbacks"},
    {"PCI DSS 4.0 10.5.1", "audit history is kept for at least 12 months", "retention"},
    {"NIST SP 800-53 CM-3", "changes are reviewed, approved, documented, and their records kept",
     "population, decisions, exceptions, retention"},
    {"NIST SP 800-53 AU-9", "audit information is protected against change",
     "cover: size, root and key; how to verify"},
    {"NIST SP 800-53 AU-10", "who did it cannot deny it",
     "decisions: the key that signed; `countersign show SEQ --sshsig`"},
    {"NIST SP 800-53 AU-11", "audit records are retained", "retention"},
};

static const char *const steps[] = {
    "Compare the key on the cover with the one that was kept when the ledger was made.",
    "countersign verify LEDGER --vkey KEY: reads every byte, recomputes the root, and says what it "
    "did not check.",
    "countersign report with the same size and parameters: the same bytes come out.",
    "countersign show LEDGER SEQ --sshsig DIR, then ssh-keygen -Y verify: checks one approval with "
    "OpenSSH alone.",
    "GET /checkpoint and /tile/…: any C2SP tlog-tiles client recomputes the root; the Python "
    "oracle in "
    "tests/oracle does so in a few hundred lines.",
};

json_t *control_json(void)
{
    json_t *array = json_array();
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:s}", "control", controls[i].control, "asks",
                                        controls[i].asks, "answered_by", controls[i].answered_by));
    return array;
}

json_t *control_how_to_verify(void)
{
    json_t *array = json_array();
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        json_array_append_new(array, json_string(steps[i]));
    return array;
}
