#include "reports/kinds.h"

#include <string.h>

static const struct {
    const char *kind;
    unsigned gravity;
    const char *means;
} kinds[] = {
    {"verification-gap", KINDS_BROKEN, "Part of the ledger was not verified for this report."},
    {"suspect", KINDS_BROKEN,
     "Signed by a key that was revoked later, with effect from before this entry."},
    {"flag:suspect", KINDS_BROKEN, "Signed by a key that was revoked with effect from before."},
    {"restored", KINDS_BROKEN,
     "An older copy was put in the ledger's place: what came after it is lost."},
    {"erased", KINDS_BROKEN, "The event is not shown; its digest stands."},
    {"newer", KINDS_BROKEN, "A newer program wrote this act, which this one cannot judge."},
    {"unreconciled", KINDS_CONTROL, "A deployment without a deploy event, or the reverse."},
    {"unclosed", KINDS_CONTROL, "Not closed, and no event for 72 hours."},
    {"weaker-policy", KINDS_CONTROL, "Opened under a policy that is weaker than the default."},
    {"policy", KINDS_CONTROL, "A policy was set that is weaker than the default."},
    {"emergency", KINDS_CONTROL, "Approvals may have been missing when it went on."},
    {"criterion", KINDS_CONTROL, "Something that must not stay was not resolved."},
    {"clock", KINDS_CONTROL, "Admission's clock leapt, and an admin accepted it."},
    {"anonymous", KINDS_CONTROL, "The broker named no user."},
    {"quarantined", KINDS_CONTROL, "A message that cannot be an event was kept aside."},
    {"conflict", KINDS_CONTROL, "Another event under a name that was taken."},
    {"denied", KINDS_CONTROL, "Attempts to get in were refused."},
    {"flag:waived", KINDS_CONTROL, "What it names need not be met."},
    {"flag:emergency", KINDS_CONTROL, "Part of the emergency lane."},
    {"flag:retroactive", KINDS_CONTROL, "An approval given after the fact, in an emergency."},
    {"flag:unmeasured", KINDS_CONTROL, "A pass of a threshold that nothing measured."},
    {"flag:key-by-admin", KINDS_CONTROL,
     "A further key of a person that none of their own keys signed for."},
    {"flag:counter", KINDS_CONTROL, "A security key's counter did not grow."},
    {"flag:no-touch", KINDS_CONTROL, "The policy asks for a touch or a PIN that is not attested."},
    {"flag:blind", KINDS_CONTROL, "An approval of what was not met at the time."},
    {"flag:after-close", KINDS_CONTROL, "It came after the closing."},
    {"flag:outside-window", KINDS_CONTROL, "Outside the deployment's window."},
    {"refusal:wrong-stream", KINDS_REFUSED, "It does not belong in the stream that it came to."},
    {"refusal:unknown-deployment", KINDS_REFUSED, "The deployment was not opened yet."},
    {"refusal:unknown-checklist", KINDS_REFUSED,
     "The checklist that it names was never published."},
    {"refusal:unknown-node", KINDS_REFUSED, "It names a node that the checklist does not have."},
    {"refusal:wrong-kind", KINDS_REFUSED, "The node is of another kind than the act is for."},
    {"refusal:bad-value", KINDS_REFUSED,
     "A value that does not go there, or a reason that is missing."},
    {"refusal:unsigned", KINDS_REFUSED,
     "An act that needs a person's own signature, and had none."},
    {"refusal:not-authorized", KINDS_REFUSED,
     "Whoever did it did not have the role or right that it takes."},
    {"refusal:key-revoked", KINDS_REFUSED, "Signed by a key that was revoked before."},
    {"refusal:deployment-closed", KINDS_REFUSED, "The deployment was closed before."},
    {"refusal:rolled-back", KINDS_REFUSED, "Work, after rollback was opened."},
    {"refusal:not-rolling-back", KINDS_REFUSED, "A step of the rollback, while none was open."},
    {"refusal:phase-closed", KINDS_REFUSED, "Work behind a gate that was not open."},
    {"refusal:criterion-open", KINDS_REFUSED,
     "A later step was passed while something was unresolved that must not stay."},
    {"refusal:children-open", KINDS_REFUSED, "Passed before what is nested in it."},
    {"refusal:contradicted", KINDS_REFUSED, "A pass against what was measured, run or expected."},
    {"refusal:late", KINDS_REFUSED,
     "Behind the window of its node, where the policy refuses that."},
    {"refusal:separation-of-duties", KINDS_REFUSED,
     "One person in two approvals of a gate, or an author approving."},
    {"refusal:bad-basis", KINDS_REFUSED,
     "An approval or decision that does not say truly what its signer had seen."},
    {"refusal:stale-basis", KINDS_REFUSED,
     "What the signer had seen was undone before the signature came."},
    {"refusal:gate-not-ready", KINDS_REFUSED,
     "A gate was to be opened while something that it needs was missing."},
    {"refusal:superseded", KINDS_REFUSED, "Another decision, opening or T0 stands already."},
    {"refusal:not-closable", KINDS_REFUSED,
     "Closed before all that the outcome asks for was there."},
    {"flag:late", KINDS_NOTICE, "Behind the window of its node."},
    {"flag:early", KINDS_NOTICE, "Before the window of its node."},
    {"flag:clock-skew", KINDS_NOTICE, "Its claimed time is far from the ledger's."},
    {"flag:spooled", KINDS_NOTICE, "Kept back by its sender, and delivered late."},
    {"flag:judgement", KINDS_NOTICE, "A pass that rests on no number and no person."},
    {"flag:other-command", KINDS_NOTICE, "Another command was run than the checklist's."},
    {"flag:new-key", KINDS_NOTICE, "Signed by a key that was enrolled less than a day before."},
    {"flag:replayed", KINDS_NOTICE, "A copy of an event, sent again from elsewhere."},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static size_t find(const char *kind)
{
    size_t i = 0;
    while (i < KINDS && strcmp(kinds[i].kind, kind) != 0)
        i++;
    return i;
}

unsigned kinds_gravity(const char *kind)
{
    size_t i = find(kind);
    if (i < KINDS)
        return kinds[i].gravity;
    return strncmp(kind, "refusal:", 8) == 0 ? KINDS_REFUSED : KINDS_NOTICE;
}

const char *kinds_means(const char *kind)
{
    size_t i = find(kind);
    if (i < KINDS)
        return kinds[i].means;
    return strncmp(kind, "refusal:", 8) == 0 ? "Tried, recorded, and without effect."
                                             : "Accepted, and to be looked at.";
}
