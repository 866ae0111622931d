#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "ingest/amqp.h"
#include "ingest/ingest.h"
#include "ingest/journal.h"
#include "ingest/presence.h"
#include "ingest/rate.h"
#include "ingest/server.h"
#include "ingest/tls.h"

static const char usage[] =
    "usage: countersign serve LEDGER [--listen ADDR:PORT] [--insecure] [--scrub-rate N]\n"
    "                         [--scrub-every HOURS] [--tls-cert FILE --tls-key FILE\n"
    "                         [--client-ca FILE]] [--rate N] [--patience S]\n"
    "                         [--amqp URL [--amqp-ca FILE] [--amqp-password-file FILE]\n"
    "                         [--amqp-queue NAME] [--amqp-require-user] [--amqp-publish]]\n"
    "Takes events in over HTTP (answered with receipts) and RabbitMQ (acked), until SIGTERM or\n"
    "SIGINT.\n"
    "  --listen ADDR:PORT  where (default " ADDRESS_DEFAULT "; port 0 takes a free one)\n"
    "  --tls-cert FILE     serve https: the certificate and those above it, PEM; SIGHUP reads all\n"
    "                      three files again\n"
    "  --tls-key FILE      its private key, mode 0600 or 0640, without a passphrase\n"
    "  --client-ca FILE    ask for client certificates of these CAs (PEM; may hold CRLs, too): "
    "one\n"
    "                      of the common name NAME is the principal tls:NAME, as with a token\n"
    "  --insecure          allow plain HTTP on an address that is not this machine's own\n"
    "  --patience S        seconds for a request's head, and beyond which its body must have come "
    "at\n"
    "                      4 KiB/s on average (default 15); else 408\n"
    "  --rate N            let each principal make so many requests, or send so many events, a "
    "second\n"
    "                      over HTTP, and as many at once; then 429 (default: no limit)\n"
    "  --scrub-rate N      verify the ledger in the background, so many entries a second (default\n"
    "                      500, 0: not at all)\n"
    "  --scrub-every H     hours from one such pass to the next (default 24)\n"
    "  --amqp URL          consume from RabbitMQ: amqp[s]://[USER@]HOST[:PORT][/VHOST]\n"
    "  --amqp-password-file F  its first line is the password (else COUNTERSIGN_AMQP_PASSWORD)\n"
    "  --amqp-ca FILE      who may have signed the certificate of amqps (default: the system's)\n"
    "  --amqp-queue NAME   consume from this queue, which is there (default: countersign.ingest,\n"
    "                      declared and bound to all of the exchange countersign)\n"
    "  --amqp-require-user  quarantine messages that have no user-id\n"
    "  --amqp-publish      publish each committed entry to the exchange countersign.committed\n"
    "  --accept-rollback   go on from an older copy of the ledger: the checkpoint outside it, "
    "which\n"
    "                      is newer, is given up, and an entry of the ledger says so\n"
    "Once it accepts connections its pid and url stand in LEDGER/serve.json.\n"
    "Exit codes: 0 stopped by a signal, 2 usage, 3 could not, 4 the ledger is damaged.\n";

struct serve_options {
    const char *dir;
    const char *listen;
    struct amqp_options amqp;
    struct tls_files tls; /* all NULL: plain HTTP */
    uint64_t scrub_rate;
    uint64_t scrub_hours;
    uint64_t rate;       /* 0: no limit */
    uint64_t patience_s; /* with slow clients */
    bool insecure;
    bool accept_rollback;
    bool help;
};

/* Read a number; false (with a word on standard error) if it is none or out of its bounds. */
static bool read_number(int option, struct serve_options *read)
{
    const struct {
        int option;
        const char *name;
        uint64_t min, max;
        uint64_t *number;
    } numbers[] = {{'r', "--scrub-rate", 0, SCRUB_RATE_MAX, &read->scrub_rate},
                   {'e', "--scrub-every", 0, SCRUB_HOURS_MAX, &read->scrub_hours},
                   {'R', "--rate", 1, RATE_MAX, &read->rate},
                   {'p', "--patience", 1, HTTP_PATIENCE_SECONDS_MAX, &read->patience_s}};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (numbers[i].option != option)
            continue;
        uint64_t *number = numbers[i].number;
        if (args_number(optarg, number) && *number >= numbers[i].min && *number <= numbers[i].max)
            return true;
        fprintf(stderr,
                "countersign: serve: %s takes a whole number from %" PRIu64 " to %" PRIu64
                ", not '%s'\n",
                numbers[i].name, numbers[i].min, numbers[i].max, optarg);
    }
    return false;
}

/* Read an option of the broker's; false if it is none. */
static bool read_amqp(int option, struct amqp_options *read)
{
    switch (option) {
    case 'A':
        read->url = optarg;
        return true;
    case 'F':
        read->ca_file = optarg;
        return true;
    case 'W':
        read->password_file = optarg;
        return true;
    case 'Q':
        read->queue = optarg;
        return true;
    case 'U':
        return read->require_user = true;
    case 'P':
        return read->publish = true;
    default:
        return false;
    }
}

/* Read the options; false (with a word on standard error) if they are wrong. */
static bool read_options(int argc, char *argv[], struct serve_options *ret)
{
    static const struct option options[] = {{"listen", required_argument, NULL, 'l'},
                                            {"insecure", no_argument, NULL, 'i'},
                                            {"scrub-rate", required_argument, NULL, 'r'},
                                            {"scrub-every", required_argument, NULL, 'e'},
                                            {"patience", required_argument, NULL, 'p'},
                                            {"accept-rollback", no_argument, NULL, 'a'},
                                            {"tls-cert", required_argument, NULL, 'c'},
                                            {"tls-key", required_argument, NULL, 'k'},
                                            {"client-ca", required_argument, NULL, 'C'},
                                            {"amqp", required_argument, NULL, 'A'},
                                            {"amqp-ca", required_argument, NULL, 'F'},
                                            {"amqp-password-file", required_argument, NULL, 'W'},
                                            {"amqp-queue", required_argument, NULL, 'Q'},
                                            {"amqp-require-user", no_argument, NULL, 'U'},
                                            {"amqp-publish", no_argument, NULL, 'P'},
                                            {"rate", required_argument, NULL, 'R'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct serve_options read = {.listen = ADDRESS_DEFAULT,
                                 .scrub_rate = SCRUB_RATE_DEFAULT,
                                 .scrub_hours = SCRUB_HOURS_DEFAULT,
                                 .patience_s = HTTP_PATIENCE_SECONDS};
    int option;
    optind = 0;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'l')
            read.listen = optarg;
        else if (option == 'c')
            read.tls.cert = optarg;
        else if (option == 'k')
            read.tls.key = optarg;
        else if (option == 'C')
            read.tls.client_ca = optarg;
        else if (option == 'i')
            read.insecure = true;
        else if (option == 'a')
            read.accept_rollback = true;
        else if (option == 'h')
            read.help = true;
        else if (read_amqp(option, &read.amqp))
            continue;
        else if (!read_number(option, &read))
            return false;
    }
    if (!read.help && argc - optind != 1) {
        fputs(usage, stderr);
        return false;
    }
    read.dir = argv[optind];
    *ret = read;
    return true;
}

static int fail(enum err err, const struct err_text *why)
{
    fprintf(stderr, "countersign: serve: %s\n", why->s[0] != '\0' ? why->s : err_text(err));
    return err_exit(err);
}

/* Say in the journal and in serve.json that we are there, then serve. */
static enum err announce_and_run(struct server *server, struct presence *presence,
                                 const struct ledger *ledger, struct err_text *ret_why)
{
    struct buf url = {0};
    char pid[24];
    enum err err = server_announce(server, ret_why);
    if (err != ERR_OK)
        return err;
    server_url(server, &url);
    snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    journal_line("serving", "url", (const char *)url.data, "pid", pid, "ledger", ledger_dir(ledger),
                 "origin", ledger_info(ledger)->origin, NULL);
    buf_free(&url);
    server_run(server);
    presence_withdraw(presence);
    return ERR_OK;
}

/* Open the ledger, also an older copy of it where that was accepted. */
static enum err open_ledger(const struct serve_options *options, struct ledger **ret_ledger,
                            struct err_text *ret_why)
{
    uint64_t seq = 0;
    char text[24];
    if (!options->accept_rollback)
        return ledger_open(options->dir, true, ret_ledger, ret_why);
    enum err err = ledger_open_older(options->dir, ret_ledger, &seq, ret_why);
    snprintf(text, sizeof(text), "%" PRIu64, seq);
    if (err == ERR_OK && seq > 0)
        journal_line("rollback", "detail", "an older copy goes on, which an entry records", "seq",
                     text, NULL);
    return err;
}

/* An appender_fatal_fn: what the last commit holds is unknown, so end at once. */
static void fatal(void *ctx, enum err err, const struct err_text *why)
{
    journal_line("fatal", "error", err_name(err), "detail", why->s, NULL);
    presence_withdraw(ctx);
    _exit(err_exit(err));
}

/* Let the inlet append what it has, and say in the journal what it did. */
static void end_inlet(struct inlet *inlet)
{
    inlet_stop(inlet);
    struct appender_counts counts = inlet_counts(inlet);
    char commits[24], events[24], batch_max[24];
    snprintf(commits, sizeof(commits), "%" PRIu64, counts.commits);
    snprintf(events, sizeof(events), "%" PRIu64, counts.events);
    snprintf(batch_max, sizeof(batch_max), "%zu", counts.batch_max);
    journal_line("stopped", "commits", commits, "events", events, "batch_max", batch_max, NULL);
}

/* Serve the ledger whose lock is held. */
static enum err serve(const struct serve_options *options, const struct address *address,
                      struct presence *presence, const struct ingest_parts *parts,
                      struct err_text *ret_why)
{
    struct ledger *ledger = NULL;
    struct inlet *inlet = NULL;
    struct server *server = NULL;
    struct tls *tls = NULL;
    struct amqp *amqp = NULL;
    struct rate *rate = options->rate > 0 ? rate_new(options->rate) : NULL;
    struct judge judge = {0};
    bool judging = false;
    enum err err = options->tls.cert != NULL ? tls_new(&options->tls, &tls, ret_why) : ERR_OK;
    if (err == ERR_OK)
        err = open_ledger(options, &ledger, ret_why);
    if (err != ERR_OK)
        goto out;
    if (parts->judge_new != NULL) {
        err = parts->judge_new(ledger, &judge);
        if (err != ERR_OK)
            goto out;
        judging = true;
    }
    struct inlet_config taking = {.ledger = ledger,
                                  .judge = judging ? &judge : NULL,
                                  .rate = rate,
                                  .fatal = fatal,
                                  .ctx = presence};
    err = inlet_start(&taking, &inlet, ret_why);
    if (err != ERR_OK)
        goto out;
    err = amqp_new(&options->amqp, &amqp, ret_why);
    if (err != ERR_OK)
        goto out;
    struct server_config config = {.ledger = ledger,
                                   .inlet = inlet,
                                   .amqp = amqp,
                                   .address = address,
                                   .tls = tls,
                                   .parts = parts,
                                   .rate = rate,
                                   .presence = presence,
                                   .patience_us = (int64_t)options->patience_s * INSTANT_SECOND_US,
                                   .scrub_rate = options->scrub_rate,
                                   .scrub_pause_us =
                                       (int64_t)options->scrub_hours * 3600 * INSTANT_SECOND_US};
    err = server_new(&config, &server, ret_why);
    if (err == ERR_OK && amqp != NULL)
        err = amqp_start(amqp, ledger, inlet, ret_why);
    if (err == ERR_OK)
        err = announce_and_run(server, presence, ledger, ret_why);
    if (err == ERR_OK && amqp != NULL)
        amqp_stop(amqp);
    if (err == ERR_OK)
        end_inlet(inlet);
out:
    amqp_free(amqp);
    server_free(server);
    inlet_free(inlet);
    rate_free(rate);
    if (judging)
        parts->judge_free(&judge);
    ledger_close(ledger);
    tls_free(tls);
    return err;
}

/* The secret keys must not reach a core file, nor another process of the same user. */
static void forbid_dumps(void)
{
#ifndef __SANITIZE_ADDRESS__ /* whose search for leaks looks in from outside */
    ASSERT(prctl(PR_SET_DUMPABLE, 0) == 0);
#endif
}

/* Whether what is said of TLS goes together, and with the address. */
static enum err check_transport(const struct serve_options *options, const struct address *address,
                                struct err_text *ret_why)
{
    const struct tls_files *tls = &options->tls;
    if ((tls->cert == NULL) != (tls->key == NULL))
        return err_say(ret_why, ERR_USAGE, "--tls-cert and --tls-key go together");
    if (tls->client_ca != NULL && tls->cert == NULL)
        return err_say(ret_why, ERR_USAGE, "--client-ca needs --tls-cert and --tls-key");
    if (tls->cert == NULL && !options->insecure && !address_loopback(address))
        return err_say(ret_why, ERR_USAGE,
                       "%s is reached from other machines, and plain HTTP shows tokens and events "
                       "to all in between: --tls-cert and --tls-key, or --insecure allows it",
                       options->listen);
    return ERR_OK;
}

int serve_run(int argc, char *argv[], const struct ingest_parts *parts)
{
    struct serve_options options;
    struct address address;
    struct err_text why = {""};
    if (!read_options(argc, argv, &options))
        return err_exit(ERR_USAGE);
    if (options.help) {
        fputs(usage, stdout);
        return 0;
    }
    enum err err = address_parse(options.listen, &address, &why);
    if (err == ERR_OK)
        err = check_transport(&options, &address, &why);
    if (err != ERR_OK)
        return fail(err, &why);
    forbid_dumps();
    struct presence *presence = NULL;
    err = presence_claim(options.dir, &presence, &why);
    if (err == ERR_OK)
        err = serve(&options, &address, presence, parts, &why);
    presence_free(presence);
    if (err == ERR_OK)
        return 0;
    int code = fail(err, &why);
    return err == ERR_NOT_FOUND ? err_exit(ERR_IO) : code; /* a file that is not there */
}
