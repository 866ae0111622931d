#include "reports/control.h"

#include "reports/forms.h"

static const struct {
    const char *control;
    const char *asks;
    const char *answered_by;
} controls[] = {
    {"SOC 2 CC8.1",
     "changes are authorised, designed, configured, documented, tested, approved and implemented "
     "under control",
     "decisions and approvals with their keys and times; thresholds and metrics; the signed events "
     "of the sample"},
    {"ISO/IEC 27001:2022 A.8.32",
     "changes are assessed, authorised, tested, and can be backed out of",
     "population, decisions, thresholds, rollbacks"},
    {"ISO/IEC 27001:2022 A.8.15", "logs are made, protected and analysed",
     "cover: size, root and key; exceptions; how to verify"},
    {"PCI DSS 4.0 6.5.1", "reason, impact, approval, testing and back-out of each change",
     "population (reason and impact of each opening), decisions, metrics, rollbacks"},
    {"PCI DSS 4.0 10.5.1", "audit history is kept for at least 12 months", "retention and holds"},
    {"NIST SP 800-53 CM-3", "changes are reviewed, approved, documented, and their records kept",
     "population, decisions, exceptions, retention"},
    {"NIST SP 800-53 CM-3(1)",
     "what is not approved in time is told, and prohibited until it is approved",
     "waiting at gates, lateness, exceptions (refusal:phase-closed, refusal:gate-not-ready)"},
    {"NIST SP 800-53 CM-5(1)", "restrictions of access are enforced, and recorded",
     "exceptions (refusal:not-authorized, refusal:unsigned, denied); changes of keys and roles"},
    {"NIST SP 800-53 AU-9", "audit information is protected against change",
     "cover: size, root and key; what was verified; how to verify"},
    {"NIST SP 800-53 AU-10", "who did it cannot deny it",
     "decisions: the key that signed; signed events of the sample; countersign show LEDGER SEQ "
     "--sshsig DIR"},
    {"NIST SP 800-53 AU-11", "audit records are retained", "retention and holds"},
    {"IIA ITGC", "who implements does not approve; exceptions are known",
     "exceptions (refusal:separation-of-duties, weaker-policy, flag:waived, emergency)"},
};

void control_fill(struct sheet *sheet)
{
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        sheet_add(sheet);
        sheet_put_text(sheet, CON_CONTROL, controls[i].control);
        sheet_put_text(sheet, CON_ASKS, controls[i].asks);
        sheet_put_text(sheet, CON_ANSWERED, controls[i].answered_by);
    }
}

/* Parts of a ledger, and from which kind of verification on they are checked. */
static const struct {
    const char *what;
    enum params_verify from;
    const char *how, *how_not;
} parts[] = {
    {"digests of the events", VERIFY_NONE, "each event against its entry, while it was read", ""},
    {"order and completeness of each stream", VERIFY_NONE,
     "positions without a gap, while it was replayed", ""},
    {"both hash chains", VERIFY_HASHES,
     "each entry against the one before, in the ledger and in "
     "its stream",
     "countersign verify LEDGER --only hashes"},
    {"the tree and its root", VERIFY_HASHES, "recomputed from all entries",
     "countersign verify LEDGER --only hashes"},
    {"checkpoints", VERIFY_HASHES, "each that is kept against the tree, and its signature",
     "countersign verify LEDGER --only hashes"},
    {"signatures of admission", VERIFY_ALL, "each entry's", "countersign verify LEDGER"},
    {"signatures of people and pipelines", VERIFY_ALL, "each, by the key's state at its position",
     "countersign verify LEDGER"},
    {"indexes of ids and streams", VERIFY_ALL, "each row", "countersign verify LEDGER"},
};

void control_coverage(enum params_verify verify, struct sheet *sheet)
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        bool checked = verify >= parts[i].from;
        sheet_add(sheet);
        sheet_put_text(sheet, COVERAGE_WHAT, parts[i].what);
        sheet_put_yes(sheet, COVERAGE_CHECKED, checked);
        sheet_put_text(sheet, COVERAGE_HOW, checked ? parts[i].how : parts[i].how_not);
    }
}

const char *control_verified(enum params_verify verify)
{
    switch (verify) {
    case VERIFY_ALL:
        return "Every entry, both hash chains, the tree, every signature and every index were "
               "checked before this report was made.";
    case VERIFY_HASHES:
        return "Every entry, both hash chains, the tree and the checkpoints were checked before "
               "this report was made; signatures of admission and of people were not (countersign "
               "verify LEDGER does).";
    case VERIFY_NONE:
        return "Digests of the events were checked while reading; chains, tree and signatures were "
               "not (countersign verify LEDGER does).";
    }
    return "";
}

const char *control_steps(void)
{
    return "Compare the key on the cover with the one that was kept when the ledger was made.\n"
           "countersign verify LEDGER --vkey KEY: reads every byte, recomputes the root, and says "
           "what it did not check.\n"
           "countersign verify LEDGER --against CHECKPOINT: shows that nothing was taken out or "
           "changed of what a checkpoint that you have kept was signed for.\n"
           "countersign report LEDGER --check FILE: makes this file again from the ledger and "
           "compares the bytes.\n"
           "countersign show LEDGER SEQ --sshsig DIR, then ssh-keygen -Y verify: checks one "
           "approval with OpenSSH alone.\n"
           "Count the population: the last position of each deployment is one less than its "
           "entries, and all entries of all streams, the ledger's own and the inbox among them, "
           "are as many as the size on the cover.\n"
           "Draw the sample again, in Python: sorted(counted, key=lambda deployment: "
           "hashlib.sha256(seed.encode() + b\"\\0\" + deployment.encode()).digest())[:size], where "
           "counted are the deployments of the population that were opened in the period.\n"
           "countersign bundle LEDGER ID --out FILE.tar, or --year: all entries of a deployment or "
           "a period; README.txt in it checks entries, signatures and tree with bash, ssh-keygen, "
           "sha256sum and openssl alone.\n"
           "GET /checkpoint and /tile/…: any C2SP tlog-tiles client recomputes the root; "
           "tests/oracle/oracle.py does so in a few hundred lines of Python.";
}
