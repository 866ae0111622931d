/* limits - every bound of the program, with its unit (DESIGN.md 10).
 * A value beyond a bound is refused with a clear error, never cut silently.
 */
#ifndef LEDGER_LIMITS_H
#define LEDGER_LIMITS_H

#define HASH_BYTES 32        /* SHA-256 */
#define SALT_BYTES 16        /* salt of an event digest */
#define KEY_ID_BYTES 32      /* SHA-256 of an SSH wire-format public key */
#define TOKEN_BYTES 32       /* random bytes of a bearer token */
#define ED25519_SIG_BYTES 64 /* one Ed25519 signature */
#define ED25519_KEY_BYTES 32 /* one Ed25519 public key, or seed */

#define RSA_BITS_MIN 3072            /* modulus of an RSA key */
#define RSA_BITS_MAX 8192            /* the same: key and signature fit an entry together */
#define SK_APPLICATION_BYTES_MAX 255 /* application of a security key, as "ssh:" */

#define EVENT_BYTES_MAX 1048576   /* one event, 1 MiB */
#define ENTRY_BYTES_MAX 65535     /* one entry (tlog-tiles) */
#define STREAM_BYTES_MAX 128      /* a stream's name */
#define PRINCIPAL_BYTES_MAX 128   /* a principal's name */
#define ENTRY_SIGS_MAX 4          /* signatures of an event */
#define ENTRY_SIGS_BYTES_MAX 4096 /* bytes of all signatures of an event together */
#define EVENT_BYTES_MIN 52        /* the shortest event that there can be */
#define BATCH_EVENTS_MAX 8192     /* events of a batch, and of one commit */
#define BATCH_BYTES_MAX 8388608   /* bytes of a batch, 8 MiB */
#define ENVELOPE_BYTES_MAX (EVENT_BYTES_MAX / 3 * 4 + 16384) /* a DSSE envelope around an event */
#define DSSE_SIGS_MAX 16           /* signatures of an envelope that is attached as evidence */
#define ENDORSEMENT_TRIES_MAX 1024 /* keys that the signatures of one are held against */
#define JSON_DEPTH_MAX 32          /* nested arrays and objects */
#define JSON_INTEGER_MAX 9007199254740992LL /* 2^53, either sign (I-JSON) */
#define ID_KEY_BYTES_MAX 400 /* an event id over this many bytes is hashed in the index */
#define ID_BYTES_MAX 4096    /* an event's id, and its source */

#define CUSTODY_KEYS_MAX                                                                           \
    1024 /* counters of custody that wait; then principals are not told apart */

#define NOTE_BYTES_MAX 1000000  /* one signed note */
#define NOTE_SIGS_MAX 100       /* signature lines of a note */
#define NOTE_NAME_BYTES_MAX 255 /* a key's name, and an origin */
#define TILE_WIDTH 256          /* hashes of a full tile, entries of a full bundle */
#define TILE_LEVEL_MAX 63       /* tile levels, 0..63 */
#define PROOF_HASHES_MAX 64     /* hashes of an inclusion or consistency proof */
#define PROOF_BYTES_MAX 2600000 /* one tlog-proof file: note, path, an entry and its event */

#define TAR_BYTES_MAX 67108864         /* an evidence bundle, 64 MiB */
#define TAR_MEMBERS_MAX 16384          /* files in it */
#define TAR_NAME_BYTES_MAX 160         /* a file's name in it: a stream's within others */
#define DOSSIER_README_BYTES_MAX 65536 /* what it says for people, 64 KiB */
#define DOSSIER_TAIL_ENTRIES_MAX 16384 /* entries behind the last of the stream `ledger` in it */
#define DOCKET_MEMBERS_MAX 262144      /* files in a bundle of whole streams */
#define DOCKET_PIECE_BYTES 1048576     /* entries of one file in it, 1 MiB; the last may go over */
#define DOCKET_PLAN_BYTES_MAX 4096     /* what it says that it is of */

#define HTTP_HEAD_BYTES_MAX 16384 /* request line and headers */
#define HTTP_BODY_BYTES_MAX BATCH_BYTES_MAX
#define HTTP_CONNECTIONS_MAX 10000 /* open connections */
#define HTTP_PATIENCE_SECONDS 15   /* for a head, a handshake; and for a body or reply, and then */
#define HTTP_PATIENCE_SECONDS_MAX 3600
#define HTTP_RATE_MIN 4096                       /* bytes a second of it on average */
#define HTTP_BODIES_BYTES_MAX 67108864           /* bodies that are being received, 64 MiB */
#define HTTP_BODIES_ANONYMOUS_BYTES_MAX 16777216 /* those of unknown clients, 16 MiB */
#define HTTP_LINGER_SECONDS 10                   /* for the rest of a body that is not read */
#define HTTP_LINGER_BYTES_MAX 16777216           /* of it, 16 MiB */
#define HTTP_IDLE_SECONDS 60                     /* a connection that neither sends nor reads */
#define PAGE_EVENTS_DEFAULT 100                  /* events of a page of GET /v1/events */
#define PAGE_EVENTS_MAX 1000
#define PAGE_SCAN_MAX 4096           /* entries that one page looks at */
#define PAGE_SCAN_BYTES_MAX 33554432 /* of their events, 32 MiB; the last one may go over */
#define REPLY_BYTES_MAX 8388608      /* events of a page, 8 MiB; the last one may go over */
#define REPLIES_BYTES_MAX 134217728  /* of replies that slow readers take; then 503 */
#define READING_THREADS 2            /* that read the ledger for GET requests */
#define READING_WAITING_MAX 1024     /* requests that wait for them */
#define FEED_EVENTS_MAX 1024         /* newest entries that all who follow are served from */
#define FEED_BYTES_MAX 4194304       /* their text, 4 MiB; the last ones may go over */
#define FEED_LOAD_EVENTS 256         /* entries read for it at once */
#define FEED_LOAD_BYTES 1048576      /* the same; the last one may go over */
#define FOLLOWER_BYTES_MAX 65536     /* on their way to one who follows; the last one may go over */
#define FOLLOWERS_BYTES_MAX                                                                        \
    67108864 /* on their way to all who follow, 64 MiB; then the slowest goes */
#define FOLLOWER_STALL_SECONDS 60 /* to take what is on its way, or be cut off */
#define FOLLOWER_ALIVE_SECONDS 15 /* of silence, then a comment */
#define VIEWS_ENTRIES_MAX 65536   /* entries that a list of deployments is made of; then it ends */
#define VIEWS_WAITING_MAX 64      /* requests that wait for a list, state or timeline */
#define RATE_MAX 1000000          /* requests or events a second of one principal */
#define RATE_PRINCIPALS_MAX 4096  /* that are told apart while they use up what they may */
#define FDS_RESERVED 64           /* file descriptors that are not connections */
#define SERVE_DRAIN_SECONDS 10    /* for the last replies to reach slow clients when stopping */
#define GROUP_JOBS_MAX 32         /* a commit waits for so many that are being admitted already */
#define QUEUE_EVENTS_MAX 65536    /* admitted events that wait for the appender */
#define QUEUE_BYTES_MAX 67108864  /* their bytes, 64 MiB */

#define AMQP_BODY_BYTES_MAX 2097152    /* a message's body that is kept whole, 2 MiB */
#define AMQP_HEAD_BYTES 8192           /* of a quarantined body, kept in the ledger */
#define AMQP_FRAME_BYTES 131072        /* one frame of the connection to a broker, 128 KiB */
#define AMQP_HEARTBEAT_SECONDS 10      /* either side is heard so often, or given up after two */
#define AMQP_OPEN_SECONDS 10           /* for a broker to connect, to log in, to answer a call */
#define AMQP_CLOSE_SECONDS 2           /* for a broker to say goodbye */
#define AMQP_SEND_SECONDS 20           /* for a broker to take what was sent */
#define AMQP_PREFETCH 2000             /* delivered and not acked; quorum queues allow no more */
#define AMQP_HELD_BYTES_MAX 33554432   /* their bytes, 32 MiB; then no more are read */
#define AMQP_QUARANTINE_MINUTE_MAX 100 /* quarantined in a minute; the others are dead letters */
#define AMQP_UNCONFIRMED_MAX 1024      /* messages published and not confirmed */
#define AMQP_UNCONFIRMED_BYTES_MAX 8388608 /* their bytes, 8 MiB */
#define AMQP_PASSWORD_BYTES_MAX 1024       /* a broker's password */
#define AMQP_STACK_BYTES 67108864 /* of a thread that reads headers nested as deep as a frame */

#define SIGNERS_BYTES_MAX 1048576   /* an allowed_signers file, 1 MiB */
#define SIGNERS_LINE_BYTES_MAX 8192 /* one of its lines */
#define SIGNERS_LINES_MAX 8192      /* keys of it: they are enrolled in one commit */

#define REKEY_OVERLAP_DAYS_MAX 366 /* an old key of the ledger beside the new one */
#define REKEY_OVERLAP_US_MAX (REKEY_OVERLAP_DAYS_MAX * 86400000000LL)

#define SCRUB_RATE_DEFAULT 500    /* entries a second that serve verifies in the background */
#define SCRUB_RATE_MAX 1000000000 /* the same */
#define SCRUB_HOURS_DEFAULT 24    /* from the end of one such pass to the next */
#define SCRUB_HOURS_MAX 8760      /* the same */

#define URL_BYTES_MAX 2048                /* a ledger's base URL, as a command takes it */
#define ANSWER_BYTES_MAX 8388608          /* an answer that a command reads: receipts of a batch */
#define SPOOL_BYTES_DEFAULT 1073741824ULL /* lines that wait for a ledger, 1 GiB */
#define SPOOL_BYTES_MIN 4194304ULL        /* what is synced at once fits, 4 MiB */
#define SPOOL_FILE_BYTES 4194304  /* a file of them that has so much is followed by another */
#define SPOOL_GROUP_BYTES 1048576 /* lines that are synced together, 1 MiB */
#define SPOOL_ROUND_LINES 1000    /* lines whose form is decided at once */
#define PUSH_BATCH_BYTES 4194304  /* of lines that are sent as one batch */
#define PUSH_SECONDS_MAX 31622400 /* any time that push is told to wait */
#define PUSH_WAIT_SECONDS 30      /* how long it goes on trying without a spool */
#define PUSH_SPOOL_SECONDS 5      /* the same with one */
#define PUSH_LATE_SECONDS 60      /* a line that waited longer is late */

/* Reports. */
#define REPORT_EVENT_BYTES_MAX 16384          /* an event that a report shows for an exception */
#define REPORT_SAMPLE_MAX 1000000             /* deployments drawn for testing */
#define REPORT_ROWS_MAX 1000000               /* of a table on a page of a report */
#define PLATFORM_BYTES_MAX ((size_t)67108864) /* the platform's list of deployments, 64 MiB */

/* Send. */
#define SEND_SPEED_MIN 0.001     /* times as fast as it happened */
#define SEND_SPEED_MAX 1000000.0 /* times as fast as it happened */

#define RUN_SECONDS_DEFAULT 3600        /* how long a command of the checklist may run */
#define RUN_SECONDS_MAX 604800          /* the same, as an option says */
#define RUN_KEPT_BYTES ((size_t)524288) /* of its output, from each end; expectations see these */
#define RUN_OUTPUT_BYTES ((size_t)8192) /* of it, in the event (RULES.md) */
#define RUN_VALUE_BYTES_MAX 4096        /* one value that is handed to it */

#define MAP_BYTES_MAX (1ULL << 40)     /* the sparse LMDB map, 1 TiB */
#define DISK_FREE_BYTES_MIN 67108864   /* below this much free disk nothing is taken in, 64 MiB */
#define DISK_FREE_BYTES_AGAIN 83886080 /* once it was below, so much must be free again, 80 MiB */
#define MAP_FREE_BYTES_MIN                                                                         \
    67108864                 /* with less of the map free it grows, or nothing is taken in         \
                              */
#define READERS_MAX 1024     /* LMDB reader slots */
#define POOL_THREADS_MAX 256 /* threads of a pool, each with one reader slot at a time */
#define CHECKPOINT_KEEP_US 10000000LL /* one checkpoint is kept for each 10 s of writing */
#define HEADS_US 86400000000LL        /* ledger.heads is said so often while entries come in */
#define RETENTION_DAYS_MIN                                                                         \
    365                          /* from a deployment's last event; classes of a policy are longer \
                                  */
#define RETENTION_DAYS_MAX 36600 /* the same: a century */
#define CLOCK_LEAP_US 60000000LL /* leap against the monotonic clock that stops admission */

#define PDF_TEXT_BYTES_MAX 32768    /* of one text in a PDF; then it is cut, and says so */
#define PDF_FONT_BYTES_MAX 33554432 /* a file of a font, 32 MiB */

#define CHECKLIST_BYTES_MAX 524288 /* Markdown source of one checklist */
#define CHECKLIST_NODES_MAX 16384  /* nodes of one checklist */
#define CHECKLIST_DEPTH_MAX 16     /* nodes nested in nodes */

#endif
