/* cmd_demo - a made-up year in a ledger of its own, to judge reports by. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/demo_issue.h"
#include "reports/demo_scribe.h"
#include "reports/demo_year.h"
#include "reports/reports.h"

#define YEAR 2026
#define DEPLOYMENTS 250
#define DEPLOYMENTS_MAX 1000000
#define MAKING ".making" /* end of the name that it has until it is whole */
#define ORIGIN "demo.example/simulated"

static const struct option options[] = {
    {"year", required_argument, NULL, 'y'},
    {"deployments", required_argument, NULL, 'n'},
    {"seed", required_argument, NULL, 's'},
    {"admin", required_argument, NULL, 'a'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "demo",
    .operands = "LEDGER",
    .about =
        "Makes the new ledger LEDGER and fills it with a year of deployments that never were, of\n"
        "people who do not exist: what went well, what was rolled back, failed or was left lying,\n"
        "emergencies, waivers, mistakes, keys that came and went.  Every event is signed and let\n"
        "in as any other, so that all other commands can be tried on it.  The same options give\n"
        "the same bytes, and so the same root.\n\n"
        "The ledger is marked as simulated.  Its keys, and those of its people, follow from the\n"
        "seed: they are no secrets, and what it says proves nothing.  Without --admin nobody can\n"
        "go on writing to it.\n\n"
        "  --year YEAR            the year (2026)\n"
        "  --deployments N        how many (250, of about 400 entries each)\n"
        "  --seed S               a number that all of it follows from (1)\n"
        "  --admin NAME=KEY.pub   lets the owner of that key administer the ledger\n"
        "  --json                 print {ledger, deployments, entries, root, vkey}\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
};

/* What is being made. */
struct making {
    const char *ledger; /* its name once it is whole */
    char *dir;          /* owned: until then */
    uint64_t seed, year, deployments;
    char *admin_name; /* owned; NULL: none was given */
    struct sshkey admin_key;
    struct demo_world world;
    struct ledger *opened; /* borrowed, while it is filled */
    struct demo_scribe *scribe;
    int64_t month; /* of the last act, in thirties of days */
    struct progress progress;
    struct err_text why;
};

static bool number_within(const char *text, uint64_t from, uint64_t to, uint64_t *ret)
{
    return text == NULL || (args_number(text, ret) && *ret >= from && *ret <= to);
}

static enum err take_admin(struct making *making, const char *text)
{
    const char *equals = strchr(text, '=');
    struct buf bytes = {0};
    making->admin_name = mem_text_n(text, equals == NULL ? 0 : (size_t)(equals - text));
    if (!event_principal_ok(making->admin_name))
        return err_say(&making->why, ERR_USAGE, "--admin takes NAME=KEY.pub");
    enum err err = files_input(equals + 1, (size_t)SSHKEY_WIRE_BYTES_MAX * 2, &bytes, &making->why);
    if (err == ERR_OK)
        err = sshkey_from_text((const char *)bytes.data, &making->admin_key, &making->why);
    buf_free(&bytes);
    return err == ERR_NOT_FOUND ? ERR_IO : err;
}

static enum err take_options(const struct args *args, struct making *making)
{
    struct buf dir = {0};
    size_t bytes = strlen(args->operand[0]);
    while (bytes > 1 && args->operand[0][bytes - 1] == '/')
        bytes--;
    char *name = mem_text_n(args->operand[0], bytes);
    buf_printf(&dir, "%s%s", name, MAKING);
    free(name);
    making->ledger = args->operand[0];
    making->dir = buf_take_text(&dir);
    if (!number_within(args_value(args, 'y'), 1972, 9990, &making->year))
        return err_say(&making->why, ERR_USAGE, "--year takes a year from 1972 to 9990");
    if (!number_within(args_value(args, 'n'), 0, DEPLOYMENTS_MAX, &making->deployments))
        return err_say(&making->why, ERR_USAGE, "--deployments takes a number up to %d",
                       DEPLOYMENTS_MAX);
    if (!number_within(args_value(args, 's'), 0, UINT64_MAX, &making->seed))
        return err_say(&making->why, ERR_USAGE, "--seed takes a whole number");
    return args_value(args, 'a') == NULL ? ERR_OK : take_admin(making, args_value(args, 'a'));
}

/* Nothing must be there that would be in the way, nor what a run before has left. */
static enum err check_free(struct making *making)
{
    struct stat info;
    if (lstat(making->ledger, &info) == 0)
        return err_say(&making->why, ERR_CONFLICT,
                       "%s is there already: a made-up year is made in a new directory",
                       making->ledger);
    if (lstat(making->dir, &info) == 0)
        return err_say(&making->why, ERR_CONFLICT,
                       "%s is what an earlier run has left, or what another one is making: remove "
                       "it if none is",
                       making->dir);
    return ERR_OK;
}

static enum err create(const struct making *making, struct err_text *ret_why)
{
    const struct demo_world *world = &making->world;
    const char *names[3];
    struct sshkey keys[3];
    uint8_t seed[HASH_BYTES];
    struct ledger_create create = {.origin = ORIGIN,
                                   .simulated = true,
                                   .time_us = world->begin_us,
                                   .seed = seed,
                                   .admin_principals = names,
                                   .admin_keys = keys};
    demo_dice_seed(making->seed, "ledger", making->year, seed);
    for (size_t i = 0; i < world->cast.count; i++) {
        const struct demo_member *member = &world->cast.members[i];
        if (!member->admin)
            continue;
        names[create.admin_count] = member->name;
        keys[create.admin_count++] = member->keys[0].key;
    }
    if (making->admin_name != NULL) {
        names[create.admin_count] = making->admin_name;
        keys[create.admin_count++] = making->admin_key;
    }
    return ledger_create(making->dir, &create, ret_why);
}

static void show(struct making *making, int64_t at_us)
{
    char day[INSTANT_TEXT_BYTES];
    instant_day(at_us, day);
    progress_draw(&making->progress, "%s: %llu entries", day,
                  (unsigned long long)demo_scribe_written(making->scribe));
}

/* Every thirty days, and at the end. */
static enum err say_heads(struct making *making, int64_t at_us)
{
    int64_t month = at_us / (30 * INSTANT_DAY_US);
    if (month == making->month)
        return ERR_OK;
    bool first = making->month == 0;
    making->month = month;
    return first ? ERR_OK : demo_scribe_heads(making->scribe, &making->why);
}

/* What the ledger has by then is reported; the ledger says first where its streams stand. */
static enum err report_by(struct making *making, struct demo_act *act)
{
    const struct period period = {making->world.from_us, act->report_to_us};
    char *data = NULL;
    enum err err = demo_scribe_heads(making->scribe, &making->why);
    if (err == ERR_OK)
        err = demo_issue_data(making->dir, making->opened, period, &data, &making->why);
    if (err == ERR_OK) {
        free(act->data);
        act->data = data;
    }
    return err;
}

static enum err put(void *ctx, struct demo_act *act)
{
    struct making *making = ctx;
    show(making, act->at_us);
    enum err err = say_heads(making, act->at_us);
    if (err == ERR_OK && act->report_to_us != 0)
        err = report_by(making, act);
    if (interrupt_came(NULL))
        err = err_say(&making->why, ERR_IO, "interrupted; nothing is left of it");
    if (err == ERR_OK)
        return demo_scribe_put(making->scribe, act, &making->why);
    demo_act_free(act);
    return err;
}

static enum err fill(struct making *making, struct ledger *ledger)
{
    uint8_t seed[HASH_BYTES];
    struct pool *pool = pool_new(0);
    demo_dice_seed(making->seed, "salts", making->year, seed);
    ledger_seed(ledger, seed);
    making->opened = ledger;
    making->scribe = demo_scribe_new(&making->world, ledger, pool);
    enum err err = demo_year_each(&making->world, put, making);
    if (err == ERR_OK)
        err = demo_scribe_heads(making->scribe, &making->why);
    demo_scribe_free(making->scribe);
    pool_free(pool);
    progress_end(&making->progress);
    return err;
}

/* Removes what was begun. */
static void drop(const struct making *making)
{
    static const char *const names[] = {"data.mdb",       "lock.mdb",      "checkpoint",
                                        "checkpoint.key", "admission.key", "serve.lock"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = files_path(making->dir, names[i]);
        unlink(path);
        free(path);
    }
    rmdir(making->dir);
}

/* Gives it its name. */
static enum err finish(struct making *making)
{
    char *copy = mem_text(making->ledger);
    enum err err = ERR_OK;
    if (rename(making->dir, making->ledger) != 0)
        err = err_say(&making->why, ERR_IO, "%s cannot become %s: %s", making->dir, making->ledger,
                      strerror(errno));
    else
        err = files_sync_dir(dirname(copy), &making->why);
    free(copy);
    return err;
}

static enum err make(struct making *making)
{
    struct ledger *ledger = NULL;
    enum err err = check_free(making);
    if (err != ERR_OK)
        return err;
    err = create(making, &making->why);
    if (err != ERR_OK)
        return err;
    err = ledger_open(making->dir, true, &ledger, &making->why);
    if (err == ERR_OK)
        err = fill(making, ledger);
    ledger_close(ledger);
    if (err == ERR_OK)
        err = finish(making);
    if (err != ERR_OK)
        drop(making);
    return err;
}

static enum err describe(const struct making *making, bool json, struct buf *text,
                         struct err_text *ret_why)
{
    struct ledger *ledger = NULL;
    uint8_t root[HASH_BYTES];
    uint64_t size = 0;
    struct buf vkey = {0}, hex = {0};
    enum err err = ledger_open(making->ledger, false, &ledger, ret_why);
    if (err == ERR_OK)
        err = ledger_size(ledger, &size, ret_why);
    if (err == ERR_OK)
        err = ledger_root(ledger, size, root, ret_why);
    if (err != ERR_OK)
        goto out;
    note_key_format(&ledger_info(ledger)->key, &vkey);
    buf_hex(&hex, root, sizeof(root));
    if (json) {
        json_t *object =
            json_pack("{s:s, s:I, s:I, s:s, s:s}", "ledger", ledger_info(ledger)->id_hex,
                      "deployments", (json_int_t)making->deployments, "entries", (json_int_t)size,
                      "root", (const char *)hex.data, "vkey", (const char *)vkey.data);
        ijson_print(object, text);
        json_decref(object);
        buf_text(text, "\n");
    } else {
        buf_printf(text, "%llu deployments, %llu entries, root %s\n%s\n",
                   (unsigned long long)making->deployments, (unsigned long long)size,
                   (const char *)hex.data, (const char *)vkey.data);
    }
out:
    ledger_close(ledger);
    buf_free(&vkey);
    buf_free(&hex);
    return err;
}

static void tell_next(const struct making *making)
{
    struct buf name = {0};
    printable_add(&name, making->ledger);
    const char *ledger = (const char *)name.data;
    fprintf(stderr,
            "\nThe year is made up.  Look at it:\n"
            "  countersign verify %s\n"
            "  countersign report %s --year %llu --out report\n"
            "  countersign status %s\n",
            ledger, ledger, (unsigned long long)making->year, ledger);
    buf_free(&name);
}

int cmd_demo(int argc, char *argv[])
{
    struct args args;
    struct making making = {.seed = 1, .year = YEAR, .deployments = DEPLOYMENTS};
    struct buf text = {0};
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code))
        goto out;
    enum err err = take_options(&args, &making);
    if (err == ERR_USAGE) {
        code = args_wrong(spec.name, "%s", making.why.s);
        goto out;
    }
    making.progress = progress_begin();
    if (err == ERR_OK) {
        interrupt_catch();
        demo_world_make(making.seed, (int)making.year, (size_t)making.deployments, &making.world);
        err = make(&making);
        demo_world_free(&making.world);
    }
    if (err == ERR_OK)
        err = describe(&making, args_value(&args, 'j') != NULL, &text, &making.why);
    if (err != ERR_OK) {
        code = args_failed(spec.name, err, &making.why);
        goto out;
    }
    code = args_print(spec.name, &text, 0);
    if (args_value(&args, 'j') == NULL)
        tell_next(&making);
out:
    free(making.dir);
    free(making.admin_name);
    buf_free(&text);
    args_free(&args);
    return code;
}
