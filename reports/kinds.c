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
    return strncmp(kind, "refusal:", 8) == 0 ? "Tried, recorded, and without effect: the rule "
                                               "refused it."
                                             : "Accepted, and to be looked at.";
}
