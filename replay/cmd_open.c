#include <stdio.h>
#include <string.h>

#include "replay/charter.h"
#include "replay/publication.h"
#include "replay/source.h"

enum { OPT_CHECKLIST = 0x4000 };

static const struct option options[] = {
    {"checklist", required_argument, NULL, OPT_CHECKLIST},
    {"release", required_argument, NULL, CHARTER_RELEASE},
    {"title", required_argument, NULL, CHARTER_TITLE},
    {"environment", required_argument, NULL, CHARTER_ENVIRONMENT},
    {"service", required_argument, NULL, CHARTER_SERVICE},
    {"lead", required_argument, NULL, CHARTER_LEAD},
    {"role", required_argument, NULL, CHARTER_ROLE},
    {"t0", required_argument, NULL, CHARTER_T0},
    {"window", required_argument, NULL, CHARTER_WINDOW},
    {"author", required_argument, NULL, CHARTER_AUTHOR},
    {"artifact", required_argument, NULL, CHARTER_ARTIFACT},
    {"change", required_argument, NULL, CHARTER_CHANGE},
    {"reason", required_argument, NULL, CHARTER_REASON},
    {"impact", required_argument, NULL, CHARTER_IMPACT},
    {"repairs", required_argument, NULL, CHARTER_REPAIRS},
    {"emergency", required_argument, NULL, CHARTER_EMERGENCY},
    {"help", no_argument, NULL, ARGS_HELP},
    SUBMIT_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "open",
    .operands = "LEDGER ID --checklist FILE|SHA256|NAME --release VERSION",
    .about = "Opens a deployment.  A FILE that is not published yet is published first, which an\n"
             "admin can.  Those options marked * may be repeated.\n\n"
             "  --checklist C     a file, the SHA-256 of a published checklist, or its name\n"
             "  --release V       what is deployed\n"
             "  --title TEXT      --environment NAME   --reason TEXT   --impact TEXT\n"
             "  --service NAME    * a service that it is about\n"
             "  --lead PRINCIPAL  who leads it\n"
             "  --role R=P        * role R is held by principal P in it\n"
             "  --t0 TIME         planned T+0\n"
             "  --window FROM/TO  when it may take place\n"
             "  --author P        * who wrote what is deployed, and so cannot approve it\n"
             "  --artifact U=S    * URI and SHA-256 of an artifact\n"
             "  --change REF      * a change that it brings\n"
             "  --repairs ID      * a deployment that it repairs\n"
             "  --emergency WHY   open it as an emergency\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2,
    .writes = true,
    .at_once = true};

/* The last published checklist of this digest (hex) or name, or NULL. */
static const struct registry_checklist *find_published(const struct registry *registry,
                                                       const char *text)
{
    size_t count = 0;
    uint8_t digest[HASH_BYTES];
    bool hex = bytes_from_hex(text, digest, sizeof(digest));
    const struct registry_checklist *const *all = registry_checklists(registry, &count);
    for (size_t i = count; i > 0; i--) {
        const struct registry_checklist *one = all[i - 1];
        if (hex ? memcmp(one->sha256, digest, HASH_BYTES) == 0 : strcmp(one->name, text) == 0)
            return one;
    }
    return NULL;
}

/* Publishes the file; *${ret_code} is not 0 if that was refused, which has been printed. */
static enum err publish(struct errand *errand, const struct submit_options *submit,
                        const char *path, const struct checklist *checklist, int *ret_code,
                        struct err_text *ret_why)
{
    json_t *receipt = NULL;
    struct submit_options own = *submit;
    own.id = NULL; /* an id that was given is the opening's */
    enum err err = publication_deliver(errand, &own, path, checklist, &receipt, ret_why);
    if (err != ERR_OK)
        return err;
    const char *verdict = ijson_string(receipt, "verdict");
    if (verdict != NULL && strcmp(verdict, "accepted") == 0)
        fprintf(stderr, "published %s, seq %lld\n", path,
                (long long)json_integer_value(ijson_get(receipt, "seq")));
    else
        *ret_code = submit_print(&own, receipt);
    json_decref(receipt);
    return ERR_OK;
}

/* Finds the checklist's digest; a file is published if it is not yet. */
static enum err find_checklist(struct errand *errand, const struct args *args,
                               uint8_t ret_sha256[HASH_BYTES], int *ret_code,
                               struct err_text *ret_why)
{
    const char *text = args_value(args, OPT_CHECKLIST);
    const struct registry *registry = ledger_registry(errand->ledger);
    const struct registry_checklist *published = find_published(registry, text);
    struct checklist *checklist = NULL;
    if (published != NULL) {
        memcpy(ret_sha256, published->sha256, HASH_BYTES);
        return ERR_OK;
    }
    enum err err = source_compile(text, &checklist, ret_why);
    if (err == ERR_NOT_FOUND)
        return err_say(ret_why, err, "%s: neither a published checklist nor a file", text);
    if (err != ERR_OK)
        return err;
    memcpy(ret_sha256, checklist->sha256, HASH_BYTES);
    if (registry_checklist(registry, ret_sha256, UINT64_MAX) == NULL)
        err = publish(errand, &args->submit, text, checklist, ret_code, ret_why);
    checklist_free(checklist);
    return err;
}

static int run(const struct args *args, json_t *data)
{
    struct err_text why = {""};
    struct errand errand = {0};
    uint8_t sha256[HASH_BYTES];
    json_t *receipt = NULL;
    int code = 0;
    enum err err = errand_open(args->operand[0], &errand, &why);
    if (err != ERR_OK)
        return args_unopened("open", err, &why);
    err = find_checklist(&errand, args, sha256, &code, &why);
    if (err == ERR_OK && code == 0) {
        json_object_set_new(data, "checklist", ijson_hex(sha256, sizeof(sha256)));
        struct errand_event event = {"deployment.opened", args->operand[1], json_incref(data)};
        err = errand_deliver(&errand, &args->submit, &event, &receipt, &why);
        if (err == ERR_OK)
            code = submit_print(&args->submit, receipt);
    }
    json_decref(receipt);
    errand_close(&errand);
    return err == ERR_OK ? code : args_failed("open", err, &why);
}

int cmd_open(int argc, char *argv[])
{
    struct args args;
    struct err_text why = {""};
    json_t *data = NULL;
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code))
        goto out;
    if (args_value(&args, OPT_CHECKLIST) == NULL || args_value(&args, CHARTER_RELEASE) == NULL)
        code = args_wrong("open", "it needs --checklist and --release");
    else if (charter_data(&args, &data, &why) != ERR_OK)
        code = args_wrong("open", "%s", why.s);
    else
        code = run(&args, data);
out:
    json_decref(data);
    args_free(&args);
    return code;
}
