#include "replay/setting.h"

#include <pwd.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static enum err add(struct settings *settings, const char *name, size_t name_length,
                    const char *value, struct err_text *ret_why)
{
    char *copy = mem_text_n(name, name_length);
    if (!slot_name_ok(copy)) {
        err_say(ret_why, ERR_USAGE, "'%.80s' is no name of a variable or a blank", copy);
        free(copy);
        return ERR_USAGE;
    }
    if (strlen(value) > RUN_VALUE_BYTES_MAX || strpbrk(value, "\n\r") != NULL) {
        err_say(ret_why, ERR_USAGE, "the value of %s is over %d bytes, or has a line end", copy,
                RUN_VALUE_BYTES_MAX);
        free(copy);
        return ERR_USAGE;
    }
    struct setting *setting = MEM_PUSH(settings->all, settings->count, settings->cap);
    *setting = (struct setting){copy, mem_text(value), mask_is_secret(copy)};
    return ERR_OK;
}

enum err setting_take(struct settings *settings, const char *text, struct err_text *ret_why)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL)
        return err_say(ret_why, ERR_USAGE, "--set takes NAME=VALUE, not '%.80s'", text);
    return add(settings, text, (size_t)(equals - text), equals + 1, ret_why);
}

enum err setting_inherit(struct settings *settings, const char *name, struct err_text *ret_why)
{
    const char *value = slot_is_variable_name(name) ? getenv(name) : NULL;
    if (value == NULL)
        return err_say(ret_why, ERR_USAGE, "--env %.80s: there is no such variable here", name);
    enum err err = add(settings, name, strlen(name), value, ret_why);
    if (err == ERR_OK)
        settings->all[settings->count - 1].secret = true;
    return err;
}

static void free_environment(struct settings *settings)
{
    for (size_t i = 0; settings->environment != NULL && settings->environment[i] != NULL; i++) {
        sodium_memzero(settings->environment[i], strlen(settings->environment[i]));
        free(settings->environment[i]);
    }
    free(settings->environment);
    settings->environment = NULL;
}

void setting_free(struct settings *settings)
{
    for (size_t i = 0; i < settings->count; i++) {
        sodium_memzero(settings->all[i].value, strlen(settings->all[i].value));
        free(settings->all[i].value);
        free(settings->all[i].name);
    }
    free(settings->all);
    free_environment(settings);
    *settings = (struct settings){0};
}

const char *setting_value(void *settings, const char *name)
{
    const struct settings *all = settings;
    size_t bytes = strlen(name);
    for (size_t i = all->count; i > 0; i--) {
        if (strcmp(all->all[i - 1].name, name) == 0)
            return all->all[i - 1].value;
    }
    for (size_t i = 0; all->environment != NULL && all->environment[i] != NULL; i++) {
        const char *line = all->environment[i];
        if (strncmp(line, name, bytes) == 0 && line[bytes] == '=')
            return line + bytes + 1;
    }
    return NULL;
}

static char *variable(const char *name, const char *value)
{
    struct buf text = {0};
    buf_printf(&text, "%s=%s", name, value);
    return buf_take_text(&text);
}

/* Whether a later setting of the same name takes its place. */
static bool is_replaced(const struct settings *settings, size_t index)
{
    for (size_t i = index + 1; i < settings->count; i++) {
        if (strcmp(settings->all[i].name, settings->all[index].name) == 0)
            return true;
    }
    return false;
}

void setting_environment(struct settings *settings, const char *shell)
{
    const struct passwd *user = getpwuid(getuid());
    const char *login = user != NULL ? user->pw_name : "nobody", *path = getenv("PATH"),
               *home = getenv("HOME");
    const char *const base[][2] = {{"PATH", path != NULL && path[0] != '\0' ? path : PATH_DEFAULT},
                                   {"HOME", home != NULL   ? home
                                            : user != NULL ? user->pw_dir
                                                           : "/"},
                                   {"USER", login},
                                   {"LOGNAME", login},
                                   {"SHELL", shell},
                                   {"LANG", "C.UTF-8"}};
    size_t base_count = sizeof(base) / sizeof(base[0]), made = 0;
    free_environment(settings);
    char **lines = mem_zero(base_count + settings->count + 1, sizeof(*lines));
    for (size_t i = 0; i < base_count; i++) {
        if (setting_value(settings, base[i][0]) == NULL)
            lines[made++] = variable(base[i][0], base[i][1]);
    }
    for (size_t i = 0; i < settings->count; i++) {
        if (slot_is_variable_name(settings->all[i].name) && !is_replaced(settings, i))
            lines[made++] = variable(settings->all[i].name, settings->all[i].value);
    }
    settings->environment = lines;
}

/* Whether an earlier slot has this name. */
static bool is_again(const struct slots *slots, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(slots->all[i].name, slots->all[index].name) == 0)
            return true;
    }
    return false;
}

size_t setting_missing(struct settings *settings, const struct slots *slots, struct buf *buf)
{
    size_t missing = 0;
    for (size_t i = 0; i < slots->count; i++) {
        const struct slot *slot = &slots->all[i];
        if (is_again(slots, i) || setting_value(settings, slot->name) != NULL)
            continue;
        missing++;
        if (slot->variable)
            buf_printf(buf, "  $%s is not set: --set %s=VALUE, or --env %s where it is a secret\n",
                       slot->name, slot->name, slot->name);
        else
            buf_printf(buf, "  blank %s is not filled: --set %s=VALUE\n", slot->name, slot->name);
    }
    return missing;
}

const char *setting_unused(const struct settings *settings, const struct slots *slots)
{
    for (size_t i = 0; i < settings->count; i++) {
        bool used = slot_is_variable_name(settings->all[i].name);
        for (size_t j = 0; j < slots->count && !used; j++)
            used = strcmp(slots->all[j].name, settings->all[i].name) == 0;
        if (!used)
            return settings->all[i].name;
    }
    return NULL;
}

void setting_mask(const struct settings *settings, struct mask *mask)
{
    for (size_t i = 0; i < settings->count; i++) {
        if (settings->all[i].secret)
            mask_value(mask, settings->all[i].value);
    }
}

json_t *setting_json(const struct settings *settings, const struct mask *mask)
{
    json_t *json = settings->count > 0 ? json_object() : NULL;
    for (size_t i = 0; i < settings->count; i++) {
        const struct setting *setting = &settings->all[i];
        struct buf value = {0};
        if (setting->secret)
            buf_text(&value, MASK_TEXT);
        else
            mask_add(mask, setting->value, strlen(setting->value), &value);
        buf_add(&value, "", 0);
        ASSERT(json_object_set_new(json, setting->name, ijson_text((const char *)value.data)) == 0);
        buf_free(&value);
    }
    return json;
}
