#include "ledger/args.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/instant.h"
#include "ledger/mem.h"
#include "ledger/printable.h"

/* One line on standard error; the text may come from an event or a daemon. */
static void complain(const char *name, const char *text, const char *more)
{
    struct buf line = {0};
    printable_add(&line, text);
    fprintf(stderr, "countersign %s: %s%s\n", name, line.bytes > 0 ? (const char *)line.data : "",
            more);
    buf_free(&line);
}

int args_wrong(const char *name, const char *format, ...)
{
    struct buf text = {0}, more = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    buf_printf(&more, "; `countersign %s --help` tells how it is used", name);
    complain(name, (const char *)text.data, (const char *)more.data);
    buf_free(&text);
    buf_free(&more);
    return err_exit(ERR_USAGE);
}

int args_failed(const char *name, enum err err, const struct err_text *why)
{
    complain(name, why->s[0] != '\0' ? why->s : err_text(err), "");
    return err_exit(err);
}

int args_unopened(const char *name, enum err err, const struct err_text *why)
{
    int code = args_failed(name, err, why);
    return code == err_exit(ERR_DAMAGED) ? code : err_exit(ERR_IO);
}

int args_print(const char *name, const struct buf *text, int exit_code)
{
    struct err_text why = {""};
    if (text->bytes == 0 ||
        (fwrite(text->data, 1, text->bytes, stdout) == text->bytes && fflush(stdout) == 0))
        return exit_code;
    return args_failed(
        name, err_say(&why, ERR_IO, "standard output cannot be written: %s", strerror(errno)),
        &why);
}

bool args_number(const char *text, uint64_t *ret)
{
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *ret = value;
    return true;
}

bool args_moment(const char *text, int64_t *ret_us)
{
    return instant_parse_day(text, ret_us) || instant_parse(text, ret_us);
}

static void print_help(const struct args_spec *spec)
{
    printf("usage: countersign %s %s\n\n%s%s", spec->name, spec->operands, spec->about,
           spec->writes ? SUBMIT_USAGE : "");
}

/* One option that getopt_long found; false if the command is over. */
static bool take(const struct args_spec *spec, char *argv[], int found, struct args *args,
                 int *ret_exit)
{
    struct err_text why = {""};
    if (found == '?' && optopt > 0 && optopt <= 0x7f) {
        *ret_exit =
            args_wrong(spec->name, "no option '-%c' (a value like -5 goes behind --)", optopt);
        return false;
    }
    if (found == '?' || found == ':') {
        *ret_exit = args_wrong(spec->name, found == ':' ? "'%s' needs a value" : "no option '%s'",
                               argv[optind - 1]);
        return false;
    }
    if (found == ARGS_HELP) {
        print_help(spec);
        *ret_exit = 0;
        return false;
    }
    if (spec->writes && submit_option(&args->submit, found, optarg, &why))
        return true;
    if (why.s[0] != '\0') {
        *ret_exit = args_wrong(spec->name, "%s", why.s);
        return false;
    }
    struct args_choice *choice = MEM_PUSH(args->choices, args->choice_count, args->choice_cap);
    *choice = (struct args_choice){found, optarg != NULL ? optarg : ""};
    return true;
}

bool args_parse(int argc, char *argv[], const struct args_spec *spec, struct args *ret_args,
                int *ret_exit)
{
    *ret_args = (struct args){0};
    if (spec->writes)
        submit_defaults(&ret_args->submit);
    opterr = 0;
    optind = 0; /* glibc: begin anew, also after another command line */
    for (;;) {
        int found = getopt_long(argc, argv, ":", spec->options, NULL);
        if (found == -1)
            break;
        if (!take(spec, argv, found, ret_args, ret_exit))
            return false;
    }
    if (spec->at_once && ret_args->submit.offline != NULL) {
        *ret_exit = args_wrong(spec->name, "it cannot wait to be signed elsewhere (--offline)");
        return false;
    }
    size_t count = (size_t)(argc - optind);
    if (count < spec->operands_min || count > spec->operands_max) {
        *ret_exit = args_wrong(spec->name, "too %s operands: it takes %s",
                               count < spec->operands_min ? "few" : "many", spec->operands);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        ret_args->operand[i] = argv[(size_t)optind + i];
    ret_args->operand_count = count;
    return true;
}

void args_free(struct args *args)
{
    free(args->choices);
    *args = (struct args){0};
}

const char *args_value(const struct args *args, int option)
{
    for (size_t i = args->choice_count; i > 0; i--) {
        if (args->choices[i - 1].option == option)
            return args->choices[i - 1].value;
    }
    return NULL;
}

const char *args_next(const struct args *args, int option, size_t *at)
{
    while (*at < args->choice_count) {
        const struct args_choice *choice = &args->choices[(*at)++];
        if (choice->option == option)
            return choice->value;
    }
    return NULL;
}
