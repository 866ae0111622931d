#include "replay/charter.h"

#include <stdlib.h>
#include <string.h>

#include "replay/operand.h"

#define RULES_VERSION 1 /* of RULES.md and of the compiler */

static json_t *list_of(json_t *data, const char *name)
{
    json_t *list = json_object_get(data, name);
    if (list == NULL) {
        list = json_array();
        json_object_set_new(data, name, list);
    }
    return list;
}

static void put_all(const struct args *args, int option, json_t *data, const char *name)
{
    size_t at = 0;
    for (const char *text; (text = args_next(args, option, &at)) != NULL;)
        json_array_append_new(list_of(data, name), ijson_text(text));
}

static enum err put_roles(const struct args *args, json_t *data, struct err_text *ret_why)
{
    json_t *roles = json_object();
    size_t at = 0;
    json_object_set_new(data, "roles", roles);
    for (const char *text; (text = args_next(args, CHARTER_ROLE, &at)) != NULL;) {
        char *role = NULL;
        char *principal = NULL;
        if (!operand_pair(text, &role, &principal))
            return err_say(ret_why, ERR_USAGE, "--role is ROLE=PRINCIPAL");
        json_array_append_new(list_of(roles, role), ijson_text(principal));
        free(role);
        free(principal);
    }
    return ERR_OK;
}

static enum err put_artifacts(const struct args *args, json_t *data, struct err_text *ret_why)
{
    size_t at = 0;
    for (const char *text; (text = args_next(args, CHARTER_ARTIFACT, &at)) != NULL;) {
        char *uri = NULL;
        char *sha256 = NULL;
        uint8_t digest[HASH_BYTES];
        bool fine =
            operand_pair(text, &uri, &sha256) && bytes_from_hex(sha256, digest, sizeof(digest));
        if (fine)
            json_array_append_new(list_of(data, "artifacts"),
                                  json_pack("{s:s,s:s}", "uri", uri, "sha256", sha256));
        free(uri);
        free(sha256);
        if (!fine)
            return err_say(ret_why, ERR_USAGE, "--artifact is URI=SHA256, 64 hex digits");
    }
    return ERR_OK;
}

static enum err put_times(const struct args *args, json_t *data, struct err_text *ret_why)
{
    const char *t0 = args_value(args, CHARTER_T0);
    const char *window = args_value(args, CHARTER_WINDOW);
    json_t *span = NULL;
    if (t0 != NULL && operand_time(t0, ret_why) != ERR_OK)
        return ERR_USAGE;
    operand_put(data, "t0", t0);
    if (window != NULL && operand_span(window, &span, ret_why) != ERR_OK)
        return ERR_USAGE;
    if (span != NULL)
        json_object_set_new(data, "window", span);
    return ERR_OK;
}

static void put_changes(const struct args *args, json_t *data)
{
    size_t at = 0;
    for (const char *text; (text = args_next(args, CHARTER_CHANGE, &at)) != NULL;) {
        json_t *change = json_object();
        operand_put(change, "ref", text);
        json_array_append_new(list_of(data, "changes"), change);
    }
}

enum err charter_data(const struct args *args, json_t **ret_data, struct err_text *ret_why)
{
    const char *reason = args_value(args, CHARTER_REASON);
    const char *emergency = args_value(args, CHARTER_EMERGENCY);
    if (reason != NULL && emergency != NULL)
        return err_say(ret_why, ERR_USAGE, "the reason of an emergency stands behind --emergency");
    json_t *data = json_object();
    json_object_set_new(data, "rules", json_integer(RULES_VERSION));
    operand_put(data, "title", args_value(args, CHARTER_TITLE));
    operand_put(data, "release", args_value(args, CHARTER_RELEASE));
    operand_put(data, "environment", args_value(args, CHARTER_ENVIRONMENT));
    put_all(args, CHARTER_SERVICE, data, "services");
    operand_put(data, "lead", args_value(args, CHARTER_LEAD));
    put_all(args, CHARTER_AUTHOR, data, "authors");
    put_changes(args, data);
    operand_put(data, "reason", emergency != NULL ? emergency : reason);
    operand_put(data, "impact", args_value(args, CHARTER_IMPACT));
    put_all(args, CHARTER_REPAIRS, data, "repairs");
    if (emergency != NULL)
        json_object_set_new(data, "emergency", json_true());
    enum err err = put_times(args, data, ret_why);
    if (err == ERR_OK)
        err = put_roles(args, data, ret_why);
    if (err == ERR_OK)
        err = put_artifacts(args, data, ret_why);
    if (err != ERR_OK) {
        json_decref(data);
        return err;
    }
    *ret_data = data;
    return ERR_OK;
}
